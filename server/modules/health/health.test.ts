import Fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { startRedis } from '../../test/redis.ts'
import { startS3Server } from '../../test/s3-server.ts'
import { healthRoutes } from './health.routes.ts'

let s3: Awaited<ReturnType<typeof startS3Server>>
let server: TestApp
beforeAll(async () => {
  s3 = await startS3Server()
  server = await createTestApp({ config: { s3: s3.settings } })
})
afterAll(async () => {
  await server.close()
  await s3.close()
})

test('whether photos can be kept can be asked, and no more than that', async () => {
  const health = async () => {
    const { status, body } = await server.anonymous().get('/health/storage')
    return { status, body }
  }
  const milliseconds = expect.any(Number) as number
  const up = { status: 200, body: { status: 'UP', milliseconds } }
  expect(await health()).toEqual(up)
  await s3.stop()
  expect(await health()).toEqual({ status: 503, body: { status: 'DOWN', milliseconds } })
  await s3.restart()
  expect(await health()).toEqual(up)
})

test('tokens and sessions are tried, and fail with the database', async () => {
  const away = await createTestApp({ database: server.database })
  const auth = async () => {
    const { status, body } = await away.anonymous().get<{ status: string }>('/health/auth')
    return [status, body.status]
  }
  expect(await auth()).toEqual([200, 'UP'])
  await away.app.knex.destroy()
  expect(await auth()).toEqual([503, 'DOWN'])
  await away.close().catch(() => {})
})

test('a Redis that does not answer degrades a server that goes on; without one nothing is missed', async () => {
  const redis = await startRedis()
  const shared = await createTestApp({ database: server.database, config: { redisUrl: redis.url } })
  const told = async (): Promise<[number, string, string | undefined, string]> => {
    const { status, body } = await shared.anonymous().get<{ status: string; reason?: string }>('/health')
    const { text } = await shared.anonymous().call('GET', '/metrics', { url: '/metrics' })
    return [status, body.status, body.reason, /^fieldbook_redis_up (\d)$/m.exec(text)![1]!]
  }
  expect(await told()).toEqual([200, 'UP', undefined, '1'])
  redis.pause()
  expect(await told()).toEqual([200, 'DEGRADED', 'redis_away', '0'])
  redis.resume()
  expect(await told()).toEqual([200, 'UP', undefined, '1'])
  await redis.kill()
  expect(await told()).toEqual([200, 'DEGRADED', 'redis_away', '0'])
  await shared.close()

  expect((await server.anonymous().get<{ status: string }>('/health')).body.status).toBe('UP')
  const { text } = await server.anonymous().call('GET', '/metrics', { url: '/metrics' })
  expect(text).not.toContain('fieldbook_redis_up')
})

test('however many ask at once, the storage is asked once', async () => {
  const app = Fastify()
  let asked = 0
  const answered = Promise.withResolvers<void>()
  healthRoutes(app, {
    version: '',
    publicKeys: () => [],
    isEnding: () => false,
    redisAnswers: () => Promise.resolve(true),
    checkAuth: () => Promise.resolve(),
    checkStorage: () => (asked++, answered.promise),
  })
  const answers = Array.from({ length: 5 }, () => app.inject('/health/storage'))
  await app.inject('/health')
  answered.resolve()
  expect((await Promise.all(answers)).map(({ statusCode }) => statusCode)).toEqual(Array(5).fill(200))
  expect(asked).toBe(1)
  expect((await app.inject('/health/storage')).statusCode).toBe(200)
  expect(asked).toBe(2)
  await app.close()
})
