import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { meeting } from './test/app.ts'
import { startBalancer } from './test/balancer.ts'
import { createDatabase, type TestDatabase } from './test/database.ts'
import { type Running, runServer } from './test/process.ts'
import { startRedis, type TestRedis } from './test/redis.ts'

/** Two servers, a worker and Redis on one database, behind a balancer and under load: any of them may go. */

let database: TestDatabase
let redis: TestRedis
let balancer: Awaited<ReturnType<typeof startBalancer>>
beforeAll(async () => {
  database = await createDatabase()
  redis = await startRedis()
  balancer = await startBalancer()
})
afterAll(async () => {
  await balancer.close()
  await redis.kill()
  await database.drop()
})

const settings = () => ({
  DATABASE_URL: database.url,
  REDIS_URL: redis.url,
  JWT_PRIVATE_KEY: inject('jwtPrivateKey'),
  LOG_LEVEL: 'info',
  RATE_LIMIT_MAX: '1000000',
  RATE_LIMIT_WRITE_MAX: '1000000',
  RATE_LIMIT_ADDRESS_MAX: '1000000',
  RATE_LIMIT_TENANT_MAX: '1000000',
})

type Server = Running & { at: string }

async function startServer(more: Record<string, string> = {}): Promise<Server> {
  const server = runServer({ ...settings(), JOBS: 'off', ...more })
  const at = await server.url
  await balancer.add(at)
  return { ...server, at }
}

async function startWorker(): Promise<Running> {
  const worker = runServer(settings(), ['worker'])
  await worker.url
  return worker
}

async function kill({ child, ended }: Running): Promise<void> {
  child.kill('SIGKILL')
  await ended
}

const ask = (method: string, path: string, body?: object) =>
  fetch(`${balancer.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${inject('sessions').editor.token}`,
      'x-site-id': inject('ids').sites.Marketing,
      'content-type': 'application/json',
    },
    ...(body && { body: JSON.stringify(body) }),
  })

/**
 * Some who save one record after the other, each until it is acknowledged, and look at their session in between.
 * `unanswered` are the answers of which nobody knows what they mean for the record; `lost` those that end a session.
 */
function startLoad() {
  const acknowledged: string[] = []
  const unanswered: number[] = []
  const lost: number[] = []
  let goesOn = true
  const waiting: { count: number; reached: () => void }[] = []

  async function write(): Promise<void> {
    while (goesOn) {
      const id = randomUUID()
      for (;;) {
        const { status } = await ask('POST', '/interactions', { ...meeting, id })
        if (status === 201) break
        if (status === 401) lost.push(status)
        unanswered.push(status)
        // As an app would, which is told no sooner either.
        await delay(50)
      }
      acknowledged.push(id)
      for (const each of waiting) if (acknowledged.length >= each.count) each.reached()
      const { status } = await ask('GET', '/auth/me')
      if (status === 401) lost.push(status)
      else if (status !== 200) unanswered.push(status)
    }
  }
  const writers = Array.from({ length: 4 }, write)
  return {
    acknowledged,
    unanswered,
    lost,
    /** Resolves when so many more were acknowledged. */
    async more(count: number): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push({ count: acknowledged.length + count, reached: resolve })
      await promise
    },
    async end(): Promise<void> {
      goesOn = false
      await Promise.all(writers)
    },
  }
}

async function kept(ids: readonly string[]): Promise<number> {
  const { rows } = await database.owner.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM interactions WHERE id = ANY ($1)',
    [ids],
  )
  return rows[0]!.count
}

test('kill -9 of any loses no acknowledged write and no session, and the others go on', async () => {
  let servers = [await startServer(), await startServer()]
  let worker = await startWorker()
  const load = startLoad()
  await load.more(20)
  for (const index of [0, 1]) {
    await kill(servers[index]!)
    await load.more(20)
    balancer.remove(servers[index]!.at)
    servers = servers.with(index, await startServer())
    await load.more(20)
  }

  await kill(worker)
  await ask('POST', '/auth/forgot-password', { account: 'editor' })
  await load.more(20)
  worker = await startWorker()
  const jobs = async () =>
    (
      await database.owner.query<{ state: string }>(`SELECT state FROM pgboss.job WHERE name = 'mail'`)
    ).rows.map(({ state }) => state)
  await expect.poll(jobs, { timeout: 30_000 }).toEqual(['completed'])

  // Without Redis each server keeps to itself.
  await redis.kill()
  const before = load.unanswered.length
  await load.more(40)
  expect(load.unanswered).toHaveLength(before)
  redis = await startRedis(redis.port)
  await servers[0]!.says(/redis is back/)
  await load.more(20)

  await load.end()
  expect(load.lost).toEqual([])
  expect(load.unanswered.filter((status) => status !== 502 && status !== 503)).toEqual([])
  expect(await kept(load.acknowledged)).toBe(load.acknowledged.length)
  for (const { child, ended } of [...servers, worker]) {
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  }
  for (const { at } of servers) balancer.remove(at)
}, 120_000)

test('one new server after the other takes the place of an old one, and every request is answered', async () => {
  const drained = { DRAIN_SECONDS: '1' }
  const old = [await startServer(drained), await startServer(drained)]
  const load = startLoad()
  await load.more(20)
  const servers: Server[] = []
  for (const server of old) {
    servers.push(await startServer(drained))
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    balancer.remove(server.at)
    await load.more(20)
  }
  await load.end()
  expect([load.unanswered, load.lost]).toEqual([[], []])
  expect(await kept(load.acknowledged)).toBe(load.acknowledged.length)
  for (const { child, ended } of servers) {
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  }
}, 120_000)
