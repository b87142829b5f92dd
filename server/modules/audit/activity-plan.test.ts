import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { nodes, type PlanNode } from '../../test/plans.ts'
import { asApp } from '../../test/scoped.ts'

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

test('what people did is counted soon also where the database knows nothing of the audit yet', async () => {
  const { tenants, sites, users } = server.ids
  const tenantId = tenants['Harbour & Vale']
  const entries = 500
  await server.as('admin', sites.Marketing).create()
  await server.database.owner.query(
    `INSERT INTO audit_logs (tenant_id, feed_id, position, id, at, actor_id, action, entity, new_values, hash)
     SELECT $1, $2, 1000 + n, gen_random_uuid(), now() - n * interval '1 second', $3, 'type.x' || (n % 50), 'thing',
       '{}', '' FROM generate_series(1, ${entries}) n`,
    [tenantId, sites.Marketing, users.admin],
  )
  const sent: { sql: string; bindings: unknown[] }[] = []
  server.app.knex.on('query', (query: { sql: string; bindings: unknown[] }) => sent.push(query))
  const day = (later: number) => new Date(Date.now() + later * 86_400_000).toISOString()
  const answer = await server.as('admin').get(`/admin/users/activity?from=${day(-1)}&to=${day(1)}`)
  expect(answer.status, answer.text).toBe(200)
  const { sql, bindings } = sent.find((each) => each.sql.includes('e.actor_id AS id'))!
  const { rows } = await asApp(server.database, { tenantId, siteId: null }, (client) =>
    client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, bindings),
  )
  const scans = nodes(rows[0]!['QUERY PLAN'][0].Plan).filter((node) => node['Relation Name'] === 'audit_logs')
  // Each kind of each feed at the most.
  for (const scan of scans) expect(scan['Actual Loops']).toBeLessThan(entries / 2)
})
