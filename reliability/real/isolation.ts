import { randomUUID } from 'node:crypto'
import type { SignedIn } from '#common/contract/auth'
import type { Endpoint } from '#common/contract/endpoint'
import { endpoints, type Endpoints } from '#common/contract/index'
import type { Subject } from '#common/rules/permissions'
import { Random } from '#desktop/main/test/random'
import { buildApp } from '#server/app'
import { keyringOf } from '#server/modules/auth/keyring'
import { createPool } from '#server/shared/pool'
import { type Scope, system } from '#server/shared/scope'
import { createTransact } from '#server/shared/transaction'
import { type Client, client, meeting } from '#server/test/app'
import { generousLimits } from '#server/test/config'
import { fixture, password } from '#server/test/fixture'
import {
  announcedPicture,
  newCycle,
  newGoal,
  newNotice,
  newSchedule,
  newShop,
  samples,
  send,
  type Things,
} from '#server/test/samples'
import { numberOf, type Options, type Part } from '../part.ts'
import { createWorld, type World } from './world.ts'

/**
 * Attempts to get at what belongs to another organisation or site: valid calls of every endpoint with foreign ids, as
 * people who have no business there, and statements of every kind on every table, as the application's role on one
 * connection that serves all scopes in turn. Everything there carries canary bytes; none may come out, not in an
 * answer's body nor in its headers, and nothing there may change.
 */
export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 20_000)
  const seed = numberOf(options, 'seed', 1)
  const world = await createWorld(options, fixture)
  const app = await buildApp({
    databaseUrl: world.url,
    config: generousLimits,
    keys: keyringOf(world.key),
    jobs: { work: false },
  })
  const what: string[] = []
  try {
    const places = await settle(world, (token, site) => client(app, token, site))
    const before = await sums(world, places)
    // First, while the audit of what is refused is short: some statements read all of it.
    const inSql = await runAll(world, places, count, new Random(seed + 1), what)
    const overHttp = await askAll(places, count, new Random(seed), what)
    if ((await sums(world, places)) !== before) what.push('Something out of reach was changed')
    const replay = `npm run test:security -- isolation --count=${count} --seed=${seed}`
    const figures = { 'HTTP attempts': overHttp.attempts, 'of them refused': overHttp.refused, ...inSql }
    return { name: 'isolation', figures, failures: what.map((each) => ({ what: each, replay })) }
  } finally {
    await app.close()
    await world.close()
  }
}

interface Place {
  /**
   * In all that belongs to the site, in all that belongs to the organisation at large, and in what belongs to a visit,
   * which is its agent's.
   */
  canary: { site: string; tenant: string; visit: string }
  agentId: string
  things: Things
}

interface Attacker {
  name: string
  client: Client
  /** Places of which they may know nothing: not the site's, and not the organisation's either unless it is theirs. */
  out: { place: Place; tenantToo: boolean }[]
  /** Of nobody's visits they may know anything. */
  seesNoVisits: boolean
}

interface Places {
  all: Place[]
  attackers: Attacker[]
}

const settled =
  <T>(value: T) =>
  () =>
    Promise.resolve(value)

async function settle(world: World, open: (token?: string, site?: string) => Client): Promise<Places> {
  const tokenOf = async (username: string) => {
    const answer = await open().post<SignedIn>('/auth/login', { username, password })
    if (answer.status !== 200) throw new Error(`${username} could not sign in: ${answer.text}`)
    return answer.body
  }
  const plant = async (admin: string, siteName: string, tenantCanary: string): Promise<Place> => {
    const { user, token } = await tokenOf(admin)
    const siteId = user.sites.find(({ name }) => name === siteName)!.id
    const tenantId = user.tenant!.id
    const site = `CANARY${randomUUID().replaceAll('-', '')}`
    const asker = open(token, siteId)
    const text = {
      title: `${site} title`,
      notes: `${site} notes`,
      description: site,
      lead: site,
      location: site,
    }
    const record = await asker.create({ ...meeting, ...text })
    const gone = await asker.create({ ...meeting, ...text })
    await asker.delete(`/interactions/${gone.id}`)
    await asker.put(`/views/${randomUUID()}`, { name: site, shared: true, filter: {}, sort: [], columns: [] })
    await asker.post('/exports', { format: 'csv' })
    const made = async (url: string, body: object, name: string) => {
      const answer = await asker.post<Record<string, { id: string; version: number }>>(url, body)
      if (answer.status !== 201) throw new Error(`Not made: ${answer.text}`)
      return answer.body[name]!
    }
    const named = `${tenantCanary} ${randomUUID().slice(0, 4)}`
    const team = await made('/teams', { name: named, level: 'team', parentId: null, leaderId: null }, 'team')
    const type = await made('/interaction-types', { name: named.slice(0, 50) }, 'type')
    const [victim] = await world.rows<{ id: string }>(
      `INSERT INTO users (tenant_id, id, username, email, display_name, password_hash)
       VALUES ($1, gen_random_uuid(), $2, $2 || '@example.org', $3, 'none') RETURNING id`,
      [tenantId, randomUUID(), tenantCanary],
    )
    await world.rows('INSERT INTO user_sites (tenant_id, user_id, site_id, role) VALUES ($1, $2, $3, $4)', [
      tenantId,
      victim!.id,
      siteId,
      'viewer',
    ])
    const agentId = randomUUID()
    await world.rows(
      `INSERT INTO users (tenant_id, id, username, email, display_name, password_hash)
       SELECT $1, $2::uuid, $2::text, $2::text || '@example.org', $3, password_hash FROM users WHERE id = $4`,
      [tenantId, agentId, tenantCanary, user.id],
    )
    await world.rows(`INSERT INTO user_roles VALUES ($1, $2, 'agent')`, [tenantId, agentId])
    await world.rows('INSERT INTO user_sites (tenant_id, user_id, site_id, role) VALUES ($1, $2, $3, $4)', [
      tenantId,
      agentId,
      siteId,
      'viewer',
    ])
    const shop = await made('/shops', { ...newShop(), name: `${site} shop`, address: site }, 'shop')
    const visitCanary = randomUUID().replaceAll('-', '')
    const question = { id: randomUUID(), type: 'text', text: named, help: '', required: false }
    const questions = [{ ...question, options: [], min: null, max: null, showIf: null }]
    const draft = await made('/surveys', { name: named, description: '', questions }, 'survey')
    const survey = await made(`/surveys/${draft.id}/publish`, { version: draft.version }, 'survey')
    const brand = await made(
      '/brands',
      { name: named, description: tenantCanary, colour: '#0d6e6e' },
      'brand',
    )
    const agent = open((await tokenOf(agentId)).token, siteId)
    const agents = async (method: 'POST' | 'PUT', url: string, payload: object, name: string) => {
      const answer = await agent.call<Record<string, { id: string; version: number }>>(method, url, {
        payload,
      })
      if (answer.status > 201) throw new Error(`Not made: ${answer.text}`)
      return answer.body[name]!
    }
    const begun = { shopId: shop.id, surveyId: survey.id, visitType: 'routine', notes: site }
    const { id: visitId } = await agents('POST', '/visits', begun, 'visit')
    const answers = { [question.id]: visitCanary }
    const visit = await agents('PUT', `/visits/${visitId}`, { answers, version: 1 }, 'visit')
    const digest = visitCanary.repeat(2)
    const photo = await agents(
      'POST',
      '/photos',
      { visitId, purpose: 'shelf', ...announcedPicture, sha256: digest },
      'photo',
    )
    const polygon = [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 0, y: 1 },
    ]
    await agents(
      'POST',
      `/photos/${photo.id}/shelf_quadrants`,
      { quadrants: [{ brandId: brand.id, polygon }] },
      'photo',
    )
    // Of the agent, and so of nobody else but those above them, as visits are.
    const hidden = `${named} ${visitCanary}`
    const goal = await made(
      '/goals',
      { ...newGoal(), name: hidden, assignTo: [{ userId: agentId, teamId: null }] },
      'goal',
    )
    const cycle = await made('/call_cycles', { ...newCycle(agentId, shop.id), name: hidden }, 'cycle')
    const [location] = await world.rows<{ id: string }>(
      'SELECT id FROM call_cycle_locations WHERE cycle_id = $1',
      [cycle.id],
    )
    const schedule = await made('/reports/schedules', { ...newSchedule(user.id), name: hidden }, 'schedule')
    const notice = await made('/notices', { ...newNotice(), siteId, words: named }, 'notice')
    const [session] = await world.rows<{ id: string }>('SELECT id FROM sessions WHERE user_id = $1', [
      user.id,
    ])
    return {
      canary: { site, tenant: tenantCanary, visit: visitCanary },
      agentId,
      things: {
        tenantId,
        siteId,
        adminId: user.id,
        interaction: settled({ id: record.id, version: record.version }),
        deletedInteraction: settled({ id: gone.id }),
        team: settled({ id: team.id, version: 1 }),
        type: settled({ id: type.id }),
        user: settled({ id: victim!.id, version: 1 }),
        site: settled({ id: siteId, version: 1 }),
        session: settled({ id: session!.id }),
        shop: settled({ id: shop.id, version: 1 }),
        brand: settled({ id: brand.id, version: 1 }),
        infographic: settled({ id: randomUUID() }),
        survey: settled({ id: survey.id, version: 1, questions }),
        publishedSurvey: settled({ id: survey.id }),
        visit: settled({ id: visitId, version: visit.version, agentId }),
        photo: settled({ id: photo.id, visitId, agentId }),
        goal: settled({ id: goal.id, version: 1 }),
        callCycle: settled({ id: cycle.id, version: 1, locations: [{ id: location!.id }] }),
        schedule: settled({ id: schedule.id, version: 1 }),
        notice: settled({ id: notice.id, version: 1 }),
      },
    }
  }
  const [harbour, brightmart] = [1, 2].map(() => `CANARY${randomUUID().replaceAll('-', '')}`) as [
    string,
    string,
  ]
  const support = await plant('admin', 'Support', harbour)
  const sales = await plant('admin', 'Sales', harbour)
  const office = await plant('outsider', 'Head office', brightmart)
  const attacker = async (name: string | null, out: Attacker['out']) => ({
    name: name ?? 'nobody',
    client: open(name === null ? undefined : (await tokenOf(name)).token),
    out,
    seesNoVisits: name !== 'outsider' && name !== 'admin',
  })
  const far = (...places: Place[]) => places.map((place) => ({ place, tenantToo: true }))
  const near = (...places: Place[]) => places.map((place) => ({ place, tenantToo: false }))
  return {
    all: [support, sales, office],
    attackers: await Promise.all([
      attacker('outsider', far(support, sales)),
      attacker('editor', [...near(support), ...far(office)]),
      attacker('viewer', [...near(support, sales), ...far(office)]),
      attacker('manager', [...near(support, sales), ...far(office)]),
      attacker('siteless', [...near(support, sales), ...far(office)]),
      attacker('admin', far(office)),
      attacker(null, far(support, sales, office)),
    ]),
  }
}

/** Of every row that carries a canary. */
async function sums(world: World, { all }: Places): Promise<string> {
  const canaries = [...new Set(all.flatMap(({ canary }) => Object.values(canary)))]
  const rows = await Promise.all(
    [
      'interactions',
      'saved_views',
      'teams',
      'interaction_types',
      'users',
      'shops',
      'brands',
      'surveys',
      'visits',
      'visit_answers',
      'goals',
      'call_cycles',
      'report_schedules',
      'notices',
      'pictures',
    ].map((table) =>
      world.rows(
        `SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM ${table} t WHERE t::text ~ $1`,
        [canaries.join('|')],
      ),
    ),
  )
  return JSON.stringify(rows)
}

/** What would end the session one asks with, or be the sign-in of somebody else. */
const spared = new Set<keyof Endpoints>([
  'signOut',
  'endSession',
  'signIn',
  'forgotPassword',
  'changePassword',
])

async function askAll({ attackers, all }: Places, count: number, random: Random, what: string[]) {
  const names = (Object.keys(endpoints) as (keyof Endpoints)[]).filter((name) => !spared.has(name))
  let refused = 0
  const attempt = async (n: number) => {
    const attacker = attackers[n % attackers.length]!
    const { place } = random.pick(attacker.out)!
    const name = random.pick(names)!
    const endpoint: Endpoint = endpoints[name]
    const call = await samples[name](place.things, attacker.client)
    const lies = [
      { 'x-site-id': place.things.siteId },
      { 'x-site-id': place.things.siteId, 'x-tenant-id': place.things.tenantId },
      { 'x-site-id': random.pick(all)!.things.siteId },
      {},
    ]
    // Whether to name the foreign site, or to ask at one's own for what is foreign.
    const headers = random.pick(lies)! as Record<string, string>
    const tampered = random.chance(0.2) ? tamper(call.query ?? {}, place, random) : call.query
    const answer = await send(
      attacker.client,
      endpoint,
      { ...call, ...(tampered && { query: tampered }) },
      headers,
    )
    if (answer.status >= 400) refused++
    const out = `${answer.text}${JSON.stringify(answer.headers)}`
    const secretVisits = attacker.seesNoVisits ? all : attacker.out.map(({ place: far }) => far)
    if (secretVisits.some(({ canary }) => out.includes(canary.visit)))
      what.push(`${attacker.name} got bytes of a visit from ${name}: ${answer.text.slice(0, 300)}`)
    for (const { place: secret, tenantToo } of attacker.out) {
      const leaks = out.includes(secret.canary.site) || (tenantToo && out.includes(secret.canary.tenant))
      if (leaks) what.push(`${attacker.name} got canary bytes from ${name}: ${answer.text.slice(0, 300)}`)
    }
    if (answer.status >= 500 && answer.status !== 503)
      what.push(`${attacker.name} × ${name}: ${answer.status} ${answer.text.slice(0, 200)}`)
  }
  const atOnce = 8
  for (let n = 0; n < count; n += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, count - n) }, (_, more) => attempt(n + more)))
  }
  return { attempts: count, refused }
}

/** Words of a query that might widen what it finds. */
function tamper(query: Record<string, string>, { canary, things }: Place, random: Random) {
  return {
    ...query,
    ...random.pick<Record<string, string>>([
      { search: canary.site },
      { search: '%' },
      { site: things.siteId },
      { siteId: things.siteId },
      { tenantId: things.tenantId },
      { search: `' OR tenant_id = '${things.tenantId}' --` },
    ]),
  }
}

class Undo extends Error {}

/** The columns the application may change of a record do not say where it is. */
const notes = (table: string) =>
  table === 'interactions' ? [`UPDATE interactions t SET notes = notes RETURNING t::text AS row`] : []

const ofVisits = /^(visit|photo|picture|shelf_quadrant)/
/** The shops of visits one may see are seen with them. */
const ofFieldWork = /^(shop|visit|photo|picture|shelf_quadrant)/

/** A viewer writes what is theirs alone. */
const mayWrite = ({ by }: Scope, table: string) =>
  by === system ||
  (by !== undefined &&
    !ofFieldWork.test(table) &&
    !/^(interaction|import|export|site|tenant|team|user_|brand|survey|question|notice)/.test(table))

/** One connection, on which scopes follow each other in any order, with failures between them. */
async function runAll(world: World, { all }: Places, count: number, random: Random, what: string[]) {
  const tables = await world.rows<{ name: string; of_site: boolean }>(
    `SELECT c.relname AS name,
       bool_or(pg_get_expr(p.polqual, p.polrelid) ~ 'scope_site') AS of_site
     FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid AND p.polroles @> ARRAY['fieldbook_app'::regrole]::oid[]
     WHERE c.relrowsecurity AND NOT c.relispartition GROUP BY c.oid, c.relname ORDER BY c.relname`,
  )
  const pool = createPool(world.url, 1)
  const transact = createTransact(pool)
  const people = await world.rows<{ id: string }>('SELECT id FROM users')
  const figures = { 'SQL attempts': 0, 'rows read': 0, 'statements refused': 0 }
  const tenants = [...new Set(all.map(({ things }) => things.tenantId)), randomUUID(), '']
  const sites = [...all.map(({ things }) => things.siteId), randomUUID(), null]
  const attempt = async () => {
    const siteId = random.pick(sites) ?? null
    const userId = random.pick(people)!.id
    const viewer: Subject = {
      id: userId,
      roles: [],
      sites: siteId === null ? [] : [{ id: siteId, role: 'viewer' }],
    }
    const by = random.pick<Scope['by'] | null>([system, viewer, null])
    const scope: Scope = { tenantId: random.pick(tenants)!, siteId, userId, ...(by && { by }) }
    const { name, of_site: ofSite } = random.pick(tables)!
    const foreign = random.pick(all)!
    const { things: there } = foreign
    const sql = random.pick([
      `SELECT t::text AS row FROM ${name} t`,
      `SELECT t::text AS row FROM ${name} t WHERE tenant_id = '${there.tenantId}' OR true`,
      `UPDATE ${name} t SET tenant_id = tenant_id RETURNING t::text AS row`,
      `DELETE FROM ${name} t RETURNING t::text AS row`,
      `INSERT INTO ${name} SELECT * FROM ${name} RETURNING ${name}::text AS row`,
      `UPDATE ${name} t SET tenant_id = '${there.tenantId}' RETURNING t::text AS row`,
      ...notes(name),
      `SELECT t::text AS row FROM interactions_in_scope t WHERE site_id = '${there.siteId}'`,
      `SELECT t::text AS row FROM users u LEFT JOIN ${name} t ON true`,
      `SELECT (SELECT scope_people())::text AS row`,
    ])!
    const isView = sql.includes('interactions_in_scope')
    figures['SQL attempts']++
    const work = transact(scope, async ({ db }) => {
      // What a transaction set for itself must not last either.
      if (random.chance(0.05)) await db.raw(`SET LOCAL fieldbook.tenant_id = '${scope.tenantId}'`)
      const { rows } = await db.raw<{ rows: { row: string | null }[] }>(sql)
      figures['rows read'] += rows.length
      if (rows.length > 0 && !mayWrite(scope, name) && !sql.startsWith('SELECT'))
        what.push(`Written under ${JSON.stringify(scope)}: ${sql}`)
      for (const { canary, things, agentId } of all) {
        const isHome = things.tenantId === scope.tenantId
        const sees = isHome && (scope.by === system || (scope.by !== undefined && scope.userId === agentId))
        const isOpen = !ofSite || (ofFieldWork.test(name) && sees)
        const isElsewhere = things.siteId !== scope.siteId && !sql.includes('FROM users')
        const site = !isHome || (isElsewhere && (isView || !isOpen)) ? [canary.site] : []
        const tenant = isHome ? [] : [canary.tenant]
        // The audit and receipts are the organisation's, and the server's to show.
        const visit = !isHome || (!sees && ofVisits.test(name)) ? [canary.visit] : []
        const bytes = [...site, ...tenant, ...visit]
        if (rows.some(({ row }) => bytes.some((text) => row?.includes(text))))
          what.push(`Canary bytes under ${JSON.stringify(scope)}: ${sql}`)
      }
      throw new Undo()
    })
    await work.catch((error: unknown) => {
      if (!(error instanceof Undo)) figures['statements refused']++
    })
  }
  try {
    for (let n = 0; n < count; n += 20) {
      await Promise.all(Array.from({ length: Math.min(20, count - n) }, attempt))
    }
    const left = await pool.raw<{ rows: { tenant: string; site: string; person: string }[] }>(
      `SELECT current_setting('fieldbook.tenant_id', true) AS tenant, current_setting('fieldbook.site_id', true) AS site,
         current_setting('fieldbook.user_id', true) AS person,
         current_setting('fieldbook.may', true) AS may`,
    )
    if (Object.values(left.rows[0]!).some(Boolean)) what.push('A scope stayed on the connection')
  } finally {
    await pool.destroy()
  }
  return figures
}
