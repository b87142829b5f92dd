import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AppOptions } from '../app.ts'
import { type Answer, createTestApp, meeting, type TestApp } from '../test/app.ts'
import { createDatabase, type TestDatabase } from '../test/database.ts'
import { password, type PersonName } from '../test/fixture.ts'
import { startRedis, type TestRedis } from '../test/redis.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database.drop())

const open: TestApp[] = []
const limits = { rateLimitMax: 5, rateLimitWriteMax: 3, rateLimitAuthMax: 2, rateLimitUploadMax: 4 }
async function start(
  redisUrl: string | null = null,
  more: Partial<AppOptions['config']> = {},
): Promise<TestApp> {
  const server = await createTestApp({ database, config: { ...limits, redisUrl, ...more } })
  open.push(server)
  return server
}
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(open.splice(0).map((server) => server.close()))
})

const read = (server: TestApp, person: PersonName = 'viewer', headers = {}) =>
  server.as(person).get('/auth/me', headers)
const write = (server: TestApp, person: PersonName = 'editor') =>
  server.as(person, server.ids.sites.Marketing).post('/interactions', meeting)
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

  test('are counted apart for reading, writing, pictures and signing in', async () => {
    const server = await start()
    const picture = () => server.as('editor').get(`/infographics/${randomUUID()}/content`)
    expect(await statuses(5, picture)).toEqual([404, 404, 404, 404, 429])
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

describe('all who share something', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const told = ({ status, headers }: Answer<unknown>) => [
    status,
    headers['x-ratelimit-limit'],
    headers['x-ratelimit-remaining'],
  ]

  test('an organisation has an allowance of its own: what is left least is told, and refused', async () => {
    const server = await start(null, { rateLimitTenantMax: 7 })
    expect(told(await read(server, 'viewer'))).toEqual([200, '5', '4'])
    expect(await statuses(4, () => read(server, 'viewer'))).toEqual([200, 200, 200, 200])
    expect(told(await read(server, 'manager'))).toEqual([200, '7', '1'])
    expect(told(await read(server, 'admin'))).toEqual([200, '7', '0'])
    const refused = await read(server, 'colleague')
    expect(told(refused)).toEqual([429, '7', '0'])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50)
    // Whatever the kind, and nobody else's.
    expect((await write(server, 'manager')).status).toBe(429)
    expect(told(await read(server, 'outsider'))).toEqual([200, '5', '4'])
  })

  test('one who has used up theirs takes nothing from the others', async () => {
    const server = await start(null, { rateLimitTenantMax: 8, rateLimitAddressMax: 8 })
    expect(
      (await statuses(20, () => read(server, 'viewer'))).filter((status) => status === 200),
    ).toHaveLength(5)
    expect(await statuses(3, () => read(server, 'manager'))).toEqual([200, 200, 200])
  })

  test('behind one address there are many people, and an address may do more than one of them', async () => {
    const server = await start(null, { rateLimitAddressMax: 12, trustProxy: ['127.0.0.1'] })
    const people = ['viewer', 'manager', 'colleague', 'outsider'] as const
    const seen: number[] = []
    for (const person of people) {
      for (let n = 0; n < 4; n++) seen.push((await read(server, person, from('203.0.113.7'))).status)
    }
    expect(seen).toEqual([...Array<number>(12).fill(200), ...Array<number>(4).fill(429)])
    expect((await read(server, 'outsider', from('203.0.113.8'))).status).toBe(200)
    // Strangers there use up their own.
    expect((await server.anonymous().get('/auth/me', from('203.0.113.7'))).status).toBe(401)
  })

  test('whoever has an address of IPv6 has its whole network', async () => {
    const server = await start(null, { trustProxy: ['127.0.0.1'] })
    const signIn = (address: string) => server.anonymous().post('/auth/login', {}, from(address))
    expect((await signIn('2001:db8:1:2::1')).status).toBe(400)
    expect((await signIn('2001:db8:1:2:ffff::9')).status).toBe(400)
    expect((await signIn('2001:db8:1:2::3')).status).toBe(429)
    expect((await signIn('2001:db8:1:3::3')).status).toBe(400)
  })

  test('sessions are refreshed by each for itself, and by as many as share the address', async () => {
    const server = await start(null, { rateLimitAddressMax: 6 })
    const refresh = (name: string, n: number) =>
      server.anonymous().post('/auth/refresh', { refreshToken: `${name.repeat(20)}.${n}` })
    expect(told(await refresh('a', 1))).toEqual([401, '2', '1'])
    expect((await refresh('a', 2)).status).toBe(401)
    expect(told(await refresh('a', 3))).toEqual([429, '2', '0'])
    expect((await refresh('b', 1)).status).toBe(401)
    expect((await refresh('c', 1)).status).toBe(401)
    expect((await refresh('d', 1)).status).toBe(401)
    expect(told(await refresh('e', 1))).toEqual([429, '6', '0'])
  })
})

describe('an address that is only claimed', () => {
  const claiming = (server: TestApp, address: string) =>
    server.anonymous().get('/auth/me', { 'x-forwarded-for': address })

  test('is not believed', async () => {
    const server = await start()
    const claimed = ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4', '203.0.113.5', '203.0.113.6']
    const seen = await Promise.all(claimed.map(async (address) => (await claiming(server, address)).status))
    expect(seen.filter((status) => status === 401)).toHaveLength(5)
    expect(seen.filter((status) => status === 429)).toHaveLength(1)
  })

  test('is believed of the balancer, but not what its client wrote before', async () => {
    const server = await start(null, { trustProxy: ['127.0.0.0/8'] })
    expect(await statuses(6, () => claiming(server, '203.0.113.1'))).toEqual([401, 401, 401, 401, 401, 429])
    expect((await claiming(server, '203.0.113.2')).status).toBe(401)
    expect((await claiming(server, '198.51.100.1, 203.0.113.1')).status).toBe(429)
  })

  test('is written down only if it is believed', async () => {
    for (const [trustProxy, address] of [
      [[], '127.0.0.1'],
      [['127.0.0.1'], '203.0.113.9'],
    ] as const) {
      const server = await start(null, { trustProxy: [...trustProxy] })
      const headers = { 'x-forwarded-for': '203.0.113.9' }
      await server.anonymous().post('/auth/login', { username: 'viewer', password }, headers)
      const { rows } = await database.owner.query<{ address: string }>(
        `SELECT address FROM audit_logs WHERE action = 'session.started' ORDER BY feed_id, position DESC LIMIT 1`,
      )
      expect(rows).toEqual([{ address }])
    }
  })
})

describe('with Redis', () => {
  let redis: TestRedis
  beforeEach(async () => {
    redis = await startRedis()
  })
  afterEach(() => redis.kill())

  test('two servers count together; when it is gone each counts by itself; when it is back they count together again', async () => {
    const [one, two] = [await start(redis.url), await start(redis.url)]
    await expect.poll(() => [one.app.redis.status, two.app.redis.status]).toEqual(['ready', 'ready'])
    expect(await statuses(3, () => read(one))).toEqual([200, 200, 200])
    expect(await statuses(3, () => read(two))).toEqual([200, 200, 429])
    expect((await read(one)).status).toBe(429)
    expect((await read(one)).headers['x-ratelimit-limit']).toBe('5')

    await redis.kill()
    for (const server of [one, two]) {
      // What was used up stays so; nobody gains by the outage.
      expect((await statuses(7, () => read(server))).filter((status) => status === 200).length).toBeLessThan(
        5,
      )
      const alone = await statuses(7, () => read(server, 'manager'))
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

  test('organisations and addresses are counted together too, and on each server while it is gone', async () => {
    const more = { rateLimitTenantMax: 6 }
    const [one, two] = [await start(redis.url, more), await start(redis.url, more)]
    await expect.poll(() => [one.app.redis.status, two.app.redis.status]).toEqual(['ready', 'ready'])
    expect(await statuses(4, () => read(one, 'outsider'))).toEqual([200, 200, 200, 200])
    await redis.kill()
    const alone = await statuses(4, () => read(two, 'colleague'))
    expect(alone).toEqual([200, 200, 200, 200])
    expect(await statuses(3, () => read(two, 'admin'))).toEqual([200, 200, 429])
  })

  test('what is decided while it is gone counts at once', async () => {
    const server = await start(redis.url, { rateLimitMax: 100 })
    await expect.poll(() => server.app.redis.status).toBe('ready')
    const list = () => server.as('colleague', server.ids.sites.Marketing).get('/interactions')
    expect((await list()).status).toBe(200)
    await redis.kill()
    expect((await list()).status).toBe(200)
    const membership = [server.ids.users.colleague, server.ids.sites.Marketing]
    await database.owner.query('DELETE FROM user_sites WHERE user_id = $1 AND site_id = $2', membership)
    expect((await list()).status).toBe(404)
    await database.owner.query('UPDATE users SET active = false WHERE id = $1', [server.ids.users.colleague])
    expect((await list()).status).toBe(401)
    await database.owner.query('UPDATE users SET active = true WHERE id = $1', [server.ids.users.colleague])
  })

  test('a Redis that does not answer slows one request, not all, and lets none through', async () => {
    const server = await start(redis.url)
    await expect.poll(() => server.app.redis.status).toBe('ready')
    const asked = vi.spyOn(server.app.redis, 'rateLimit' as 'get')
    redis.pause()
    try {
      expect(await statuses(7, () => read(server, 'admin'))).toEqual([200, 200, 200, 200, 200, 429, 429])
      expect(asked.mock.calls.length).toBeLessThan(5)
    } finally {
      redis.resume()
    }
  })
})
