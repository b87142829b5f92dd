import { Writable } from 'node:stream'
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest'
import { freePort } from '#db/embedded'
import { createTestApp, type TestApp } from '../test/app.ts'
import { createDatabase, type TestDatabase } from '../test/database.ts'
import { listenTo } from '../test/listener.ts'
import { startRedis, type TestRedis } from '../test/redis.ts'

/** Servers that share a database and a Redis, which dies and comes back. */

let database: TestDatabase
let redis: TestRedis
beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database.drop())

const open: TestApp[] = []
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(open.splice(0).map((server) => server.close()))
  await redis.kill()
})

let log = ''
async function start(redisUrl: string, config = {}): Promise<TestApp> {
  const stream = new Writable({
    write: (line, _, done) => {
      log += String(line)
      done()
    },
  })
  const server = await createTestApp({ database, config: { redisUrl, ...config }, logger: { stream } })
  open.push(server)
  return server
}
const connected = (...servers: TestApp[]) =>
  expect
    .poll(() => servers.map(({ app }) => app.redis.status), { timeout: 20_000 })
    .toEqual(servers.map(() => 'ready'))
/** Every server's connection that hears the others is there, so that nothing said from now on is missed. */
const hearing = async (server: TestApp, count: number) => {
  await connected(server)
  await expect
    .poll(async () => (await server.app.redis.pubsub('NUMSUB', 'fieldbook:live'))[1], { timeout: 20_000 })
    .toBe(count)
}
const viewerAt = (server: TestApp) => listenTo(server.app, inject('sessions').viewer.token)
const write = (server: TestApp) => server.as('editor', server.ids.sites.Marketing).create()
const outages = () => log.match(/redis is out of reach/g)?.length ?? 0

test('servers hear of each other’s changes, and of their own without Redis', async () => {
  redis = await startRedis()
  const [one, two] = [await start(redis.url), await start(redis.url)]
  await hearing(one, 2)
  const [here, there] = [await viewerAt(one), await viewerAt(two)]

  let told = [here.nextMessage(), there.nextMessage()]
  await write(one)
  await Promise.all(told)
  // The word that comes back from Redis is not told a second time.
  await one.app.redis.ping()
  await here.roundTrip()
  expect(here.heard).toHaveLength(1)

  // Not theirs: neither is another tenant's on another server.
  await one.as('outsider', one.ids.sites['Head office']).create()
  await one.as('editor', one.ids.sites.Sales).create()
  await one.app.redis.ping()
  await there.roundTrip()
  expect(there.heard).toHaveLength(1)

  log = ''
  await redis.kill()
  await expect.poll(() => two.app.redis.status).not.toBe('ready')
  told = [here.nextMessage()]
  await write(one)
  await Promise.all(told)
  expect(there.heard).toHaveLength(1)

  // Back again, what could not be said is said; and who could not hear asks, in case there was something.
  told = [there.nextMessage()]
  redis = await startRedis(redis.port)
  await hearing(one, 2)
  await Promise.all(told)
  await expect.poll(() => there.heard.length).toBeGreaterThan(1)
  await there.roundTrip()
  const before = there.heard.length
  await write(one)
  await expect.poll(() => there.heard.length).toBeGreaterThan(before)
  expect(outages()).toBe(2)
  expect(log.match(/redis is back/g)).toHaveLength(2)
})

test('what a server could not say it says once it can', async () => {
  redis = await startRedis()
  const [one, two] = [await start(redis.url), await start(redis.url)]
  await hearing(one, 2)
  const there = await viewerAt(two)
  one.app.redis.disconnect()
  await expect.poll(() => one.app.redis.status).toBe('end')
  await write(one)
  await there.roundTrip()
  expect(there.heard).toEqual([])
  const told = there.nextMessage()
  await one.app.redis.connect()
  await told
})

test('while a server cannot hear the others its devices are sent to ask now and then', async () => {
  redis = await startRedis()
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const server = await start(redis.url)
  await hearing(server, 1)
  const viewer = await viewerAt(server)
  await redis.kill()
  await expect.poll(() => server.app.redis.status).not.toBe('ready')
  for (let n = 1; n <= 3; n++) {
    const told = viewer.nextMessage()
    vi.advanceTimersByTime(15_000)
    await told
  }
})

test('Redis away at the start: the server starts, and joins the others when it comes', async () => {
  redis = await startRedis()
  await redis.kill()
  log = ''
  const limits = { rateLimitMax: 3 }
  const [one, two] = [await start(redis.url, limits), await start(redis.url, limits)]
  const read = async (server: TestApp) => (await server.as('colleague').get('/auth/me')).status
  expect([await read(one), await read(two), await read(one), await read(one), await read(one)]).toEqual([
    200, 200, 200, 200, 429,
  ])
  const viewer = await viewerAt(two)
  expect(outages()).toBe(2)

  redis = await startRedis(redis.port)
  await hearing(one, 2)
  await connected(two)
  expect([await read(one), await read(two), await read(one), await read(two)]).toEqual([200, 200, 200, 429])
  const before = viewer.heard.length
  await write(one)
  await expect.poll(() => viewer.heard.length).toBeGreaterThan(before)
})

test('a word that is none is not listened to', async () => {
  redis = await startRedis()
  const server = await start(redis.url)
  await hearing(server, 1)
  const viewer = await viewerAt(server)
  for (const word of ['', '{', 'null', '{"from":1}', '{"from":"x","feeds":"all"}'])
    await server.app.redis.publish('fieldbook:live', word)
  await viewer.roundTrip()
  expect(viewer.heard).toEqual([])
})

test('a server stops while Redis is away', async () => {
  redis = await startRedis()
  await redis.kill()
  await start(`redis://127.0.0.1:${await freePort()}`)
  log = ''
  await open.pop()!.close()
  expect(outages()).toBe(0)
})
