import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SignedIn } from '#common/contract/auth'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { password } from '../../test/fixture.ts'
import { announcedPicture, newShop } from '../../test/samples.ts'

let server: TestApp
let marketing: string
beforeAll(async () => {
  server = await createTestApp({ config: { registration: 'open' } })
  marketing = server.ids.sites.Marketing
})
afterAll(() => server.close())

interface Copy {
  person: { id: string; username: string; email: string }
  teams: object[]
  sessions: { deviceName: string | null }[]
  savedViews: { name: string }[]
  exports: object[]
  interactions: { id: string; siteId: string; title: string | null; addedByThem: boolean }[]
  actions: { action: string; entityId: string | null; address: string }[]
  concerning: { action: string; oldValues: unknown; newValues: unknown; address: string | null }[]
  codes: object[]
  signInFailures: { address: string | null; failures: number }[]
}
const copyOf = (id: string, by: ReturnType<TestApp['as']>) => by.get<Copy>(`/users/${id}/data`)

test('it holds what is kept about a person, for themself and for admins, and is in the audit', async () => {
  const editor = server.as('editor', marketing)
  const id = server.ids.users.editor
  const record = await editor.create({ title: 'Mine' })
  await server.as('editor', server.ids.sites.Sales).create({ title: 'Mine in Sales' })
  const foreign = await server.as('manager', marketing).create({ title: 'Not mine' })
  const view = { shared: false, filter: {}, sort: [], columns: [] }
  await editor.put(`/views/${randomUUID()}`, { ...view, name: 'My own' })
  await server.as('manager', marketing).put(`/views/${randomUUID()}`, { ...view, name: 'Of somebody else' })
  await editor.post('/exports', { format: 'csv' })
  await server.anonymous().post('/auth/login', { username: 'editor', password: 'Wrong!2026' })
  await server.as('admin').post(`/users/${id}/unlock`, {})

  for (const by of ['editor', 'admin'] as const) {
    const answer = await copyOf(id, server.as(by, marketing))
    expect(answer.status, answer.text).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.headers['content-disposition']).toContain(
      'attachment; filename="Fieldbook Edith Vale personal data.json"',
    )
    const { person, sessions, savedViews, exports, interactions, actions, concerning } = answer.body
    expect(person).toMatchObject({ id, username: 'editor', email: 'editor@harbour-vale.example' })
    expect(sessions.length).toBeGreaterThan(0)
    expect(savedViews.map(({ name }) => name)).toEqual(['My own'])
    expect(exports).toHaveLength(1)
    expect(interactions.map(({ title }) => title).sort()).toEqual(['Mine', 'Mine in Sales'])
    expect(interactions.map((each) => each.id)).not.toContain(foreign.id)
    expect(actions).toContainEqual(
      expect.objectContaining({ action: 'interaction.created', entityId: record.id, site: 'Marketing' }),
    )
    expect(concerning.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['user.unlocked', 'session.refused']),
    )
    expect(answer.text).not.toMatch(/\$2b\$|password_?hash|token_?hash/i)
    expect(answer.text).not.toContain('Of somebody else')
  }
  const { rows } = await server.database.owner.query(
    `SELECT actor_id, old_values, new_values FROM audit_logs WHERE action = 'export.person' AND entity_id = $1 ORDER BY position`,
    [id],
  )
  expect(rows).toEqual(
    [id, server.ids.users.admin].map((actor_id) => ({ actor_id, old_values: null, new_values: null })),
  )
})

test('counted failures, mailed codes, what devices reported and who signed them out are in it', async () => {
  const id = server.ids.users.viewer
  const signIn = async (secret: string, from: object = {}) =>
    (
      await server.anonymous().call<SignedIn>('POST', '/auth/login', {
        payload: { username: 'viewer', password: secret, deviceName: 'Depot' },
        ...from,
      })
    ).body
  const { token, refreshToken } = await signIn(password)
  const report = { appVersion: '1.4.0', platform: 'Windows', waiting: 3, oldestWaitingFor: 60 }
  const lastError = { code: 'INTERNAL_ERROR', ago: 60 }
  const reported = await server.anonymous(token).put('/auth/device', { ...report, lastError })
  expect(reported.status, reported.text).toBeLessThan(300)
  const device = refreshToken.split('.')[0]!
  expect((await server.as('admin').delete(`/admin/devices/${device}`)).status).toBeLessThan(300)
  for (let i = 0; i < 2; i++) await signIn('Wrong!2026', { remoteAddress: '198.51.100.7' })
  await signIn('Wrong!2026', { remoteAddress: '198.51.100.8' })
  await server.as('admin').post(`/users/${id}/reset-password`, {})

  const { body, text } = await copyOf(id, server.as('viewer', marketing))
  expect(body.sessions).toContainEqual(
    expect.objectContaining({
      id: device,
      deviceName: 'Depot',
      waiting: 3,
      oldestWaitingAt: expect.any(String) as string,
      lastError: 'INTERNAL_ERROR',
      lastErrorAt: expect.any(String) as string,
      reportedAt: expect.any(String) as string,
    }),
  )
  const at = expect.any(String) as string
  expect(body.signInFailures.toSorted((a, b) => b.failures - a.failures)).toEqual([
    { address: null, failures: 3, since: null, lastAt: at, lockedUntil: null },
    { address: '198.51.100.7', failures: 2, since: at, lastAt: null, lockedUntil: null },
    { address: '198.51.100.8', failures: 1, since: at, lastAt: null, lockedUntil: null },
  ])
  expect(body.codes).toEqual([{ createdAt: at, expiresAt: at, usedAt: null }])
  expect(text).not.toContain(refreshToken.split('.')[1])
  expect(body.concerning.find(({ action }) => action === 'device.signed_out')).toMatchObject({
    byId: server.ids.users.admin,
    oldValues: { userId: id, deviceName: 'Depot' },
    address: null,
  })
  // Nor does anybody else have it.
  const other = await copyOf(server.ids.users.colleague, server.as('admin', marketing))
  expect(other.body.concerning.map(({ action }) => action)).not.toContain('device.signed_out')
  expect(other.text).not.toContain('198.51.100')
})

test('whoever founded an organisation finds that in it, and nobody else of it does', async () => {
  const chosen = 'Their-own!Choice-7'
  const username = `u${randomUUID().slice(0, 18)}`
  const founder = { username, email: `${username}@example.org`, displayName: 'Fay Founder' }
  await server.anonymous().post('/auth/register', {
    tenant: { name: 'Founded here' },
    admin: { ...founder, password: chosen },
  })
  const { body: signedIn } = await server
    .anonymous()
    .post<SignedIn>('/auth/login', { username, password: chosen })
  const first = server.anonymous(signedIn.token)
  const { id, sites } = signedIn.user
  const { body: added } = await first.post<{ user: { id: string } }>('/users', {
    username: `${username}2`,
    email: `2${username}@example.org`,
    displayName: 'Second',
    sites: [{ siteId: sites[0]!.id, role: 'viewer' }],
  })
  const founded = async (who: string) =>
    (await copyOf(who, first)).body.concerning.filter(({ action }) => action === 'tenant.created')
  expect(await founded(id)).toMatchObject([
    { newValues: { name: 'Founded here', admin: { id, username } }, address: null },
  ])
  expect(await founded(added.user.id)).toEqual([])
})

test('of somebody else it is refused, elsewhere there is nobody, and a title one may not see is left out', async () => {
  const { editor, outsider, manager } = server.ids.users
  expect((await copyOf(editor, server.as('manager', marketing))).status).toBe(403)
  expect((await copyOf(outsider, server.as('admin', marketing))).status).toBe(404)
  const { owner } = server.database
  await owner.query(
    `INSERT INTO user_sites (tenant_id, user_id, site_id, role) SELECT tenant_id, id, $2, 'editor' FROM users WHERE id = $1`,
    [manager, server.ids.sites.Support],
  )
  const { id } = await server.as('manager', server.ids.sites.Support).create({ title: 'Seen no more' })
  await owner.query('DELETE FROM user_sites WHERE user_id = $1 AND site_id = $2', [
    manager,
    server.ids.sites.Support,
  ])
  const { body, text } = await copyOf(manager, server.as('manager', marketing))
  expect(body.interactions.find((each) => each.id === id)).toMatchObject({ title: null, addedByThem: true })
  expect(text).not.toContain('Seen no more')
})

test('fifty thousand records are read and sent part by part', { timeout: 120_000 }, async () => {
  const id = server.ids.users.colleague
  await server.database.owner.query(
    `INSERT INTO interactions (tenant_id, site_id, id, title, status, created_by, created_at, updated_by, updated_at,
       search_text, title_key, type_key, lead_key, location_key)
     SELECT $1, $2, gen_random_uuid(), 'Visit ' || n, 'draft', $3, now(), $3, now(), '', '', '', '', ''
     FROM generate_series(1, 50000) n`,
    [server.ids.tenants['Harbour & Vale'], marketing, id],
  )
  const { body } = await copyOf(id, server.as('colleague', marketing))
  expect(body.interactions).toHaveLength(50_000)
  expect(new Set(body.interactions.map((each) => each.id)).size).toBe(50_000)
})

test('visits are in it with their times and positions, also of a site that was left', async () => {
  const id = server.ids.users.siteless
  const { rows } = await server.database.owner.query<{ tenant_id: string }>(
    `INSERT INTO user_sites (tenant_id, user_id, site_id, role)
     SELECT tenant_id, id, $2, 'viewer' FROM users WHERE id = $1 RETURNING tenant_id`,
    [id, marketing],
  )
  expect(rows).toHaveLength(1)
  const agent = server.as('siteless', marketing)
  const shop = await server
    .as('manager', marketing)
    .post<{ shop: { id: string } }>('/shops', { ...newShop(), name: 'Corner shop' })
  const geocode = { latitude: 52.5, longitude: 13.25, accuracy: 8, source: 'device' }
  const start = { visitType: 'audit', shopId: shop.body.shop.id, geocode, startedAt: '2026-11-20T09:00:00Z' }
  const { body: begun } = await agent.post<{ visit: { id: string } }>('/visits', start)
  const visitId = begun.visit.id
  await agent.post('/photos', {
    visitId,
    purpose: 'shelf',
    ...announcedPicture,
    latitude: 52.5,
    longitude: 13.25,
  })

  const admin = server.as('admin', marketing)
  const period = '2026-11-16'
  const fields = { startsOn: period, endsOn: null, timezone: 'Europe/Berlin', userId: id, teamId: null }
  const location = { shopId: shop.body.shop.id, day: null, position: 0, visitsPerCycle: 1 }
  const round = { ...fields, name: 'Round', recurrence: { every: 1, unit: 'week' }, locations: [location] }
  const { body: made } = await admin.post<{ cycle: { id: string; locations: { id: string }[] } }>(
    '/call_cycles',
    round,
  )
  const miss = { locationId: made.cycle.locations[0]!.id, period, slot: 0, reason: 'It rained' }
  expect((await agent.put(`/call_cycles/${made.cycle.id}/misses`, miss)).status).toBe(200)
  const goal = {
    name: 'Many',
    metric: 'visits_completed',
    target: 9,
    brandId: null,
    timezone: 'Europe/Berlin',
  }
  const assignTo = [{ userId: id, teamId: null }]
  await admin.post('/goals', { ...goal, startsOn: period, endsOn: '2026-12-31', assignTo })
  await admin.post('/goals', { ...goal, name: 'Not theirs', startsOn: period, endsOn: '2026-12-31' })

  interface Visits {
    visits: { shop: string | null }[]
    photos: object[]
    goals: object[]
    callCycles: object[]
    missReasons: object[]
  }
  const copy = async () => (await agent.get<Visits>(`/users/${id}/data`)).body
  const visit = {
    siteId: marketing,
    id: visitId,
    shop: 'Corner shop',
    visitType: 'audit',
    startedAt: '2026-11-20T09:00:00.000Z',
    completedAt: null,
    latitude: 52.5,
    positionSource: 'device',
  }
  expect(await copy()).toMatchObject({
    visits: [visit],
    photos: [{ visitId, purpose: 'shelf', latitude: 52.5, sha256: announcedPicture.sha256 }],
  })
  await server.database.owner.query('DELETE FROM user_sites WHERE user_id = $1', [id])
  expect(await copy()).toMatchObject({
    visits: [{ ...visit, shop: null }],
    photos: [{ visitId }],
    goals: [{ name: 'Many', target: 9, startsOn: period, madeByThem: false }],
    callCycles: [{ siteId: marketing, name: 'Round', startsOn: period, madeByThem: false, forThem: true }],
    missReasons: [{ cycleId: made.cycle.id, ...miss }],
  })
  const ofAdmin = await admin.get<Visits>(`/users/${server.ids.users.admin}/data`)
  expect(ofAdmin.body).toMatchObject({
    goals: [
      { name: 'Many', madeByThem: true, assignedAt: null },
      { name: 'Not theirs', madeByThem: true },
    ],
    callCycles: [{ name: 'Round', madeByThem: true, forThem: false }],
    missReasons: [],
  })
  const ofOther = await server.as('editor', marketing).get<Visits>(`/users/${server.ids.users.editor}/data`)
  const nothing = { visits: [], photos: [], goals: [], callCycles: [], missReasons: [] }
  expect(ofOther.body).toMatchObject(nothing)
})
