import { randomUUID } from 'node:crypto'
import { afterAll, expect } from 'vitest'
import { type SessionUser, type SignedIn, type TenantRole, tenantRoles } from '#common/contract/auth'
import { type SiteRole, siteRoles } from '#common/contract/sites'
import { sendInfographic } from '#common/contract/brands'
import { sendPhoto } from '#common/contract/photos'
import { rolesInside, type Subject } from '#common/rules/permissions'
import { realJpeg } from '#common/rules/test/pictures'
import { type Client, createTestApp } from './app.ts'
import { password } from './fixture.ts'
import {
  announcedPicture,
  newBrand,
  newCycle,
  newGoal,
  newQuestion,
  newNotice,
  newSchedule,
  newShop,
  send,
  type Things,
} from './samples.ts'

/** Everybody there can be, and the things there are at each place to ask about; for the length of a test file. */

export const places = ['own site', 'other site', 'other organisation'] as const
type Place = (typeof places)[number]

export const people: Record<string, { roles: TenantRole[]; site?: SiteRole }> = {
  ...Object.fromEntries(
    tenantRoles.filter((role) => role !== 'super_admin').map((role) => [role, { roles: [role] }]),
  ),
  ...Object.fromEntries(siteRoles.map((site) => [site, { roles: [], site }])),
  'agent and viewer': { roles: ['agent'], site: 'viewer' },
  'leader and editor': { roles: ['team_leader'], site: 'editor' },
  'nothing at all': { roles: [] },
}
export const askers = [
  ...Object.keys(people),
  'super_admin',
  'super_admin inside',
  'disabled',
  'nobody',
] as const

export interface Known {
  subject: Subject
  /** As the app has it from the server; null for who cannot sign in. */
  told: SessionUser | null
  tenantId: string | null
  token: string | undefined
  headers: Record<string, string>
  username: string | null
}

export async function createMatrixWorld() {
  // What needs a second connection while it holds one would wait for ever where others do the same.
  const server = await createTestApp({ poolSize: 1 })
  afterAll(() => server.close())
  const known = {} as Record<string, Known>
  const things = {} as Record<Place, Things>
  /** The same things again and again, for those who do not get at them. */
  const kept = {} as Record<Place, Things>

  const signIn = async (username: string) => {
    const answer = await server.anonymous().post<SignedIn>('/auth/login', { username, password })
    expect(answer.status, answer.text).toBe(200)
    return answer.body
  }

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
    told: { ...root.user, roles: [...rolesInside] },
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
    const brand: Things['brand'] = () =>
      made('POST', '/brands', { ...newBrand(), name: canary(tenantId, randomUUID()) }, 'brand')
    const survey: Things['survey'] = () =>
      made(
        'POST',
        '/surveys',
        {
          name: canary(tenantId, randomUUID()),
          description: '',
          questions: [{ id: randomUUID(), ...newQuestion() }],
        },
        'survey',
      )
    const agentHere = once(async () => {
      const username = `a${randomUUID()}`
      const id = await addUser(username, { roles: ['agent'], site: 'viewer' }, tenantId, [siteId])
      return { id, client: server.anonymous((await signIn(username)).token) }
    })
    const ofAgent = async <T extends { id: string }>(url: string, body: object, name: string) => {
      const { id: agentId, client } = await agentHere()
      const answer = await client.post<Record<string, T>>(url, body, { 'x-site-id': siteId })
      expect(answer.status, answer.text).toBe(201)
      return { ...answer.body[name]!, agentId }
    }
    const visit: Things['visit'] = () =>
      ofAgent('/visits', { visitType: 'routine', notes: canary(siteId) }, 'visit')
    const shop: Things['shop'] = () =>
      made('POST', '/shops', { ...newShop(), name: canary(siteId, randomUUID()) }, 'shop')
    return {
      tenantId,
      siteId,
      adminId,
      visit,
      goal: () => made('POST', '/goals', { ...newGoal(), name: canary(tenantId, randomUUID()) }, 'goal'),
      callCycle: async () =>
        made(
          'POST',
          '/call_cycles',
          { ...newCycle(adminId, (await shop()).id), name: canary(siteId, randomUUID()) },
          'cycle',
        ),
      photo: async () => {
        const { id: visitId } = await visit()
        const { id, agentId } = await ofAgent(
          '/photos',
          { visitId, purpose: 'shelf', ...announcedPicture },
          'photo',
        )
        const sent = await send((await agentHere()).client, sendPhoto, {
          params: { id },
          query: { offset: '0' },
          bytes: realJpeg,
        })
        expect(sent.status, sent.text).toBe(200)
        return { id, visitId, agentId }
      },
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
      notice: () => made('POST', '/notices', { ...newNotice(), words: canary(tenantId) }, 'notice'),
      session: async () => {
        const id = randomUUID()
        await owner.query(
          `INSERT INTO sessions (tenant_id, id, user_id, token_hash, lifetime, expires_at)
           VALUES ($1, $2, $3, sha256(uuid_send($2)), '1 hour', now() + interval '1 hour')`,
          [tenantId, id, adminId],
        )
        return { id }
      },
      shop,
      brand,
      infographic: async () => {
        const body = { title: canary(tenantId), ...announcedPicture }
        const { id } = await made('POST', `/brands/${(await brand()).id}/infographics`, body, 'infographic')
        const sent = await send(admin, sendInfographic, {
          params: { id },
          query: { offset: '0' },
          bytes: realJpeg,
        })
        expect(sent.status, sent.text).toBe(200)
        return { id }
      },
      schedule: () =>
        made(
          'POST',
          '/reports/schedules',
          { ...newSchedule(adminId), name: canary(tenantId, randomUUID()) },
          'schedule',
        ),
      survey,
      publishedSurvey: async () => {
        const { id, version } = await survey()
        return made('POST', `/surveys/${id}/publish`, { version }, 'survey')
      },
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
    kept[place] = {
      ...fresh,
      interaction: once(fresh.interaction),
      deletedInteraction: once(fresh.deletedInteraction),
      team: once(fresh.team),
      type: once(fresh.type),
      user: once(fresh.user),
      site: once(fresh.site),
      session: once(fresh.session),
      shop: once(fresh.shop),
      brand: once(fresh.brand),
      infographic: once(fresh.infographic),
      survey: once(fresh.survey),
      publishedSurvey: once(fresh.publishedSurvey),
      visit: once(fresh.visit),
      photo: once(fresh.photo),
      goal: once(fresh.goal),
      callCycle: once(fresh.callCycle),
      schedule: once(fresh.schedule),
      notice: once(fresh.notice),
    }
    await kept[place].interaction()
  }
  return { server, known, things, kept, signIn }
}

const once = <T>(work: () => Promise<T>) => {
  let result: Promise<T> | undefined
  return () => (result ??= work())
}

/** In everything of a place or an organisation: whoever must not see it must not get these bytes. */
export const canary = (of: string, more = '') => `Canary-${of}${more && `-${more}`}`
