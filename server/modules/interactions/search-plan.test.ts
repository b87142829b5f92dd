import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateInteractions } from '#db/seeds/generated'
import type { Scope } from '../../shared/scope.ts'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { indexes, kinds, nodes, type PlanNode, relations } from '../../test/plans.ts'
import { insertRecords } from '../../test/records.ts'
import { asApp } from '../../test/scoped.ts'

let server: TestApp
let reader: Client
let scope: Scope
/** What the application has sent, last of all. */
const sent: { sql: string; bindings: unknown[] }[] = []

beforeAll(async () => {
  server = await createTestApp()
  const { Marketing, Support } = server.ids.sites
  reader = server.as('admin', Marketing)
  scope = { tenantId: server.ids.tenants['Harbour & Vale'], siteId: Marketing }
  await insertRecords(server, Marketing, [
    { title: 'The one with a zeppelin' },
    ...generateInteractions(2000, 7),
  ])
  await insertRecords(server, Support, generateInteractions(1000, 8))
  // The same again and again, at other times and under other titles.
  const { owner } = server.database
  await owner.query(`
    INSERT INTO interactions (tenant_id, site_id, id, title, type, lead, start_at, end_at, timezone, location, description,
      notes, status, created_by, created_at, updated_by, updated_at, search_text, title_key, type_key, lead_key, location_key)
    SELECT tenant_id, site_id, gen_random_uuid(), title || n, type, lead, start_at - n * interval '1 day',
      end_at - n * interval '1 day', timezone, location, description, notes, status, created_by, created_at, updated_by,
      updated_at - n * interval '1 hour', search_text, title_key || n, type_key, lead_key || n, location_key
    FROM interactions, generate_series(1, 9) n WHERE title !~ 'zeppelin'`)
  await owner.query('VACUUM ANALYZE interactions')
  server.app.knex.on('query', (query: { sql: string; bindings: unknown[] }) => sent.push(query))
}, 120_000)
afterAll(() => server.close())

async function explain(sql: string, bindings: unknown[], how = '', settings = ''): Promise<PlanNode[]> {
  const { rows } = await asApp(server.database, scope, async (client) => {
    await client.query(settings)
    return client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (${how} FORMAT JSON) ${sql}`,
      bindings,
    )
  })
  return nodes(rows[0]!['QUERY PLAN'][0].Plan)
}

/** How the statements that a list request sends are run. */
async function plansOf(query: Record<string, string | number>, how?: string) {
  sent.length = 0
  const { status, body } = await reader.list(query)
  expect(status).toBe(200)
  const statements = sent.filter(({ sql }) => sql.includes('interactions_in_scope'))
  const plans = await Promise.all(statements.map(({ sql, bindings }) => explain(sql, bindings, how)))
  return { plans, body }
}

/** Rows of a table that a plan looks at. */
const looked = (plan: PlanNode[]) =>
  plan
    .filter((node) => node['Relation Name'])
    .map(
      (node) =>
        ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 1),
    )

describe('a search for a rare word, as the role the application acts as', () => {
  test.each([
    ['everywhere', { search: 'zeppelin' }],
    ['in one field', { title: 'zeppelin' }],
  ])('%s uses the trigram index of one partition, and counts while it looks', async (_, query) => {
    const { plans, body } = await plansOf(query)
    expect(body.total).toBe(1)
    expect(plans).toHaveLength(1)
    const [plan] = plans as [PlanNode[]]
    expect(kinds(plan)).toContain('Bitmap Index Scan')
    expect(kinds(plan)).not.toContain('Seq Scan')
    expect(indexes(plan)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^interactions_\d\d_search_text_idx$/),
        expect.stringMatching(/^interactions_\d\d_pkey$/),
      ]),
    )
    expect(relations(plan)).toEqual([expect.stringMatching(/^interactions_\d\d$/)])
  })

  test.each(['title', '-startDateTime'])(
    'too short for the index, sorted by %s, looks through its partition once',
    async (sort) => {
      const { plans, body } = await plansOf({ search: 'pp', sort }, 'ANALYZE,')
      expect(body.total).toBe(1)
      const { rows } = await server.database.owner.query<{ count: number }>(
        `SELECT count(*)::integer FROM interactions
         WHERE tableoid = (SELECT tableoid FROM interactions WHERE site_id = $1 LIMIT 1)`,
        [scope.siteId],
      )
      const all = rows[0]!.count
      expect(all).toBeGreaterThan(10_000)
      expect(plans.flatMap(looked).reduce((sum, count) => sum + count)).toBeLessThanOrEqual(all + 10)
      for (const plan of plans) expect(relations(plan)).toHaveLength(1)
    },
  )

  test('the table itself, under its policy, would not let it: this is what the view is for', async () => {
    sent.length = 0
    await reader.list({ search: 'zeppelin' })
    const { sql, bindings } = sent.find((each) => each.sql.includes('interactions_in_scope'))!
    const plan = await explain(sql.replaceAll('interactions_in_scope', 'interactions'), bindings)
    expect(indexes(plan).filter((name) => name.includes('search_text'))).toEqual([])
  })
})

describe('a page', () => {
  test.each([
    ['as it comes', {}, 'start_at'],
    ['oldest first', { sort: 'startDateTime' }, 'start_at'],
    ['by end', { sort: '-endDateTime' }, 'end_at'],
    ['by change', { sort: '-updatedAt' }, 'updated_at'],
    ['by change, oldest first', { sort: 'updatedAt' }, 'updated_at'],
    ['by title', { sort: 'title' }, 'title_key'],
    ['by title, backwards', { sort: '-title' }, 'title_key'],
    ['by lead', { sort: 'lead' }, 'lead_key'],
    ['by lead, backwards', { sort: '-lead' }, 'lead_key'],
    ['by type', { sort: 'type' }, 'type_key'],
    ['by location', { sort: 'location' }, 'location_key'],
    ['by creation', { sort: '-createdAt' }, 'created_at'],
    ['by creation, oldest first', { sort: 'createdAt' }, 'created_at'],
    ['by status', { sort: 'status' }, 'status'],
    ['by status, backwards', { sort: '-status' }, 'status'],
    ['by zone', { sort: 'timezone' }, 'timezone'],
    ['by zone, backwards', { sort: '-timezone' }, 'timezone'],
  ])('%s is read in order from one index, and nothing is sorted', async (_, query, column) => {
    const { plans } = await plansOf(query)
    expect(plans).toHaveLength(2)
    const [page] = plans as [PlanNode[], PlanNode[]]
    expect(kinds(page).filter((kind) => kind.includes('Sort'))).toEqual([])
    expect(indexes(page)).toEqual([
      expect.stringMatching(new RegExp(`^interactions_\\d\\d_site_id_${column}_id_idx$`)),
    ])
    expect(relations(page)).toHaveLength(1)
  })
})

test.each(['-startDateTime', 'startDateTime', 'title', '-updatedAt', 'type', '-lead'])(
  'by %s a page far behind is found by its cursor at once, whatever comes before it',
  async (sort) => {
    const far = await reader.list({ sort, page: 400 })
    sent.length = 0
    const { status } = await reader.list({ sort, cursor: far.body.nextCursor! })
    expect(status).toBe(200)
    const { sql, bindings } = sent.find((each) => each.sql.includes('interactions_in_scope'))!
    const plan = await explain(sql, bindings, 'ANALYZE,')
    expect(Math.max(...looked(plan))).toBeLessThanOrEqual(30)
    expect(kinds(plan)).not.toContain('Seq Scan')
  },
)

test('how often types are used is all in one index; no record has to be read for it', async () => {
  sent.length = 0
  const { status } = await reader.get('/interaction-types')
  expect(status).toBe(200)
  const { sql, bindings } = sent.find(
    (each) => /group by/.test(each.sql) && each.bindings.includes(scope.siteId),
  )!
  // What it would rather do depends on when the table was vacuumed.
  const plan = await explain(
    sql,
    bindings,
    '',
    'SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off',
  )
  expect(kinds(plan)).toContain('Index Only Scan')
  expect(indexes(plan)).toEqual([expect.stringMatching(/^interactions_\d\d_tenant_id_type_site_id_idx$/)])
})

test('a page of a first sync is read from the index of the dates', async () => {
  sent.length = 0
  const first = await reader.pull({ limit: 50 })
  await reader.pull({ limit: 50, cursor: first.cursor })
  const pages = sent.filter(({ sql }) => /order by start_at/i.test(sql))
  expect(pages.length).toBeGreaterThanOrEqual(2)
  for (const { sql, bindings } of pages) {
    const plan = await explain(sql, bindings)
    expect(kinds(plan).filter((kind) => kind.includes('Sort') || kind === 'Seq Scan')).toEqual([])
  }
})
