import { afterEach, afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Answer, createTestApp, meeting, type TestApp } from '../test/app.ts'
import { createDatabase, type TestDatabase } from '../test/database.ts'
import { password } from '../test/fixture.ts'
import { startRedis, type TestRedis } from '../test/redis.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database.drop())

const open: TestApp[] = []
const limits = { rateLimitMax: 5, rateLimitWriteMax: 3, rateLimitAuthMax: 2 }
async function start(redisUrl: string | null = null): Promise<TestApp> {
  const server = await createTestApp({ database, config: { ...limits, redisUrl } })
  open.push(server)
  return server
}
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(open.splice(0).map((server) => server.close()))
})

const read = (server: TestApp, person: 'editor' | 'viewer' = 'viewer') => server.as(person).get('/auth/me')
const write = (server: TestApp) =>
  server.as('editor', server.ids.sites.Marketing).post('/interactions', meeting)
const statuses = async (times: number, ask: () => Promise<Answer<unknown>>) => {
  const seen: number[] = []
  for (let n = 0; n < times; n++) seen.push((await ask()).status)
  return seen
}

describe('requests a minute', () => {
  test('are told in every answer, and the one too many when to come back', async () => {
    const server = await start()
    for (const left of ['4', '3', '2', '1', '0']) {
      expect(await read(server)).toMatchObject({
        status: 200,
        headers: { 'x-ratelimit-limit': '5', 'x-ratelimit-remaining': left },
      })
    }
    const refused = await read(server)
    expect(refused).toMatchObject({
      status: 429,
      error: { code: 'RATE_LIMITED' },
      headers: { 'x-ratelimit-remaining': '0' },
    })
    const seconds = Number(refused.headers['retry-after'])
    expect(seconds).toBeGreaterThan(50)
    expect(seconds).toBeLessThanOrEqual(60)
    expect(refused.headers['x-ratelimit-reset']).toBe(refused.headers['retry-after'])
    expect(refused.error.message).toBe(`Too many requests; try again in ${seconds} seconds`)
  })

  test('are counted by person, not by address', async () => {
    const server = await start()
    expect(await statuses(6, () => read(server, 'viewer'))).toEqual([200, 200, 200, 200, 200, 429])
    expect((await read(server, 'editor')).status).toBe(200)
  })

  test('are counted apart for reading, writing and signing in', async () => {
    const server = await start()
    expect(await statuses(4, () => write(server))).toEqual([201, 201, 201, 429])
    expect((await read(server, 'editor')).status).toBe(200)
    const signIn = () => server.anonymous().post('/auth/login', { username: 'viewer', password })
    expect(await statuses(3, signIn)).toEqual([200, 200, 429])
    expect((await server.as('editor').post('/auth/logout', {})).status).toBe(200)
  })

  test('that are refused count too', async () => {
    const server = await start()
    const viewer = server.as('viewer')
    expect(await statuses(4, () => viewer.post('/interactions', meeting))).toEqual([403, 403, 403, 429])
    expect(await statuses(6, () => viewer.get('/interactions?page=none'))).toEqual([
      400, 400, 400, 400, 400, 429,
    ])
  })

  test('of nobody in particular are counted by address, with bad tokens and with none', async () => {
    const server = await start()
    expect(await statuses(3, () => server.anonymous('garbage').get('/auth/me'))).toEqual([401, 401, 401])
    expect(await statuses(3, () => server.anonymous().get('/interactions'))).toEqual([401, 401, 429])
    expect((await read(server)).status).toBe(200)
  })

  test('begin anew after a minute', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const server = await start()
    expect((await statuses(6, () => read(server))).at(-1)).toBe(429)
    vi.advanceTimersByTime(59_000)
    expect((await read(server)).status).toBe(429)
    vi.advanceTimersByTime(2_000)
    expect((await read(server)).status).toBe(200)
  })

  test('are not counted for those who watch the server, nor for the documentation', async () => {
    const server = await start()
    for (const url of ['/health', '/.well-known/jwks.json', '/api/docs/json']) {
      expect(new Set(await statuses(7, () => server.anonymous().get(url)))).toEqual(new Set([200]))
    }
  })
})

describe('with Redis', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.kill())

  test('two servers count together; when it is gone each counts by itself; when it is back they count together again', async () => {
    const [one, two] = [await start(redis.url), await start(redis.url)]
    await expect.poll(() => [one.app.redis.status, two.app.redis.status]).toEqual(['ready', 'ready'])
    expect(await statuses(3, () => read(one))).toEqual([200, 200, 200])
    expect(await statuses(3, () => read(two))).toEqual([200, 200, 429])
    expect((await read(one)).status).toBe(429)
    expect((await read(one)).headers['x-ratelimit-limit']).toBe('5')

    await redis.kill()
    for (const server of [one, two]) {
      const alone = await statuses(7, () => read(server))
      expect(alone).toEqual([200, 200, 200, 200, 200, 429, 429])
    }

    redis = await startRedis(redis.port)
    await expect
      .poll(() => [one.app.redis.status, two.app.redis.status], { timeout: 10_000 })
      .toEqual(['ready', 'ready'])
    expect(await statuses(3, () => read(one))).toEqual([200, 200, 200])
    expect(await statuses(3, () => read(two))).toEqual([200, 200, 429])
  })

  test('a server starts, limits and stops while Redis is away', async () => {
    const server = await start('redis://127.0.0.1:1')
    expect(await statuses(6, () => read(server))).toEqual([200, 200, 200, 200, 200, 429])
  })
})
