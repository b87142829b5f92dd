import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestApp, meeting, type TestApp } from '../test/app.ts'
import { createDatabase, type TestDatabase } from '../test/database.ts'
import { createDevice } from '../test/device.ts'
import { password } from '../test/fixture.ts'
import { createProxy } from '../test/proxy.ts'

let database: TestDatabase
let wire: Awaited<ReturnType<typeof createProxy>>
let server: TestApp
beforeAll(async () => {
  database = await createDatabase()
  wire = await createProxy(database.url)
  server = await createTestApp({ database, databaseUrl: wire.url })
})
afterAll(async () => {
  await server.close()
  await wire.cut()
  await database.drop()
})

const health = (path = '') =>
  server.anonymous().get<{ status: string; version?: string; milliseconds?: number }>(`/health${path}`)
const unavailable = {
  status: 503,
  error: {
    code: 'SERVICE_UNAVAILABLE',
    message: 'The server cannot do this right now; try again in a moment',
  },
}

test('the health of the server and of its database can be asked', async () => {
  expect(await health()).toMatchObject({
    status: 200,
    body: { status: 'UP', version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string },
  })
  expect(await health('/db')).toMatchObject({
    status: 200,
    body: { status: 'UP', milliseconds: expect.any(Number) as number },
  })
})

describe('while the database is away', () => {
  beforeAll(() => wire.cut())

  test('the server is up, its database down', async () => {
    expect((await health()).status).toBe(200)
    const answer = await health('/db')
    expect(answer).toMatchObject({ status: 503, body: { status: 'DOWN' } })
    expect(Object.keys(answer.body)).toEqual(['status', 'milliseconds'])
  })

  test('every request is told to come back, and no more than that', async () => {
    const editor = server.as('editor', server.ids.sites.Marketing)
    const device = createDevice(server.ids.sites.Marketing)
    for (const answer of [
      await editor.list(),
      await editor.post('/interactions', meeting),
      await editor.post('/sync/push', { deviceId: device.id, mutations: [device.create()] }),
      await editor.get(`/sync/pull?deviceId=${randomUUID()}`),
      await editor.get('/auth/me'),
      await server.anonymous().post('/auth/login', { username: 'editor', password }),
      await server.anonymous().post('/auth/refresh', { refreshToken: `${randomUUID()}.${'a'.repeat(43)}` }),
    ]) {
      expect(answer).toMatchObject(unavailable)
      expect(answer.text).not.toMatch(/ECONN|127\.0\.0\.1|stack|select/i)
    }
  })

  test('when it is back the server goes on by itself', async () => {
    await wire.mend()
    expect((await health('/db')).body.status).toBe('UP')
    expect((await server.as('editor', server.ids.sites.Marketing).list()).status).toBe(200)
  })
})

/** Somebody else holds the record until told to let go. */
async function held(id: string) {
  const holder = await database.owner.connect()
  await holder.query('BEGIN')
  await holder.query('SELECT FROM interactions WHERE id = $1 FOR UPDATE', [id])
  return async () => {
    await holder.query('ROLLBACK')
    holder.release()
  }
}
const waiting = async () => {
  const { rows } = await database.owner.query(
    `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
  )
  return rows.length
}

test('a request whose connection breaks half way is told to come back, and has changed nothing', async () => {
  const editor = server.as('editor', server.ids.sites.Marketing)
  const record = await editor.create()
  const letGo = await held(record.id)
  const answer = editor.put(`/interactions/${record.id}`, { title: 'Half way', version: 1 })
  await expect.poll(waiting).toBe(1)
  await wire.cut()
  expect(await answer).toMatchObject(unavailable)
  await wire.mend()
  await letGo()
  const { body } = await editor.get<{ interaction: object }>(`/interactions/${record.id}`)
  expect(body.interaction).toEqual(record)
})

test('a statement that takes longer than three seconds is given up', async () => {
  const editor = server.as('editor', server.ids.sites.Marketing)
  const record = await editor.create()
  const letGo = await held(record.id)
  const started = performance.now()
  expect(await editor.put(`/interactions/${record.id}`, { title: 'Too long', version: 1 })).toMatchObject(
    unavailable,
  )
  expect(performance.now() - started).toBeGreaterThan(2900)
  await letGo()
  expect((await editor.put(`/interactions/${record.id}`, { title: 'In time', version: 1 })).status).toBe(200)
})

test('more at once than there are connections take turns', async () => {
  const editor = server.as('editor', server.ids.sites.Marketing)
  const answers = await Promise.all(Array.from({ length: 60 }, () => editor.list()))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
})
