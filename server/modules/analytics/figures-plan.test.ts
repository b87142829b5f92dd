import { beforeAll, describe, expect, test } from 'vitest'
import type { TenantRole } from '#common/contract/auth'
import { type Days, timeBefore } from '#common/rules/series'
import { redo } from '#db/migrate'
import { createFieldWork } from '../../test/field-work.ts'
import { nodes, type PlanNode } from '../../test/plans.ts'
import { asApp } from '../../test/scoped.ts'

/** How figures are read: of so many visits from the ledgers, with as many statements as of none. */

const field = await createFieldWork()
const { server, sql, admin, site } = field
const tenantId = server.ids.tenants['Harbour & Vale']
type Person = Awaited<ReturnType<typeof field.person>>
interface Asking {
  as: Pick<Person, 'get'>
  id: string
  roles: readonly TenantRole[]
}

const year: Days = { from: '2025-03-10', to: '2026-03-09' }
/** What the application has sent, last of all. */
const sent: { sql: string; bindings: unknown[] }[] = []
const asking: Record<string, Asking> = {}
const countsOfNone = new Map<string, number>()
let brandId: string

/** What there is to ask, with whatever makes it ask more of the database. */
const questions = (): [path: string, query: Record<string, string>][] => [
  ['overview', { brandId }],
  ['visits', { unit: 'week' }],
  ['shops', {}],
  ['shelf_share', { unit: 'month' }],
  ['shelf_share/shops', { brandId }],
  ['interactions', {}],
]

async function statementsOf(path: string, query: Record<string, string>, { as }: Asking) {
  sent.length = 0
  const asked = new URLSearchParams({ ...year, ...query }).toString()
  const { status, text } = await as.get(`/analytics/${path}?${asked}`)
  expect(status, text).toBe(200)
  return [...sent]
}
async function counts(): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const [who, of] of Object.entries(asking))
    for (const [path, query] of questions())
      found.set(`${path}, ${who}`, (await statementsOf(path, query, of)).length)
  return found
}

beforeAll(async () => {
  const at = { [site]: 'viewer' } as const
  const agents = [await field.person('anna', ['agent'], at), await field.person('bert', ['agent'], at)]
  const lea = await field.person('lea', ['team_leader'], at)
  const [{ id: adminId }] = (await sql<{ id: string }>(
    `SELECT id FROM users WHERE tenant_id = $1 AND username = 'admin'`,
    [tenantId],
  )) as [{ id: string }]
  const { team } = (
    await admin.post<{ team: { id: string } }>('/teams', {
      name: 'Pier',
      level: 'team',
      parentId: null,
      leaderId: lea.id,
    })
  ).body
  await admin.post(`/teams/${team.id}/members`, { userId: agents[0]!.id })
  asking.admin = { as: admin, id: adminId, roles: ['admin'] }
  asking['who leads one of them'] = { as: lea, id: lea.id, roles: ['team_leader'] }
  asking['an agent'] = { as: agents[0]!, id: agents[0]!.id, roles: ['agent'] }
  brandId = (await field.brand('Alba')).id

  server.app.knex.on('query', (query: { sql: string; bindings: unknown[] }) => sent.push(query))
  for (const [key, count] of await counts()) countsOfNone.set(key, count)

  await sql(
    `INSERT INTO shops (tenant_id, site_id, id, name, name_key, search_text)
     SELECT $1, $2, gen_random_uuid(), 'Shop ' || n, 'shop ' || n, 'shop ' || n FROM generate_series(1, 100) n`,
    [tenantId, site],
  )
  // The ledgers of so many are filled as they were when there were none.
  await redo(server.database.url, '20261201000031_tallies.ts', async () => {
    await sql(
      `WITH shop AS (SELECT array_agg(id) AS ids FROM shops WHERE tenant_id = $1)
       INSERT INTO visits (tenant_id, site_id, id, agent_id, shop_id, visit_type, status, started_at, completed_at,
         timezone, day)
       SELECT $1, $2, gen_random_uuid(), ($3::uuid[])[1 + n % 2], shop.ids[1 + n % 100], 'routine', 'completed', at, at,
         'UTC', at::date
       FROM shop, generate_series(1, 50000) n
       CROSS JOIN LATERAL (SELECT date '2026-03-09' - n % 1000 + interval '9 hours' AS at) of`,
      [tenantId, site, agents.map(({ id }) => id)],
    )
  })
  await sql('VACUUM ANALYZE')
})

/** How each of these statements is run as the role the application acts as. */
const plansOf = (statements: readonly { sql: string; bindings: unknown[] }[], { id, roles }: Asking) =>
  asApp(
    server.database,
    {
      tenantId,
      siteId: null,
      userId: id,
      by: { id, roles, sites: roles.includes('admin') ? [] : [{ id: site, role: 'viewer' }] },
    },
    async (client) => {
      const plans: PlanNode[][] = []
      for (const each of statements) {
        const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
          `EXPLAIN (ANALYZE, FORMAT JSON) ${each.sql}`,
          each.bindings,
        )
        plans.push(nodes(rows[0]!['QUERY PLAN'][0].Plan))
      }
      return plans
    },
  )

const rowsRead = (plan: readonly PlanNode[], table: string) =>
  plan
    .filter((node) => node['Relation Name'] === table)
    .map(
      (node) =>
        ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 1),
    )
    .reduce((sum, rows) => sum + rows, 0)

const isOfFigures = ({ sql: text }: { sql: string }) => /visit_days|visit_months|shop_months/.test(text)
const scansOfVisits = (plans: readonly PlanNode[][]) =>
  plans
    .flat()
    .filter((node) => node['Relation Name'] === 'visits')
    .map((node) => node['Node Type'])

describe.each(['admin', 'who leads one of them', 'an agent'])('as %s', (who) => {
  test('an overview of a year reads visits only of the days beside its whole months', async () => {
    const of = asking[who]!
    const statements = (await statementsOf('overview', { brandId }, of)).filter(isOfFigures)
    expect(statements.length).toBeGreaterThanOrEqual(4)
    const plans = await plansOf(statements, of)
    expect(scansOfVisits(plans)).not.toContain('Seq Scan')
    // Both years together have 60 such days of 50 visits.
    const read = plans.reduce((sum, plan) => sum + rowsRead(plan, 'visits'), 0)
    expect(read).toBeGreaterThan(0)
    const [{ count }] = (await sql<{ count: number }>(
      `SELECT count(*)::int FROM visits WHERE day BETWEEN $1 AND $2
         AND date_trunc('month', day) IN ('2024-03-01', '2025-03-01', '2026-03-01')`,
      [timeBefore(year).from, year.to],
    )) as [{ count: number }]
    expect(read).toBeLessThanOrEqual(count)
  })

  test('and so does a list of shops, which finds the last visit of each at once', async () => {
    const of = asking[who]!
    const plans = await plansOf((await statementsOf('shops', {}, of)).filter(isOfFigures), of)
    expect(scansOfVisits(plans)).not.toContain('Seq Scan')
  })
})

test('what is asked of the database does not grow with what is there', async () => {
  expect(Object.fromEntries(await counts())).toEqual(Object.fromEntries(countsOfNone))
})
