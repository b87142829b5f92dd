import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { SessionUser, SignedIn } from '#common/contract/auth'
import { standardTypes } from '#common/contract/interaction-types'
import type { Site } from '#common/contract/sites'
import type { Tenant } from '#common/contract/tenants'
import type { User, UserPage } from '#common/contract/users'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { noTenant } from '../../shared/scope.ts'
import { brokenChains } from '../../test/audit-chain.ts'
import { password } from '../../test/fixture.ts'
import { listenTo } from '../../test/listener.ts'

let server: TestApp
let root: Client
let platform: string
let brightmart: string
beforeAll(async () => {
  server = await createTestApp()
  root = server.as('root')
  platform = server.ids.tenants.Fieldbook
  brightmart = server.ids.tenants.Brightmart
})
afterAll(() => server.close())

const sql = async <Row>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as Row[]
const entriesOf = (feed: string, action: string) =>
  sql<{ actor_id: string | null; entered_by: string | null; entity_id: string }>(
    'SELECT actor_id, entered_by, entity_id, old_values, new_values FROM audit_logs WHERE feed_id = $1 AND action = $2 ORDER BY position',
    [feed, action],
  )
const names = (tenant: string) => ({ 'x-tenant-id': tenant })

let count = 0
const draft = (more: object = {}) => {
  const name = `founder${++count}`
  return {
    id: randomUUID(),
    name: `Company ${count}`,
    admin: { username: name, email: `${name}@company.example`, displayName: `Founder ${count}` },
    ...more,
  }
}
async function create(more: object = {}): Promise<Tenant> {
  const answer = await root.post<{ tenant: Tenant }>('/tenants', draft(more))
  expect(answer.status, answer.text).toBe(201)
  return answer.body.tenant
}
const change = ({ id, version }: Tenant, changes: object) =>
  root.put<{ tenant: Tenant }>(`/tenants/${id}`, { ...changes, version })

describe('organisations', () => {
  test('are listed for super admins, found by name, and seen by nobody else', async () => {
    const { body } = await root.get<{ tenants: Tenant[]; total: number }>('/tenants')
    expect(body.tenants.map(({ name, status, users, sites }) => [name, status, users, sites])).toEqual([
      ['Brightmart', 'active', 1, 1],
      ['Harbour & Vale', 'active', 6, 3],
    ])
    const found = await root.get<{ tenants: Tenant[]; total: number }>('/tenants?search=BRÍGHT&pageSize=1')
    expect([found.body.total, found.body.tenants[0]?.id]).toEqual([1, brightmart])
    const past = await root.get<{ tenants: Tenant[]; total: number }>('/tenants?page=9')
    expect([past.body.total, past.body.tenants]).toEqual([2, []])
    expect((await root.get(`/tenants/${brightmart}`)).status).toBe(200)
    for (const id of [platform, randomUUID()]) {
      expect((await root.get(`/tenants/${id}`)).status).toBe(404)
      expect((await root.put(`/tenants/${id}`, { name: 'Mine', version: 1 })).status).toBe(404)
    }
    for (const person of ['admin', 'manager'] as const) {
      const client = server.as(person)
      const answers = [
        await client.get('/tenants'),
        await client.post('/tenants', draft()),
        await client.get(`/tenants/${brightmart}`),
        await client.put(`/tenants/${brightmart}`, { status: 'suspended', version: 1 }),
      ]
      const there = person === 'admin' ? 404 : 403
      expect(answers.map(({ status }) => status)).toEqual([403, 403, there, there])
    }
  })

  test('are read and renamed by their own admins, who neither suspend one nor reach another', async () => {
    const admin = server.as('admin')
    const own = server.ids.tenants['Harbour & Vale']
    const read = async () => (await admin.get<{ tenant: Tenant }>(`/tenants/${own}`)).body.tenant
    const before = await read()
    expect(before).toMatchObject({ name: 'Harbour & Vale', slug: 'harbour-vale', status: 'active' })
    expect(before).toEqual((await root.get<{ tenant: Tenant }>(`/tenants/${own}`)).body.tenant)
    const put = (changes: object, id = own) =>
      admin.put<{ tenant: Tenant }>(`/tenants/${id}`, { version: before.version, ...changes })

    for (const changes of [{ status: 'suspended' }, { slug: 'harbour' }, { name: 'Mine', slug: 'mine' }])
      expect((await put(changes)).status).toBe(403)
    expect(await read()).toEqual(before)

    const answer = await put({ name: 'Harbour, Vale & Co', slug: before.slug, status: 'active' })
    expect(answer.body.tenant, answer.text).toEqual({
      ...before,
      name: 'Harbour, Vale & Co',
      version: before.version + 1,
    })
    expect(await put({ name: 'Late' })).toMatchObject({ status: 409, error: { current: answer.body.tenant } })
    const adminId = server.ids.users.admin
    const values = { old_values: { name: before.name }, new_values: { name: 'Harbour, Vale & Co' } }
    expect(await entriesOf(own, 'tenant.updated')).toEqual([
      { actor_id: adminId, entered_by: null, entity_id: own, ...values },
    ])
    expect(await entriesOf(platform, 'tenant.updated')).toEqual([])

    const missing = randomUUID()
    const answers = []
    for (const id of [brightmart, platform, noTenant, missing])
      answers.push(await admin.get(`/tenants/${id}`), await put({ name: 'Mine' }, id))
    expect(new Set(answers.map(({ status, error }) => `${status} ${error.message}`))).toEqual(
      new Set(['404 There is no such organisation']),
    )
    const told = async () =>
      (
        await sql<{ url: string }>(
          `SELECT new_values ->> 'url' AS url FROM audit_logs
         WHERE feed_id = $1 AND action = 'access.refused' AND new_values ->> 'status' = '404'`,
          [own],
        )
      ).map(({ url }) => url)
    for (const id of [platform, noTenant, missing])
      await expect.poll(async () => (await told()).filter((url) => url.endsWith(id))).toHaveLength(2)
    expect(
      (await sql<{ name: string }>('SELECT name FROM tenants WHERE id = $1', [brightmart]))[0]!.name,
    ).toBe('Brightmart')
    await change(answer.body.tenant, { name: before.name })
  })

  test('begin with an admin, a site and the standard types, in both audits, and come once', async () => {
    const given = draft({ name: ' Ørsted & Søn ', site: 'Aarhus' })
    const answer = await root.post<{ tenant: Tenant }>('/tenants', given)
    expect(answer.status, answer.text).toBe(201)
    const { tenant } = answer.body
    expect(tenant).toMatchObject({
      id: given.id,
      name: 'Ørsted & Søn',
      slug: 'orsted-son',
      status: 'active',
      users: 1,
      sites: 1,
    })
    expect((await root.post<{ tenant: Tenant }>('/tenants', given)).body.tenant.id).toBe(given.id)
    expect((await root.post('/tenants', { ...given, name: 'Another' })).status).toBe(409)
    const types = await sql<{ name: string }>(
      'SELECT name FROM interaction_types WHERE tenant_id = $1 ORDER BY position',
      [given.id],
    )
    expect(types.map(({ name }) => name)).toEqual(standardTypes)
    const { body } = await root.get<UserPage>('/users', names(given.id))
    expect(body.users).toMatchObject([
      { username: given.admin.username, status: 'invited', roles: ['admin'], sites: [{ name: 'Aarhus' }] },
    ])
    expect(await sql('SELECT kind FROM mails WHERE tenant_id = $1', [given.id])).toEqual([
      { kind: 'invitation' },
    ])
    const rootId = server.ids.users.root
    expect(await entriesOf(given.id, 'tenant.created')).toMatchObject([
      { actor_id: null, entered_by: rootId },
    ])
    expect(await entriesOf(platform, 'tenant.created')).toMatchObject([
      { actor_id: rootId, entered_by: null, entity_id: given.id },
    ])
  })

  test('of a name in no Latin letter, or that another has, are given another short name', async () => {
    expect((await create({ name: '東京商事' })).slug).toMatch(/^organisation-[0-9a-f]{12}$/)
    const same = draft({ name: 'Brightmart' })
    expect((await create(same)).slug).toBe(`brightmart-${same.id.slice(-6)}`)
    const chosen = await root.post('/tenants', draft({ slug: 'brightmart' }))
    expect(chosen).toMatchObject({ status: 400, error: { details: [{ field: 'slug' }] } })
    const taken = draft()
    taken.admin.email = 'outsider@brightmart.example'
    expect(await root.post('/tenants', taken)).toMatchObject({
      status: 400,
      error: { details: [{ field: 'admin.email' }] },
    })
    // And nothing of them is there.
    expect(await sql('SELECT FROM tenants WHERE id = $1', [taken.id])).toEqual([])
    expect((await entriesOf(platform, 'tenant.created')).map(({ entity_id }) => entity_id)).not.toContain(
      taken.id,
    )
  })

  test('that are suspended let nobody in or act, and tell whoever is connected', async () => {
    const given = draft()
    const tenant = await create({ ...given, admin: { ...given.admin, password: 'Harbour-7-Lights' } })
    const credentials = { username: given.admin.username, password: 'Harbour-7-Lights' }
    const { body } = await server.anonymous().post<SignedIn>('/auth/login', credentials)
    expect(body.user.mustChangePassword).toBe(true)
    await sql('UPDATE sessions SET must_change_password = false WHERE tenant_id = $1', [tenant.id])
    const inside = server.anonymous(body.token)
    const listener = await listenTo(server.app, body.token)
    const told = listener.nextMessage()
    const suspended = await change(tenant, { status: 'suspended' })
    expect(suspended.body.tenant, suspended.text).toMatchObject({ status: 'suspended', version: 2 })
    await told
    listener.socket.close()
    await listener.closed
    expect((await inside.get('/auth/me')).status).toBe(401)
    expect((await server.anonymous().post('/auth/login', credentials)).status).toBe(401)
    const { refreshToken } = body
    expect((await server.anonymous().post('/auth/refresh', { refreshToken })).status).toBe(401)
    expect(await change(tenant, { name: 'Late' })).toMatchObject({
      status: 409,
      error: { current: { status: 'suspended' } },
    })
    await change(suspended.body.tenant, { status: 'active', name: 'Again' })
    expect((await inside.get('/auth/me')).status).toBe(200)
    for (const feed of [tenant.id, platform]) {
      const entries = await entriesOf(feed, 'tenant.suspended')
      expect(entries.filter(({ entity_id }) => entity_id === tenant.id)).toHaveLength(1)
    }
  })
})

describe('a super admin in an organisation', () => {
  test('is an admin of it, of whom it knows no more than the id, and once a session in both audits', async () => {
    const { body } = await server.anonymous().post<SignedIn>('/auth/login', { username: 'root', password })
    const fresh = server.anonymous(body.token)
    const inside = names(brightmart)
    const [people] = await Promise.all([1, 2, 3].map(() => fresh.get<UserPage>('/users', inside)))
    expect(people!.body.users.map(({ username }) => username)).toEqual(['outsider'])
    const site = await fresh.post<{ site: Site }>('/sites', { name: 'Annexe' }, inside)
    expect(site.status, site.text).toBe(201)
    const user = await fresh.post<{ user: User }>(
      '/users',
      {
        username: 'hired',
        email: 'hired@brightmart.example',
        displayName: 'Hired',
        sites: [{ siteId: site.body.site.id, role: 'viewer' }],
      },
      inside,
    )
    expect(user.status, user.text).toBe(201)
    const outsider = server.ids.users.outsider
    const assigned = await fresh.post(
      `/sites/${site.body.site.id}/users`,
      { userId: outsider, role: 'editor' },
      inside,
    )
    expect(assigned.status, assigned.text).toBe(200)

    const rootId = server.ids.users.root
    const byRoot = { actor_id: null, entered_by: rootId }
    expect(await entriesOf(brightmart, 'tenant.entered')).toMatchObject([byRoot])
    expect(await entriesOf(brightmart, 'site.created')).toMatchObject([byRoot])
    expect(await entriesOf(brightmart, 'user.created')).toMatchObject([byRoot])
    const entries = await entriesOf(platform, 'tenant.entered')
    expect(entries.filter(({ entity_id }) => entity_id === brightmart)).toMatchObject([
      { actor_id: rootId, entered_by: null },
    ])
    expect(await brokenChains(sql)).toEqual([])
    // A session of its own is an entry of its own.
    await root.get('/users', inside)
    expect(await entriesOf(brightmart, 'tenant.entered')).toHaveLength(2)
  })

  test('belongs to none of its sites and stays who they are', async () => {
    const inside = names(brightmart)
    const headOffice = server.ids.sites['Head office']
    expect((await root.get('/interactions', { ...inside, 'x-site-id': headOffice })).status).toBe(404)
    const page = await root.call<{ sites: unknown[] }>('GET', `/sync/pull?deviceId=${randomUUID()}`, {
      headers: inside,
    })
    expect([page.status, page.body.sites]).toEqual([200, []])
    const me = await root.get<{ user: SessionUser }>('/auth/me', inside)
    expect(me.body.user).toMatchObject({ tenant: null, roles: ['super_admin'] })
    const outside = await root.get('/users')
    expect(outside.status).toBe(403)
  })

  test('enters by the id of an organisation, and nobody else does', async () => {
    for (const id of [randomUUID(), platform, 'nonsense']) {
      const answer = await root.get('/users', names(id))
      expect([answer.status, answer.error.message]).toEqual([404, 'There is no such organisation'])
    }
    for (const id of [brightmart, server.ids.tenants['Harbour & Vale'], randomUUID(), 'nonsense']) {
      expect((await server.as('admin').get('/users', names(id))).status).toBe(403)
    }
    expect((await server.anonymous().get('/users', names(brightmart))).status).toBe(401)
    expect(
      (await server.anonymous(inject('sessions').viewer.token).get('/auth/me', names(brightmart))).status,
    ).toBe(403)
  })
})

describe('registering', () => {
  const registration = (more: object = {}) => {
    const { id, name, admin } = draft()
    return { tenant: { id, name }, admin: { ...admin, password: 'Harbour-7-Lights', ...more } }
  }

  test('is for super admins where it is closed', async () => {
    expect((await server.anonymous().get('/auth/register')).body).toEqual({ open: false })
    for (const client of [server.anonymous(), server.anonymous('forged'), server.as('admin')]) {
      expect((await client.post('/auth/register', registration())).status).toBe(403)
    }
    const answer = await root.post<{ tenant: Tenant }>('/auth/register', registration())
    expect(answer.status, answer.text).toBe(201)
    expect(await entriesOf(answer.body.tenant.id, 'tenant.created')).toMatchObject([
      { actor_id: null, entered_by: server.ids.users.root },
    ])
  })

  test('is for everybody where it is open, with a password that is their own', async () => {
    const open = await createTestApp({ database: server.database, config: { registration: 'open' } })
    try {
      expect((await open.anonymous().get('/auth/register')).body).toEqual({ open: true })
      const weak = await open.anonymous().post('/auth/register', registration({ password: 'weak' }))
      expect([weak.status, weak.error.details?.[0]?.field]).toEqual([400, 'admin.password'])
      const given = registration()
      const answer = await open.anonymous().post<{ tenant: Tenant }>('/auth/register', given)
      expect(answer.status, answer.text).toBe(201)
      const { username, password: chosen } = given.admin
      const signedIn = await open.anonymous().post<SignedIn>('/auth/login', { username, password: chosen })
      expect(signedIn.body.user).toMatchObject({
        tenant: { id: given.tenant.id },
        roles: ['admin'],
        sites: [{ name: 'Head office', role: 'administrator' }],
      })
      expect(signedIn.body.user.mustChangePassword ?? false).toBe(false)
      const [entry] = await entriesOf(given.tenant.id, 'tenant.created')
      expect(entry).toMatchObject({ actor_id: signedIn.body.user.id, entered_by: null })
      expect(JSON.stringify(entry)).not.toContain('Lights')
    } finally {
      await open.app.close()
    }
  })
})
