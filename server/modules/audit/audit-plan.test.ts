import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Scope } from '../../shared/scope.ts'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { indexes, kinds, nodes, type PlanNode } from '../../test/plans.ts'
import { asApp } from '../../test/scoped.ts'

let server: TestApp
let admin: Client
let scope: Scope
const sent: { sql: string; bindings: unknown[] }[] = []
const perSite = 20_000

beforeAll(async () => {
  server = await createTestApp()
  admin = server.as('admin')
  scope = { tenantId: server.ids.tenants['Harbour & Vale'], siteId: null }
  const { Marketing, Sales } = server.ids.sites
  const { owner } = server.database
  for (const site of [Marketing, Sales]) await server.as('admin', site).create()
  // A chain of nothing but places: what a plan looks at are the columns.
  await owner.query(
    `INSERT INTO audit_logs (tenant_id, feed_id, position, id, at, actor_id, action, entity, entity_id, new_values, hash)
     SELECT $1, feed, 1000 + n, gen_random_uuid(), now() - n * interval '1 minute',
       CASE WHEN n % 40 = 0 THEN $3::uuid ELSE $4::uuid END,
       CASE WHEN n = 19000 THEN 'interaction.purged' WHEN n % 50 = 0 THEN 'access.refused' ELSE 'interaction.updated' END,
       CASE WHEN n % 50 <> 0 OR n = 19000 THEN 'interaction' END, gen_random_uuid(), '{}', ''
     FROM unnest($2::uuid[]) feed, generate_series(1, ${perSite}) n`,
    [scope.tenantId, [Marketing, Sales], server.ids.users.editor, server.ids.users.admin],
  )
  await owner.query('VACUUM ANALYZE audit_logs')
  server.app.knex.on('query', (query: { sql: string; bindings: unknown[] }) => sent.push(query))
}, 120_000)
afterAll(() => server.close())

/** How the statement a request sends is run, and how many rows of the audit it looks at. */
async function planOf(
  url: string,
  part: string,
): Promise<{ plan: PlanNode[]; looked: number; text: string }> {
  sent.length = 0
  const { status, text } = await admin.get(url)
  expect(status, text).toBe(200)
  const { sql, bindings } = sent.find((each) => each.sql.includes(part))!
  const { rows } = await asApp(server.database, scope, (client) =>
    client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, bindings),
  )
  const plan = nodes(rows[0]!['QUERY PLAN'][0].Plan)
  const looked = plan
    .filter((node) => node['Relation Name'] === 'audit_logs')
    .map(
      (node) =>
        ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 1),
    )
    .reduce((sum, rows) => sum + rows, 0)
  return { plan, looked, text }
}

const page = 50
describe('a page of the audit is read from an index, whatever else there is', () => {
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
  test.each<[string, () => string, string]>([
    ['of everything', () => '', 'audit_logs_of_kind'],
    ['of a site', () => `&site=${server.ids.sites.Sales}`, 'audit_logs_of_kind'],
    ['of what is rare', () => '&action=interaction.purged', 'audit_logs_of_kind'],
    ['of what nobody did', () => '&action=type.*', 'audit_logs_of_kind'],
    ['of a kind of thing', () => '&entity=interaction', 'audit_logs_of_kind'],
    ['of one thing', () => `&entityId=${server.ids.users.admin}`, 'audit_logs_of_entity'],
    ['of a person', () => `&actor=${server.ids.users.editor}`, 'audit_logs_of_actor'],
    ['of a person who did nothing', () => `&actor=${server.ids.users.viewer}`, 'audit_logs_of_actor'],
    ['of long ago', () => `&to=${ago(19_900)}`, 'audit_logs_of_kind'],
    ['of a period', () => `&from=${ago(15_000)}&to=${ago(14_990)}`, 'audit_logs_of_kind'],
  ])('%s', async (_, query, index) => {
    const { plan, looked } = await planOf(`/audit?limit=${page}${query()}`, 'audit_logs')
    const whole = plan.filter((node) => node['Relation Name'] === 'audit_logs')
    expect(kinds(whole)).not.toContain('Seq Scan')
    // Of each of the kinds in each feed a page, and then the page itself.
    expect(looked).toBeLessThan(page * 12)
    expect(indexes(plan)).toContain(index)
  })

  test('and the next one, far behind', async () => {
    const far = Buffer.from(
      JSON.stringify({ at: ago(15_000), feedId: server.ids.sites.Sales, position: 16_000 }),
    ).toString('base64url')
    const { looked, text } = await planOf(`/audit?limit=${page}&cursor=${far}`, 'audit_logs')
    expect((JSON.parse(text) as { entries: object[] }).entries).toHaveLength(page)
    expect(looked).toBeLessThan(page * 12)
  })
})

test('what people did is counted from the index of persons, and no more than the period', async () => {
  const from = new Date(Date.now() - 60 * 60_000).toISOString()
  const to = new Date().toISOString()
  const { plan, looked } = await planOf(`/admin/users/activity?from=${from}&to=${to}`, 'e.actor_id AS id')
  expect(indexes(plan)).toContain('audit_logs_of_actor')
  expect(looked).toBeLessThan(60 * 2 + 50)
  const days = await planOf(`/admin/users/activity?from=${from}&to=${to}`, 'AS day, count(*)')
  expect(indexes(days.plan)).toContain('audit_logs_of_kind')
  expect(days.looked).toBeLessThan(60 * 2 + 50)
})
