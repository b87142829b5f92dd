import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Session, SignedIn } from '#common/contract/auth'
import { type Device, type DevicePage, type DeviceReport, overForDays } from '#common/contract/devices'
import { brokenChains } from '../../test/audit-chain.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { password, type PersonName } from '../../test/fixture.ts'
import { indexes, kinds, nodes, type PlanNode } from '../../test/plans.ts'
import { asApp } from '../../test/scoped.ts'
import { seenEvery } from './devices.service.ts'

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

const sql = async <Row>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as Row[]

async function signIn(username: PersonName, deviceName?: string) {
  const body = { username, password, ...(deviceName && { deviceName }) }
  const { body: signedIn } = await server.anonymous().post<SignedIn>('/auth/login', body)
  return {
    ...signedIn,
    client: server.anonymous(signedIn.token),
    id: signedIn.refreshToken.split('.')[0]!,
  }
}

const report = (more: Partial<DeviceReport> = {}): DeviceReport => ({
  appVersion: '1.4.0',
  platform: 'Windows 10.0.26100',
  waiting: 0,
  oldestWaitingFor: null,
  lastError: null,
  ...more,
})

async function list(query = '', person: PersonName = 'admin'): Promise<DevicePage> {
  const answer = await server.as(person).get<DevicePage>(`/admin/devices${query}`)
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.body
}
const find = async (id: string): Promise<Device | undefined> =>
  (await list('?pageSize=100')).devices.find((device) => device.id === id)
const names = ({ devices }: DevicePage) => devices.map(({ deviceName }) => deviceName)
/** As if all that happened to it had happened so many days earlier. */
const idle = (id: string, days: number) =>
  sql(
    `UPDATE sessions SET (created_at, last_used_at, rotated_at, expires_at, reported_at, oldest_waiting_at, last_error_at) =
       (SELECT created_at - ago, last_used_at - ago, rotated_at - ago, expires_at - ago, reported_at - ago,
          oldest_waiting_at - ago, last_error_at - ago FROM make_interval(days => $2) AS ago)
     WHERE id = $1`,
    [id, days],
  )
const ago = (instant: string | null) => Math.round((Date.now() - Date.parse(instant!)) / 1000)

describe('the devices of an organisation', () => {
  beforeAll(async () => {
    const lastError = { code: 'INTERNAL_ERROR', ago: 60 }
    const laptop = await signIn('editor', 'Édith’s Laptop')
    // It is well since.
    await laptop.client.put('/auth/device', report({ lastError: { ...lastError, ago: 25 * 3600 } }))
    const tablet = await signIn('editor', 'Old tablet')
    await tablet.client.put('/auth/device', report({ waiting: 1, oldestWaitingFor: 60, lastError }))
    await idle(tablet.id, 10)
    const stuck = await signIn('viewer', 'Depot 100%')
    await stuck.client.put('/auth/device', report({ waiting: 3, oldestWaitingFor: 7200, lastError }))
    const gone = await signIn('colleague', 'Signed out')
    await gone.client.post('/auth/logout', {})
    const over = await signIn('colleague', 'Over for long')
    await idle(over.id, overForDays + 1)
    await signIn('outsider', 'Elsewhere')
  })

  test('are those somebody of it is signed in on, or was for months, whichever was used last first', async () => {
    const { devices, total, page, pageSize } = await list()
    expect({ total, page, pageSize }).toEqual({ total: devices.length, page: 1, pageSize: 25 })
    expect(names({ devices } as DevicePage).filter((name) => name)).toEqual([
      'Depot 100%',
      'Édith’s Laptop',
      'Old tablet',
    ])
    expect(devices.filter(({ isOver }) => isOver)).toMatchObject([
      { deviceName: 'Old tablet', waiting: 1, lastError: { code: 'INTERNAL_ERROR' } },
    ])
    expect(devices.find(({ isThis }) => isThis)).toMatchObject({
      user: { username: 'admin' },
      isOver: false,
      deviceName: null,
      reportedAt: null,
      waiting: null,
    })
    expect(devices.filter(({ isThis }) => isThis)).toHaveLength(1)
    expect(devices[0]).toMatchObject({
      user: { id: server.ids.users.viewer, username: 'viewer' },
      appVersion: '1.4.0',
      platform: 'Windows 10.0.26100',
      waiting: 3,
      lastError: { code: 'INTERNAL_ERROR' },
    })
    expect(ago(devices[0]!.oldestWaitingAt)).toBeGreaterThanOrEqual(7199)
    expect(ago(devices[0]!.oldestWaitingAt)).toBeLessThan(7260)
    expect(ago(devices[0]!.lastError!.at)).toBeGreaterThanOrEqual(59)
    expect(names(await list('', 'outsider'))).toContain('Elsewhere')
  })

  test.each<[string, string, (string | null)[]]>([
    ['what a device is called, however it is written', '?search=LAPTOP%20edith', ['Édith’s Laptop']],
    ['whose it is', '?search=edith', ['Édith’s Laptop', 'Old tablet', null]],
    ['both', '?search=edith%20tablet', ['Old tablet']],
    ['signs that mean something in SQL', '?search=100%25', ['Depot 100%']],
    ['what is nowhere', '?search=100_', []],
    ['not seen for long', '?state=unseen', ['Old tablet']],
    ['with unsent work', '?state=waiting', ['Depot 100%', 'Old tablet']],
    ['with an error of when they were last seen', '?state=failing', ['Depot 100%', 'Old tablet']],
  ])('are narrowed to %s', async (_, query, expected) => {
    const found = await list(`${query}&sort=device`)
    expect(names(found)).toEqual(expected)
    expect(found.total).toBe(expected.length)
  })

  test('are sorted and come in pages', async () => {
    expect(names(await list('?search=e&sort=device')).slice(0, 3)).toEqual([
      'Depot 100%',
      'Édith’s Laptop',
      'Old tablet',
    ])
    expect(names(await list('?sort=oldestWaitingAt&pageSize=2'))).toEqual(['Old tablet', 'Depot 100%'])
    expect(names(await list('?sort=lastUsedAt&pageSize=1'))).toEqual(['Old tablet'])
    const people = (await list('?sort=person&pageSize=100')).devices.map(({ user }) => user.displayName)
    expect(people).toEqual(people.toSorted((a, b) => a.localeCompare(b)))
    const whole = (await list('?sort=-person&pageSize=100')).devices.map(({ id }) => id)
    const met: string[] = []
    for (let page = 1; met.length < whole.length; page++) {
      met.push(...(await list(`?sort=-person&pageSize=2&page=${page}`)).devices.map(({ id }) => id))
    }
    expect(met).toEqual(whole)
    expect((await server.as('admin').get('/admin/devices?sort=token_hash')).status).toBe(400)
  })

  test('one that signed out by itself is there until its person signs in on it again', async () => {
    const before = await signIn('manager', 'Folding screen')
    const beside = await signIn('manager', 'Wall screen')
    await idle(before.id, 2)
    await idle(beside.id, 2)
    expect((await before.client.get('/auth/me')).status).toBe(401)
    expect(await find(before.id)).toMatchObject({ isOver: true })
    const again = await signIn('manager', 'Folding screen')
    await signIn('colleague', 'Wall screen')
    expect(await find(again.id)).toMatchObject({ isOver: false })
    expect(await find(before.id)).toBeUndefined()
    expect(await find(beside.id)).toMatchObject({ isOver: true })
    expect((await again.client.get('/auth/me')).status).toBe(200)
  })

  test('are for its admins, and for a super admin in it', async () => {
    for (const person of ['manager', 'editor', 'viewer', 'root'] as const) {
      expect((await server.as(person).get('/admin/devices')).status).toBe(403)
      expect((await server.as(person).delete(`/admin/devices/${randomUUID()}`)).status).toBe(403)
    }
    expect((await server.anonymous().get('/admin/devices')).status).toBe(401)
    const inside = await server.as('root').call<DevicePage>('GET', '/admin/devices', {
      headers: { 'x-tenant-id': server.ids.tenants['Harbour & Vale'] },
    })
    expect(names(inside.body)).toContain('Depot 100%')
    expect(inside.body.devices.filter(({ isThis }) => isThis)).toEqual([])
  })
})

describe('signing a device out', () => {
  test('ends what its tokens are worth with the next request, and is audited', async () => {
    const lost = await signIn('colleague', 'Lost')
    const other = await signIn('colleague', 'Other')
    expect((await server.as('admin').delete(`/admin/devices/${lost.id}`)).body).toEqual({ success: true })
    expect((await lost.client.get('/auth/me')).status).toBe(401)
    const refresh = await server.anonymous().post('/auth/refresh', { refreshToken: lost.refreshToken })
    expect(refresh.status).toBe(401)
    expect((await other.client.get('/auth/me')).status).toBe(200)
    expect(await find(lost.id)).toBeUndefined()
    const entries = await sql(
      `SELECT actor_id, feed_id, entity, old_values, new_values FROM audit_logs WHERE action = 'device.signed_out'`,
    )
    expect(entries).toEqual([
      {
        actor_id: server.ids.users.admin,
        feed_id: server.ids.tenants['Harbour & Vale'],
        entity: 'session',
        old_values: { userId: server.ids.users.colleague, deviceName: 'Lost' },
        new_values: null,
      },
    ])
    expect(await brokenChains(sql)).toEqual([])
  })

  test('that is not there, of another organisation or signed out already, by itself too, is one answer', async () => {
    const theirs = await signIn('outsider', 'Theirs')
    const ended = await signIn('colleague', 'Ended')
    await ended.client.post('/auth/logout', {})
    const over = await signIn('colleague', 'Over')
    await idle(over.id, 2)
    for (const id of [theirs.id, ended.id, over.id, randomUUID()])
      expect(await server.as('admin').delete(`/admin/devices/${id}`)).toMatchObject({
        status: 404,
        error: { code: 'RESOURCE_NOT_FOUND', message: 'There is no such device' },
      })
    expect((await theirs.client.get('/auth/me')).status).toBe(200)
  })
})

describe('a report', () => {
  test('is of the device that sends it alone, and counts until the next', async () => {
    const device = await signIn('editor', 'Reporting')
    const beside = await signIn('editor', 'Beside')
    const lastError = { code: 'STORAGE_UNWRITABLE', ago: 30 }
    await device.client.put('/auth/device', report({ waiting: 2, oldestWaitingFor: 60, lastError }))
    await device.client.put('/auth/device', report({ appVersion: '1.5.0-beta.1+7', oldestWaitingFor: 99 }))
    const now = (await find(device.id))!
    expect(now).toMatchObject({ appVersion: '1.5.0-beta.1+7', waiting: 0, oldestWaitingAt: null })
    // It stands until another takes its place.
    expect(now.lastError).toMatchObject({ code: 'STORAGE_UNWRITABLE' })
    expect(ago(now.reportedAt)).toBeLessThan(60)
    expect(await find(beside.id)).toMatchObject({ appVersion: null, reportedAt: null })
    const { body } = await device.client.get<{ sessions: Session[] }>('/auth/sessions')
    expect(body.sessions.find(({ isThis }) => isThis)).toMatchObject({
      appVersion: '1.5.0-beta.1+7',
      platform: 'Windows 10.0.26100',
    })
    expect((await server.anonymous().put('/auth/device', report())).status).toBe(401)
  })

  test.each<[string, object]>([
    ['lastError', { lastError: { code: 'Could not save “Mrs Miller”', ago: 1 } }],
    ['lastError', { lastError: { code: 'FAULT', ago: 1, message: 'Mrs Miller' } }],
    ['appVersion', { appVersion: '<b>1</b>' }],
    ['waiting', { waiting: -1 }],
    ['oldestWaitingFor', { oldestWaitingFor: 1e12 }],
  ])('with something else in %s is refused', async (field, changes) => {
    const device = await signIn('editor')
    const answer = await device.client.put('/auth/device', { ...report(), ...changes })
    expect(answer.status).toBe(400)
    expect(answer.error.details?.[0]?.field).toMatch(new RegExp(`^${field}`))
    expect(await find(device.id)).toMatchObject({ reportedAt: null })
  })
})

describe('when a device was last seen', () => {
  /** The ids of the sessions that were written down as seen. */
  const touches: unknown[] = []
  const touchesOf = (session: string) => touches.filter((id) => id === session).length
  beforeAll(() => {
    server.app.knex.on('query', ({ sql: text, bindings }: { sql: string; bindings?: unknown[] }) => {
      if (text.includes('SET last_used_at')) touches.push(bindings?.[0])
    })
  })
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] })
    return () => vi.useRealTimers()
  })

  test('is true to a few minutes, and written down no more often than that', async () => {
    const device = await signIn('editor', 'Seen')
    const other = await signIn('editor', 'Not used')
    await sql(`UPDATE sessions SET last_used_at = now() - interval '1 hour' WHERE id IN ($1, $2)`, [
      device.id,
      other.id,
    ])
    const lastSeen = async () => ago((await find(device.id))!.lastUsedAt)
    // Its token was made just now, which is when it was seen.
    for (let n = 0; n < 3; n++) expect((await device.client.get('/auth/me')).status).toBe(200)
    expect(touchesOf(device.id)).toBe(0)

    vi.setSystemTime(Date.now() + (seenEvery + 1) * 1000)
    for (let n = 0; n < 3; n++) await device.client.get('/auth/me')
    await vi.waitFor(async () => {
      const [row] = await sql<{ fresh: boolean }>(
        `SELECT last_used_at > now() - interval '1 minute' AS fresh FROM sessions WHERE id = $1`,
        [device.id],
      )
      expect(row).toEqual({ fresh: true })
    })
    await device.client.get('/auth/me')
    expect(touchesOf(device.id)).toBe(1)
    expect(await lastSeen()).toBeLessThan(2 * seenEvery)
    expect(ago((await find(other.id))!.lastUsedAt)).toBeGreaterThan(3500)
  })

  test('is not changed by what is refused', async () => {
    const device = await signIn('editor', 'Ended')
    const other = await signIn('editor', 'Not ended')
    await sql(`UPDATE sessions SET last_used_at = now() - interval '1 hour' WHERE id = $1`, [device.id])
    vi.setSystemTime(Date.now() + 3 * seenEvery * 1000)
    await server.as('admin').delete(`/admin/devices/${device.id}`)
    expect((await device.client.get('/auth/me')).status).toBe(401)
    expect((await server.anonymous().get('/auth/me')).status).toBe(401)
    await other.client.get('/auth/me')
    await vi.waitFor(() => expect(touchesOf(other.id)).toBe(1))
    expect(touchesOf(device.id)).toBe(0)
    const [row] = await sql<{ seen: boolean }>(
      `SELECT last_used_at > now() - interval '1 minute' AS seen FROM sessions WHERE id = $1`,
      [device.id],
    )
    expect(row).toEqual({ seen: false })
  })
})

test('a page of the devices of ten thousand is read past those that have ended, and no other organisation’s', async () => {
  const harbour = server.ids.tenants['Harbour & Vale']
  await sql(
    `WITH added AS (
       INSERT INTO users (tenant_id, id, username, email, display_name)
       SELECT $1, gen_random_uuid(), 'crowd' || n, 'crowd' || n || '@example.org', 'Crowd ' || n
       FROM generate_series(1, 10000) n RETURNING tenant_id, id
     )
     INSERT INTO sessions (tenant_id, id, user_id, device_name, token_hash, lifetime, expires_at, revoked_at)
     SELECT tenant_id, gen_random_uuid(), id, 'Desk ' || n, '', interval '30 days',
       now() + CASE n WHEN 2 THEN interval '-100 days' ELSE interval '10 days' END, CASE WHEN n > 2 THEN now() END
     FROM added, generate_series(1, 8) n`,
    [harbour],
  )
  await sql('VACUUM ANALYZE sessions')
  await sql('ANALYZE users')
  const sent: { sql: string; bindings: unknown[] }[] = []
  const note = (query: { sql: string; bindings: unknown[] }) => sent.push(query)
  for (const query of [
    '?pageSize=25',
    '?search=crowd%2077&sort=person',
    '?state=unseen',
    '?sort=device&page=300',
  ]) {
    sent.length = 0
    server.app.knex.on('query', note)
    const { total } = await list(query)
    server.app.knex.off('query', note)
    if (query === '?pageSize=25') expect(total).toBeGreaterThan(10_000)
    const statements = sent.filter(({ sql: text }) => text.includes('FROM sessions s JOIN users'))
    expect(statements).toHaveLength(2)
    for (const { sql: text, bindings } of statements) {
      const { rows } = await asApp(server.database, { tenantId: harbour, siteId: null }, (client) =>
        client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`EXPLAIN (FORMAT JSON) ${text}`, bindings),
      )
      const plan = nodes(rows[0]!['QUERY PLAN'][0].Plan)
      const ofSessions = plan.filter((node) => node['Relation Name'] === 'sessions')
      expect(kinds(ofSessions), query).not.toContain('Seq Scan')
      expect(indexes(plan), query).toContain('sessions_open')
    }
  }
})
