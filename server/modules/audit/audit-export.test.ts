import { parse } from 'csv-parse/sync'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditEntry, mostAuditExported } from '#common/contract/audit'
import type { SignedIn } from '#common/contract/auth'
import type { Interaction } from '#common/contract/interactions'
import { brokenChains } from '../../test/audit-chain.ts'
import type { Actor } from '../../shared/scope.ts'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { password } from '../../test/fixture.ts'
import { journal } from '../journal/journal.service.ts'
import { createAuditService } from './audit.service.ts'

let server: TestApp
let admin: Client
let marketing: string
let sales: string
let record: Interaction
beforeAll(async () => {
  server = await createTestApp()
  marketing = server.ids.sites.Marketing
  sales = server.ids.sites.Sales
  admin = server.as('admin')
  const editor = server.as('editor', marketing)
  record = await editor.update(await editor.create({ title: 'Ördög, “first”' }), { title: 'Second' })
  await server.as('editor', sales).create({ title: 'In Sales' })
  await server.as('outsider').create({ title: 'Elsewhere' })
})
afterAll(() => server.close())

type Row = Record<string, string>

async function exported(query = '', client = admin, path = '/audit/export'): Promise<Row[]> {
  const answer = await client.get(`${path}${query}`)
  expect(answer.status, answer.text).toBe(200)
  expect(answer.headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': expect.stringContaining('filename="Fieldbook audit.csv"') as string,
  })
  expect(answer.text.startsWith('\ufeff')).toBe(true)
  return parse<Row>(answer.text, { bom: true, columns: true })
}
const entries = async (query: string) =>
  (await admin.get<{ entries: AuditEntry[] }>(`/audit${query}`)).body.entries

test('holds what the list shows, the latest first, whatever is in it', async () => {
  const listed = await entries('?action=interaction.*&limit=200')
  const rows = await exported('?action=interaction.*')
  expect(rows.map((row) => row.Entry)).toEqual(listed.map(({ id }) => id))
  expect(rows).toHaveLength(3)
  const [, changed, created] = rows
  expect(changed).toMatchObject({
    Who: 'Edith Vale',
    'Id of who': server.ids.users.editor,
    Action: 'interaction.updated',
    Where: 'Marketing',
    'Kind of thing': 'interaction',
    'Id of the thing': record.id,
    Address: '127.0.0.1',
  })
  expect(changed!['When (UTC)']).toBe(listed[1]!.at.slice(0, 19).replace('T', ' '))
  expect(JSON.parse(changed!.Before!)).toMatchObject({ title: 'Ördög, “first”' })
  expect(JSON.parse(changed!.After!)).toMatchObject({ title: 'Second' })
  expect(created!.Before).toBe('')
})

test('has nothing in it that a spreadsheet would run', async () => {
  const deviceName = '=HYPERLINK("https://example.org";"Open")'
  const given = { username: 'viewer', password, deviceName }
  const { body } = await server.anonymous().post<SignedIn>('/auth/login', given)
  await server.anonymous(body.token).post('/auth/logout', {})
  const rows = await exported(`?actor=${server.ids.users.viewer}&action=session.ended`)
  expect(rows[0]!.Device).toBe(`'${deviceName}`)
})

test('is told by the audit, with what was asked for and how much it was', async () => {
  await exported(`?action=interaction.*&site=${sales}`)
  const [entry] = await entries('?action=export.*&limit=1')
  expect(entry).toMatchObject({
    action: 'export.audit',
    actor: { displayName: 'Ada Harbour' },
    site: null,
    newValues: { format: 'csv', filter: { action: 'interaction.*', site: sales }, entries: 1 },
  })
  const sql = async <R>(text: string, values: unknown[] = []) =>
    (await server.database.owner.query(text, values)).rows as R[]
  expect(await brokenChains(sql)).toEqual([])
})

test('is for admins, of a site for its administrators, and of nobody else’s organisation', async () => {
  for (const person of ['manager', 'editor', 'viewer'] as const)
    expect((await server.as(person).get('/audit/export')).status).toBe(403)
  expect((await server.anonymous().get('/audit/export')).status).toBe(401)
  const path = `/sites/${marketing}/audit/export`
  expect((await server.as('editor').get(path)).status).toBe(403)
  const manager = server.as('manager')
  const rows = await exported('', manager, path)
  expect(new Set(rows.map((row) => row.Where))).toEqual(new Set(['Marketing']))
  expect((await manager.get(`${path}?site=${sales}`)).status).toBe(400)
  expect((await manager.get(`/sites/${sales}/audit/export`)).status).toBe(404)
  expect((await manager.get(`/sites/${randomUUID()}/audit/export`)).status).toBe(404)
  expect(
    (await entries(`?site=${marketing}&action=export.*`)).map(({ actor }) => actor?.displayName),
  ).toEqual(['Mona Pier'])
  const theirs = await exported('', server.as('outsider'))
  expect(theirs.map((row) => row.Who)).not.toContain('Edith Vale')
  expect(await exported(`?site=${marketing}`, server.as('outsider'))).toEqual([])
})

test('is sent page by page, however large what it holds', async () => {
  const [count, length] = [1000, 80_000]
  const tenantId = server.ids.tenants['Harbour & Vale']
  await server.database.owner.query(
    `INSERT INTO audit_logs (tenant_id, feed_id, position, id, at, action, new_values, hash)
     SELECT $1, $2, 10000 + n, gen_random_uuid(), now() - n * interval '1 second', 'bulk.done',
       jsonb_build_object('notes', repeat('x', $4::int)), ''
     FROM generate_series(1, $3::int) n`,
    [tenantId, sales, count, length],
  )
  const actor: Actor = {
    ...{ id: server.ids.users.admin, tenantId, roles: ['admin'], sites: [] },
    ...{ requestId: 'r', address: '127.0.0.1', device: null },
  }
  const audit = createAuditService(server.app.transact, journal)
  let [whole, largest] = [0, 0]
  for await (const piece of await audit.exported(actor, null, { action: 'bulk.*' })) {
    whole += piece.length
    largest = Math.max(largest, piece.length)
  }
  expect(whole).toBeGreaterThan(count * length)
  expect(largest).toBeLessThan(whole / 5)
}, 60_000)

test('comes whole or not at all, however much there is', async () => {
  const add = (first: number, last: number) =>
    server.database.owner.query(
      `INSERT INTO audit_logs (tenant_id, feed_id, position, id, at, actor_id, action, new_values, hash)
       SELECT $1, $2, 100000 + n, gen_random_uuid(), now() - n * interval '1 second', $3, 'view.created', '{}', ''
       FROM generate_series($4::int, $5::int) n`,
      [server.ids.tenants['Harbour & Vale'], sales, server.ids.users.editor, first, last],
    )
  await add(1, mostAuditExported)
  const rows = await exported('?action=view.*')
  expect(rows).toHaveLength(mostAuditExported)
  expect(new Set(rows.map((row) => row.Entry)).size).toBe(mostAuditExported)
  await add(mostAuditExported + 1, mostAuditExported + 1)
  expect(await admin.get('/audit/export?action=view.*')).toMatchObject({
    status: 400,
    error: { details: [{ field: 'from' }] },
  })
}, 120_000)
