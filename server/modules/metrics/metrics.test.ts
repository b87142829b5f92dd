import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestApp, type TestApp } from '../../test/app.ts'

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

const scrape = async (
  of: TestApp = server,
  headers: Record<string, string> = {},
  remoteAddress = '127.0.0.1',
) => {
  const answer = await of.app.inject({ url: '/metrics', headers, remoteAddress })
  return { status: answer.statusCode, text: answer.body, type: answer.headers['content-type'] }
}

/** What a series is at; null where there is none like it. */
function valueOf(text: string, name: string, labels: Record<string, string | number> = {}): number | null {
  const line = text
    .split('\n')
    .find(
      (each) =>
        (each.startsWith(`${name}{`) || each.startsWith(`${name} `)) &&
        Object.entries(labels).every(([label, value]) => each.includes(`${label}="${value}"`)),
    )
  return line === undefined ? null : Number(line.split(' ').at(-1))
}

test('requests are counted by route and answer, and nothing of what was asked is told', async () => {
  const secret = 'Confidential meeting'
  const admin = server.as('admin', server.ids.sites.Marketing)
  const { id } = await admin.create({ title: secret })
  await admin.get(`/interactions/${id}`)
  await admin.get(`/interactions/${randomUUID()}`)
  await admin.get(`/interactions?search=${encodeURIComponent(secret)}`)
  await server.anonymous().get('/interactions')
  await server.anonymous().post('/auth/login', { username: secret, password: secret })
  await server.app.inject(`/${encodeURIComponent(secret)}`)
  const { status, text, type } = await scrape()
  expect([status, type]).toEqual([200, expect.stringMatching(/^text\/plain/)])
  const count = (labels: Record<string, string | number>) =>
    valueOf(text, 'fieldbook_http_request_duration_seconds_count', labels)
  expect(count({ method: 'GET', route: '/api/v1/interactions/:id', status: 200 })).toBe(1)
  expect(count({ method: 'GET', route: '/api/v1/interactions/:id', status: 404 })).toBe(1)
  expect(count({ method: 'GET', route: '/api/v1/interactions', status: 401 })).toBe(1)
  expect(count({ method: 'POST', route: '/api/v1/auth/login', status: 401 })).toBe(1)
  expect(count({ method: 'GET', route: 'none', status: 404 })).toBe(1)
  for (const told of [secret, encodeURIComponent(secret), id, 'admin', server.ids.sites.Marketing])
    expect(text).not.toContain(told)
})

test('statements are counted by kind, and those that fail apart', async () => {
  const before = await scrape()
  const of = (text: string, kind: string, result: string) =>
    valueOf(text, 'fieldbook_db_query_duration_seconds_count', { kind, result }) ?? 0
  await server.app.knex.raw('SELECT 1')
  await expect(server.app.knex.raw('SELECT 1 / 0')).rejects.toThrow()
  await server.as('admin', server.ids.sites.Marketing).create()
  const after = await scrape()
  expect(of(after.text, 'select', 'failed') - of(before.text, 'select', 'failed')).toBe(1)
  for (const kind of ['select', 'insert'])
    expect(of(after.text, kind, 'ok')).toBeGreaterThan(of(before.text, kind, 'ok'))
})

test('the pool, the version, the queues and what waits on devices are told', async () => {
  await server.database.owner.query('UPDATE sessions SET waiting = NULL, oldest_waiting_at = NULL')
  await server.database.owner.query(
    `UPDATE sessions SET waiting = 7, oldest_waiting_at = now() - interval '1 hour'
     WHERE id = (SELECT id FROM sessions WHERE revoked_at IS NULL AND expires_at > now() LIMIT 1)`,
  )
  const fresh = await createTestApp({ database: server.database })
  const { text } = await scrape(fresh)
  expect(valueOf(text, 'fieldbook_db_pool_max')).toBe(10)
  expect(valueOf(text, 'fieldbook_db_pool_waiting')).toBe(0)
  expect(valueOf(text, 'fieldbook_info')).toBe(1)
  expect(valueOf(text, 'fieldbook_jobs', { queue: 'mail', state: 'waiting' })).toBe(0)
  expect(valueOf(text, 'fieldbook_devices', { state: 'waiting' })).toBe(1)
  expect(valueOf(text, 'fieldbook_device_outbox_edits')).toBe(7)
  expect(valueOf(text, 'fieldbook_device_outbox_oldest_seconds')).toBeCloseTo(3600, -2)
  await fresh.close()
})

test('without a token they are for this machine alone, with one for whoever brings it', async () => {
  expect((await scrape(server, {}, '192.0.2.1')).status).toBe(403)
  expect((await scrape(server, { 'x-forwarded-for': '192.0.2.1' })).status).toBe(403)
  const token = 'a token of enough letters'
  const guarded = await createTestApp({ database: server.database, config: { metricsToken: token } })
  expect((await scrape(guarded)).status).toBe(401)
  expect((await scrape(guarded, { authorization: `Bearer ${token}x` })).status).toBe(401)
  expect((await scrape(guarded, { authorization: `Bearer ${token}` }, '192.0.2.1')).status).toBe(200)
  await guarded.close()
})

test('a database that is away takes away what waits, and no more', async () => {
  const away = await createTestApp({ database: server.database })
  await away.app.knex.destroy()
  const { status, text } = await scrape(away)
  expect(status).toBe(200)
  expect(valueOf(text, 'fieldbook_info')).toBe(1)
  expect(text).not.toMatch(/^fieldbook_(jobs|devices|device_outbox_\w+)[ {]/m)
  await away.close().catch(() => {})
})
