import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestApp, type TestApp } from '../../test/app.ts'

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

test('what a forgotten person’s devices were told of places is found without reading all there ever was', async () => {
  const { owner } = server.database
  const { editor, colleague } = server.ids.users
  const tenantId = server.ids.tenants['Harbour & Vale']
  await server.as('editor', server.ids.sites.Marketing).create()
  const receive = (userId: string, count: number, result: object) =>
    owner.query(
      `INSERT INTO sync_receipts (tenant_id, device_id, mutation_id, user_id, feed_id, seq, payload_hash, result, sole_author)
       SELECT $1, gen_random_uuid(), gen_random_uuid(), $2, $3, n, '', $5, true FROM generate_series(1, $4::int) n`,
      [tenantId, userId, server.ids.sites.Marketing, count, JSON.stringify(result)],
    )
  await receive(colleague, 3000, { record: { position: { latitude: 1 } } })
  await receive(editor, 3000, { record: {} })
  await receive(editor, 3, { record: { position: { latitude: 1 } } })
  await owner.query('ANALYZE sync_receipts')
  const { rows } = await owner.query<{ body: string }>(
    `SELECT pg_get_function_sqlbody('blank_receipts'::regproc) AS body`,
  )
  const update = /UPDATE[^;]*/.exec(rows[0]!.body)![0].replaceAll('blank_receipts.person', `'${editor}'`)
  const client = await owner.connect()
  try {
    await client.query('BEGIN')
    await client.query(`SELECT set_config('fieldbook.tenant_id', $1, true)`, [tenantId])
    await client.query('SET LOCAL ROLE fieldbook_keeper')
    const plan = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${update}`)
    expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('sync_receipts_with_place')
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
})
