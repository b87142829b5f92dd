import { keyringOf } from '#server/modules/auth/keyring'
import { buildApp } from '#server/app'
import type {} from '#server/plugins/database'
import type { App } from '#server/shared/app'
import { client, type Client } from '#server/test/app'
import { generousLimits } from '#server/test/config'
import { fixture, password } from '#server/test/fixture'
import { indexes, kinds, nodes, type PlanNode, relations } from '#server/test/plans'
import { asApp } from '#server/test/scoped'
import { numberOf, type Options, type Part } from '../../reliability/part.ts'
import { table } from '../../reliability/report.ts'
import { createWorld, type World } from '../../reliability/real/world.ts'
import { median, quantile } from '../statistics.ts'
import { fill, sitesOf } from './many-interactions.ts'

/**
 * Finder's queries on the server with so many interactions over 50 sites, a fifth of them in one, beside the same
 * server with a hundredth of them, in turns. The plans are those of the role the application acts as.
 */

interface Statement {
  sql: string
  bindings: unknown[]
}

interface Place {
  world: World
  app: App
  tenantId: string
  sites: { large: string; small: string }
  in(site: 'large' | 'small'): Client
  /** What the last request asked the database for interactions. */
  statements: Statement[]
}

type Query = Record<string, string | number>
interface Question {
  what: string
  site: 'large' | 'small'
  query: Query
  /** What of the plan is promised. */
  plan?: 'search' | 'ordered'
}

const questions: Question[] = [
  { what: 'list', site: 'large', query: {}, plan: 'ordered' },
  { what: 'rare word', site: 'large', query: { search: 'zeppelin' }, plan: 'search' },
  { what: 'rare word, small site', site: 'small', query: { search: 'zeppelin' } },
  { what: 'common word', site: 'large', query: { search: 'shelf' } },
  { what: 'two letters, rare', site: 'large', query: { search: 'zq' } },
  { what: 'two words', site: 'large', query: { search: 'shelf review' } },
  { what: 'one field', site: 'large', query: { title: 'zeppelin' }, plan: 'search' },
  { what: 'by title', site: 'large', query: { sort: 'title' }, plan: 'ordered' },
  { what: 'by lead, backwards', site: 'large', query: { sort: '-lead' }, plan: 'ordered' },
  { what: 'by location', site: 'large', query: { sort: 'location' }, plan: 'ordered' },
  { what: 'by change', site: 'large', query: { sort: '-updatedAt' }, plan: 'ordered' },
  { what: 'by creation', site: 'large', query: { sort: '-createdAt' }, plan: 'ordered' },
  { what: 'by status', site: 'large', query: { sort: 'status' }, plan: 'ordered' },
  { what: 'by zone', site: 'large', query: { sort: 'timezone' }, plan: 'ordered' },
  { what: 'by status, then lead', site: 'large', query: { sort: 'status,lead' } },
  { what: 'exact count', site: 'large', query: { count: 'exact' } },
]

export async function run(options: Options): Promise<Part> {
  const count = numberOf(options, 'count', 1_000_000)
  const rounds = numberOf(options, 'rounds', 40)
  const places: Place[] = []
  try {
    const few = await open(options, Math.round(count / 100), places)
    const many = await open(options, count, places)
    const all = [...questions, await lastPage(many)]
    const times = new Map(all.map(({ what }) => [what, { few: [] as number[], many: [] as number[] }]))
    for (let round = -2; round < rounds; round++) {
      for (const { what, site, query } of all) {
        const fewQuery = what === lastPageName ? await lastPage(few) : { query }
        const one = await timed(few, site, fewQuery.query)
        const other = await timed(many, site, query)
        if (round < 0) continue
        times.get(what)!.few.push(one)
        times.get(what)!.many.push(other)
      }
    }
    const owner = await asOwner(many, rounds)
    const failures: string[] = []
    for (const question of all) failures.push(...(await brokenPlan(many, question)))
    const replay = `npm run bench -- server --count=${count}`
    const rows = all.map(({ what }) => {
      const { few, many } = times.get(what)!
      const [p50, p95] = [median(many), quantile(many, 0.95)]
      return [what, p50.toFixed(1), p95.toFixed(1), (p95 / quantile(few, 0.95)).toFixed(2)]
    })
    return {
      name: 'server',
      figures: {
        interactions: count,
        'of them in the large site': Math.round(count / 5),
        'rare word, its statement as the application, median ms': owner.app.toFixed(2),
        'the same as owner of the table, past its policy': owner.owner.toFixed(2),
        'rare word: ratio': (owner.app / owner.owner).toFixed(2),
      },
      table: table(
        ['request', 'median, ms', 'p95, ms', `p95, of that with ${(count / 100).toLocaleString('en')}`],
        rows,
      ),
      failures: failures.map((what) => ({ what, replay })),
    }
  } finally {
    for (const { app, world } of places.reverse()) {
      await app.close()
      await world.close()
    }
  }
}

async function open(options: Options, count: number, places: Place[]): Promise<Place> {
  const world = await createWorld(options, fixture)
  await fill(world, count)
  const app = await buildApp({ config: generousLimits, databaseUrl: world.url, keys: keyringOf(world.key) })
  const { body } = await client(app).post<{ token: string }>('/auth/login', { username: 'admin', password })
  const statements: Statement[] = []
  app.knex.on('query', ({ sql, bindings }: Statement) => {
    if (sql.includes('interactions_in_scope')) statements.push({ sql, bindings })
  })
  const sites = await sitesOf(world)
  const [tenant] = await world.rows<{ id: string }>(`SELECT id FROM tenants WHERE slug = 'harbour-vale'`)
  const place: Place = {
    world,
    app,
    tenantId: tenant!.id,
    sites,
    in: (site) => client(app, body.token, sites[site]),
    statements,
  }
  places.push(place)
  return place
}

async function ask(place: Place, site: Question['site'], query: Query) {
  place.statements.length = 0
  const answer = await place.in(site).list(query)
  if (answer.status !== 200) throw new Error(`Refused: ${answer.text}`)
  return answer.body
}

async function timed(place: Place, site: Question['site'], query: Query): Promise<number> {
  const start = performance.now()
  await ask(place, site, query)
  return performance.now() - start
}

const lastPageName = 'last page, by cursor'

async function lastPage(place: Place): Promise<Question> {
  const { total } = await ask(place, 'large', { count: 'exact' })
  const page = Math.ceil(total / 25) - 1
  const { nextCursor } = await ask(place, 'large', { page })
  return { what: lastPageName, site: 'large', query: { cursor: nextCursor! } }
}

/** What is wrong with the plan of the page, as the role the application acts as. */
async function brokenPlan(place: Place, { what, site, query, plan: promised }: Question): Promise<string[]> {
  if (!promised) return []
  await ask(place, site, query)
  const { sql, bindings } = place.statements[0]!
  const plan = await explain(place, site, sql, bindings)
  const wrong: string[] = []
  if (kinds(plan).includes('Seq Scan')) wrong.push('reads a whole table')
  if (relations(plan).length !== 1) wrong.push(`touches ${relations(plan).length} partitions`)
  if (promised === 'search' && !indexes(plan).some((name) => name.includes('search_text')))
    wrong.push('does not use the index of words')
  if (promised === 'ordered' && kinds(plan).some((kind) => kind.includes('Sort'))) wrong.push('sorts')
  return wrong.map((each) => `“${what}” ${each}`)
}

const explain = (
  place: Place,
  site: Question['site'],
  sql: string,
  bindings: unknown[],
): Promise<PlanNode[]> =>
  asApp(place.world, { tenantId: place.tenantId, siteId: place.sites[site] }, async (connection) => {
    const { rows } = await connection.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (FORMAT JSON) ${sql}`,
      bindings,
    )
    return nodes(rows[0]!['QUERY PLAN'][0].Plan)
  })

/** The statement of a search for a rare word, in turns as the application sends it and on the bare table. */
async function asOwner(place: Place, rounds: number): Promise<{ app: number; owner: number }> {
  await ask(place, 'large', { search: 'zeppelin' })
  const { sql, bindings } = place.statements[0]!
  const bare = sql.replaceAll(
    '"interactions_in_scope"',
    `(SELECT * FROM interactions WHERE deleted_at IS NULL) AS bare`,
  )
  const times = { app: [] as number[], owner: [] as number[] }
  await asApp(place.world, { tenantId: place.tenantId, siteId: place.sites.large }, async (connection) => {
    const lasting = async (text: string) => {
      const start = performance.now()
      await connection.query(text, bindings)
      return performance.now() - start
    }
    for (let round = -2; round < rounds; round++) {
      const app = await lasting(sql)
      await connection.query('RESET ROLE')
      const owner = await lasting(bare)
      await connection.query('SET ROLE fieldbook_app')
      if (round < 0) continue
      times.app.push(app)
      times.owner.push(owner)
    }
  })
  return { app: median(times.app), owner: median(times.owner) }
}
