import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SessionUser, type SignedIn, type TenantRole, tenantRoles } from '#common/contract/auth'
import type { Endpoint } from '#common/contract/endpoint'
import { endpoints, type Endpoints } from '#common/contract/index'
import { type SiteRole, siteRoles } from '#common/contract/sites'
import { type Action, may, needsSite, type Subject } from '#common/rules/permissions'
import { type Client, createTestApp, type TestApp } from './test/app.ts'
import { password } from './test/fixture.ts'
import { type Call, samples, send, type Things } from './test/samples.ts'
import { asApp } from './test/scoped.ts'

/**
 * Role × endpoint × place, every cell: what the API answers is what `may()` says of the roles a person was given, and
 * what the app decides from the person the server told it. What a scope reaches is then asked of the database itself.
 */

const places = ['own site', 'other site', 'other organisation'] as const
type Place = (typeof places)[number]

const people: Record<string, { roles: TenantRole[]; site?: SiteRole }> = {
  ...Object.fromEntries(
    tenantRoles.filter((role) => role !== 'super_admin').map((role) => [role, { roles: [role] }]),
  ),
  ...Object.fromEntries(siteRoles.map((site) => [site, { roles: [], site }])),
  'leader and editor': { roles: ['team_leader'], site: 'editor' },
  'nothing at all': { roles: [] },
}
const askers = [...Object.keys(people), 'super_admin', 'super_admin inside', 'disabled', 'nobody'] as const

interface Known {
  subject: Subject
  /** As the server told it to the app; null for who cannot sign in. */
  told: SessionUser | null
  tenantId: string | null
  token: string | undefined
  headers: Record<string, string>
  username: string | null
}

let server: TestApp
const known = {} as Record<string, Known>
const things = {} as Record<Place, Things>
/** The same things again and again, for those who do not get at them. */
const kept = {} as Record<Place, Things>

const signIn = async (username: string) => {
  const answer = await server.anonymous().post<SignedIn>('/auth/login', { username, password })
  expect(answer.status, answer.text).toBe(200)
  return answer.body
}

beforeAll(async () => {
  server = await createTestApp()
  const { tenants, sites, users } = server.ids
  const harbour = tenants['Harbour & Vale']
  const { owner } = server.database
  const addUser = async (
    username: string,
    { roles = [], site }: { roles?: TenantRole[]; site?: SiteRole | undefined } = {},
    tenantId = harbour,
    siteIds = [sites.Marketing],
  ) => {
    const id = randomUUID()
    await owner.query(
      `INSERT INTO users (tenant_id, id, username, email, display_name, password_hash)
       SELECT $1, $2, $3, $3 || '@example.org', $3, password_hash FROM users WHERE username = 'editor'`,
      [tenantId, id, username],
    )
    for (const role of roles)
      await owner.query('INSERT INTO user_roles VALUES ($1, $2, $3)', [tenantId, id, role])
    for (const siteId of site ? siteIds : [])
      await owner.query(
        'INSERT INTO user_sites (tenant_id, user_id, site_id, role) VALUES ($1, $2, $3, $4)',
        [tenantId, id, siteId, site],
      )
    return id
  }

  for (const [name, { roles, site }] of Object.entries(people)) {
    const username = `matrix-${name.replaceAll(' ', '-')}`
    const id = await addUser(username, { roles, site })
    const { user, token } = await signIn(username)
    const all = roles.includes('admin')
    const mine = all ? [sites.Marketing, sites.Sales, sites.Support] : site ? [sites.Marketing] : []
    known[name] = {
      subject: { id, roles, sites: mine.map((one) => ({ id: one, role: all ? 'administrator' : site! })) },
      told: user,
      tenantId: harbour,
      token,
      headers: {},
      username,
    }
  }
  await addUser('disabled', { roles: ['admin'] })
  const { token: late } = await signIn('disabled')
  await owner.query(`UPDATE users SET active = false WHERE username = 'disabled'`)
  const noSubject = { id: '', roles: [], sites: [] }
  const out = { subject: noSubject, told: null, tenantId: null, headers: {}, username: null }
  known.disabled = { ...out, token: late }
  known.nobody = { ...out, token: undefined }
  const root = await signIn('root')
  const platform = { told: root.user, token: root.token, username: 'root' }
  known.super_admin = {
    ...platform,
    subject: { id: users.root, roles: ['super_admin'], sites: [] },
    tenantId: null,
    headers: {},
  }
  known['super_admin inside'] = {
    ...platform,
    subject: { id: users.root, roles: ['super_admin', 'admin'], sites: [] },
    told: null,
    tenantId: harbour,
    headers: { 'x-tenant-id': harbour },
  }

  const make = (
    tenantId: string,
    siteId: string,
    otherSite: string,
    admin: Client,
    adminId: string,
  ): Things => {
    const made = async <T extends { id: string }>(
      method: 'POST' | 'PUT',
      url: string,
      body: object,
      name: string,
    ) => {
      const answer = await admin.call<Record<string, T>>(method, url, { payload: body })
      expect(answer.status, answer.text).toBeLessThan(300)
      return answer.body[name]!
    }
    return {
      tenantId,
      siteId,
      adminId,
      interaction: () => admin.create({ title: canary(siteId) }),
      deletedInteraction: async () => {
        const record = await admin.create({ title: canary(siteId) })
        await admin.delete(`/interactions/${record.id}`)
        return record
      },
      team: () =>
        made(
          'POST',
          '/teams',
          { name: canary(tenantId, randomUUID()), level: 'team', parentId: null, leaderId: null },
          'team',
        ),
      type: () => made('POST', '/interaction-types', { name: randomUUID() }, 'type'),
      site: () => made('POST', '/sites', { name: canary(tenantId, randomUUID()) }, 'site'),
      user: async () => ({
        id: await addUser(`v${randomUUID()}`, { site: 'viewer' }, tenantId, [
          ...new Set([siteId, otherSite]),
        ]),
        version: 1,
      }),
    }
  }
  const admin = (site: string) => server.as('admin', site)
  const { 'Head office': office } = sites
  things['own site'] = make(harbour, sites.Marketing, sites.Sales, admin(sites.Marketing), users.admin)
  things['other site'] = make(harbour, sites.Support, sites.Sales, admin(sites.Support), users.admin)
  things['other organisation'] = make(
    tenants.Brightmart,
    office,
    office,
    server.as('outsider', office),
    users.outsider,
  )
  for (const place of places) {
    const fresh = things[place]
    const once = <T>(work: () => Promise<T>) => {
      let result: Promise<T> | undefined
      return () => (result ??= work())
    }
    kept[place] = {
      ...fresh,
      interaction: once(fresh.interaction),
      deletedInteraction: once(fresh.deletedInteraction),
      team: once(fresh.team),
      type: once(fresh.type),
      user: once(fresh.user),
      site: once(fresh.site),
    }
    await kept[place].interaction()
  }
}, 120_000)
afterAll(() => server.close())

/** In everything of a place or an organisation: whoever must not see it must not get these bytes. */
const canary = (of: string, more = '') => `Canary-${of}${more && `-${more}`}`

type Cell = 'open' | 'allowed' | 'unknown' | 'forbidden' | 'not found'

/** What the table says, from the roles that were given. */
function expected({ config }: Endpoint, { subject, tenantId, token }: Known, name: string, at: Things): Cell {
  const { policy, site } = config
  if (policy === 'public') return 'open'
  if (token === undefined || name === 'disabled') return 'unknown'
  const inside = subject.sites.some(({ id }) => id === at.siteId)
  if (site === 'path') {
    if (!may(subject, policy) && !inside) return 'not found'
    if (!may(subject, policy, { siteId: at.siteId })) return 'forbidden'
    return tenantId === at.tenantId ? 'allowed' : 'not found'
  }
  if (needsSite(policy)) {
    if (!inside) return 'not found'
    return may(subject, policy, { siteId: at.siteId }) ? 'allowed' : 'forbidden'
  }
  return may(subject, policy) ? 'allowed' : 'forbidden'
}

const all = Object.entries(endpoints) as [keyof Endpoints, Endpoint][]
const isOfSite = ({ config: { policy, site } }: Endpoint) =>
  policy !== 'public' && (site === 'path' || needsSite(policy))

describe.each(all)('%s', (name, endpoint) => {
  const { policy } = endpoint.config
  const hasTarget = endpoint.url.includes(':')
  const where = places.filter(
    (place) => place === 'own site' || isOfSite(endpoint) || (hasTarget && place === 'other organisation'),
  )
  test.each(where)(
    `in %s: each role gets what ${policy} gives it`,
    async (place) => {
      for (const who of askers) {
        const person = known[who]!
        const cell = expected(endpoint, person, who, things[place])
        const isFar = person.tenantId !== things[place].tenantId
        const at = cell === 'allowed' && !isFar ? things[place] : kept[place]
        const headers = { ...person.headers, ...(isOfSite(endpoint) && { 'x-site-id': at.siteId }) }
        let asker = server.anonymous(person.token)
        const arranging =
          cell === 'allowed' ? inSiteOf(asker, headers) : server.as('admin', kept['own site'].siteId)
        const call = await samples[name](at, arranging)
        if (call.endsSession && cell === 'allowed' && person.username) {
          asker = server.anonymous((await signIn(person.username)).token)
        }
        const answer = await send(asker, endpoint, call, headers)
        const cellWords = `${who} × ${name} × ${place}: ${answer.status} ${answer.text.slice(0, 300)}`
        expect(
          statusFits(answer.status, cell, call, person, policy, at),
          `${cellWords}, expected ${cell}`,
        ).toBe(true)
        if (
          cell === 'allowed' &&
          isFar &&
          person.tenantId !== null &&
          call.params &&
          isTaken(answer.status)
        ) {
          const missing = { ...call, params: { ...call.params, id: randomUUID() } }
          expect((await send(asker, endpoint, missing, headers)).status, cellWords).toBe(answer.status)
        }
        if (cell !== 'allowed' || person.tenantId !== at.tenantId) {
          if (person.tenantId !== null || person.token === undefined)
            expect(answer.text, cellWords).not.toContain(
              canary(at.tenantId === person.tenantId ? at.siteId : at.tenantId),
            )
        }

        // The app decides the same from what the server told it of the person.
        if (policy !== 'public' && person.told) {
          const target = isOfSite(endpoint) ? { siteId: at.siteId } : {}
          expect(may(person.told, policy, target), `the app, ${cellWords}`).toBe(
            may(person.subject, policy, target),
          )
          expect(person.told.roles.toSorted()).toEqual([...person.subject.roles].sort())
        }
      }
    },
    120_000,
  )
})

const isTaken = (status: number) => status >= 400

test('nothing that was out of reach has changed', async () => {
  for (const place of places) {
    const ids = [await kept[place].interaction(), await kept[place].team(), await kept[place].user()]
    const { rows } = await server.database.owner.query<{ version: number }>(
      `SELECT version FROM interactions WHERE id = $1 AND deleted_at IS NULL UNION ALL
       SELECT version FROM teams WHERE id = $2 AND active UNION ALL
       SELECT version FROM users WHERE id = $3 AND active`,
      ids.map(({ id }) => id),
    )
    expect(rows, place).toEqual([{ version: 1 }, { version: 1 }, { version: 1 }])
  }
})

/** Asks at the place the headers name. */
const inSiteOf = (asker: Client, headers: Record<string, string>): Client => ({
  ...asker,
  post: (url, payload) => asker.post(url, payload, headers),
  put: (url, payload) => asker.put(url, payload, headers),
})

function statusFits(
  status: number,
  cell: Cell,
  { target, also = [] }: Call,
  { subject, tenantId }: Known,
  policy: Action | 'public',
  at: Things,
): boolean {
  if (cell === 'open') return status < 500 || status === 503
  if (cell === 'unknown') return status === 401
  if (cell === 'forbidden') return status === 403
  if (cell === 'not found') return status === 404
  // What is of another organisation is not there; who may do it to themselves alone need not even be told that.
  if (tenantId !== null && tenantId !== at.tenantId)
    return status < 300 ? !target : [400, 403, 404].includes(status)
  if (target && policy !== 'public' && !may(subject, policy, { siteId: at.siteId, ...target }))
    return [400, 403, 404].includes(status)
  const elsewhere = subject.roles.includes('super_admin') && tenantId === null && status === 404
  return status < 300 || also.includes(status) || elsewhere
}

describe('the database, as the application', () => {
  test.each(places)('shows and changes of %s only what the scope reaches', async (place) => {
    const { siteId, tenantId } = things[place]
    await things[place].interaction()
    await things[place].team()
    for (const who of askers) {
      const person = known[who]!
      const scopeTenant = person.tenantId ?? randomUUID()
      for (const scopeSite of [...places.map((one) => things[one].siteId), null]) {
        const scope = { tenantId: scopeTenant, siteId: scopeSite, userId: person.subject.id || randomUUID() }
        const found = await asApp(server.database, scope, async (client) => {
          const count = async (sql: string, values: unknown[]) =>
            (await client.query(sql, values)).rowCount ?? 0
          return {
            interactions: await count('SELECT FROM interactions WHERE site_id = $1', [siteId]),
            searched: await count('SELECT FROM interactions_in_scope WHERE site_id = $1', [siteId]),
            changed: await count('UPDATE interactions SET notes = notes WHERE site_id = $1', [siteId]),
            teams: await count('SELECT FROM teams WHERE tenant_id = $1', [tenantId]),
            users: await count('SELECT FROM users WHERE tenant_id = $1', [tenantId]),
            audit: await count('SELECT FROM audit_logs WHERE tenant_id = $1 LIMIT 1', [tenantId]),
          }
        })
        const inTenant = scopeTenant === tenantId
        const inSite = inTenant && scopeSite === siteId
        expect(
          Object.fromEntries(Object.entries(found).map(([what, count]) => [what, count > 0])),
          `${who}, scope ${scopeSite}`,
        ).toEqual({
          interactions: inSite,
          searched: inSite,
          changed: inSite,
          teams: inTenant,
          users: inTenant,
          audit: inTenant,
        })
      }
    }
  })

  test('reaches for leaders the teams the API shows them, and their people', async () => {
    const admin = server.as('admin')
    const team = async (name: string, level: string, parentId: string | null, leaderId: string | null) => {
      const body = { name: `${name} ${randomUUID()}`, level, parentId, leaderId }
      return (await admin.post<{ team: { id: string } }>('/teams', body)).body.team.id
    }
    let parent: string | null = null
    for (const [role, level] of [
      ['national_manager', 'nation'],
      ['regional_manager', 'region'],
      ['area_manager', 'area'],
      ['team_leader', 'team'],
    ] as const) {
      parent = await team(role, level, parent, known[role]!.subject.id)
    }
    await admin.post(`/teams/${parent}/members`, { userId: known.agent!.subject.id })
    for (const who of Object.keys(people)) {
      const { subject, token, tenantId, told } = known[who]!
      const answer = await server.anonymous(token).get<{ teams: { id: string }[] }>('/teams')
      expect(answer.status === 200, who).toBe(may(told!, 'team.list'))
      const reached = await asApp(
        server.database,
        { tenantId: tenantId!, siteId: null, userId: subject.id },
        async (client) =>
          (
            await client.query<{ teams: string[]; people: string[] }>(
              'SELECT (SELECT scope_teams()) AS teams, (SELECT scope_people()) AS people',
            )
          ).rows[0]!,
      )
      if (answer.status === 200 && !may(subject, 'team.list', { inTeam: false })) {
        expect(answer.body.teams.map(({ id }) => id).sort(), who).toEqual(reached.teams.sort())
        expect(reached.people.includes(known.agent!.subject.id), who).toBe(reached.teams.length > 0)
      }
    }
  })
})
