import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { mostShownNotices, type Notice } from '#common/contract/notices'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { brokenChains } from '../../test/audit-chain.ts'
import { createReplica } from '../../test/replica.ts'

let server: TestApp
let admin: Client
beforeAll(async () => {
  server = await createTestApp()
  admin = server.as('admin')
})
afterAll(() => server.close())
beforeEach(async () => {
  await server.database.owner.query('DELETE FROM notices')
})

const hour = 3600_000
const inHours = (hours: number) => new Date(Date.now() + hours * hour).toISOString()
const closing = {
  kind: 'maintenance',
  words: 'The server rests tonight.',
  siteId: null as string | null,
  startsAt: inHours(-1),
  endsAt: inHours(5),
}
const add = (fields: object = {}) => admin.post<{ notice: Notice }>('/notices', { ...closing, ...fields })
async function added(fields: object = {}): Promise<Notice> {
  const { status, body, text } = await add(fields)
  expect(status, text).toBe(201)
  return body.notice
}
const list = async () => (await admin.get<{ notices: Notice[] }>('/notices')).body.notices
/** What the devices of somebody are to show. */
const shownTo = async (username: Parameters<TestApp['as']>[0]) =>
  (await createReplica(server.as(username)).pull()).notices.map(({ words }) => words)
const withdraw = ({ id }: Notice) => admin.post<{ notice: Notice }>(`/notices/${id}/withdraw`, {})
const fieldsOf = ({ body }: { body: unknown }) =>
  (body as { error: { details: { field: string }[] } }).error.details.map(({ field }) => field)

describe('whom a notice reaches', () => {
  test('everybody in the organisation, and nobody in another', async () => {
    await added()
    expect(await shownTo('viewer')).toEqual([closing.words])
    expect(await shownTo('admin')).toEqual([closing.words])
    expect(await shownTo('outsider')).toEqual([])
  })

  test('of a site those who belong to it, whatever site they work at', async () => {
    const { rows } = await server.database.owner.query<{ site: string; username: 'editor' | 'viewer' }>(
      `SELECT s.id AS site, u.username FROM sites s
       JOIN users u ON u.tenant_id = s.tenant_id AND u.username IN ('editor', 'viewer')
         AND NOT EXISTS (SELECT FROM user_sites m WHERE m.tenant_id = s.tenant_id AND m.site_id = s.id AND m.user_id = u.id)
       WHERE s.active AND EXISTS (SELECT FROM tenants t WHERE t.id = s.tenant_id AND t.name LIKE 'Harbour%')
       LIMIT 1`,
    )
    const { site, username } = rows[0]!
    const notice = await added({ siteId: site })
    expect(await shownTo(username)).toEqual([])
    expect(await shownTo('admin')).toEqual([closing.words])
    const body = { siteId: null, version: notice.version }
    expect((await admin.put(`/notices/${notice.id}`, body)).status).toBe(200)
    expect(await shownTo(username)).toEqual([closing.words])
  })

  test('from before it begins until it ends or is withdrawn, the gravest first', async () => {
    await added({ words: 'Planned', startsAt: inHours(1) })
    await added({ words: 'Later', kind: 'info' })
    const gone = await added({ words: 'Withdrawn' })
    const ended = await added({ words: 'Ended' })
    await withdraw(gone)
    await server.database.owner.query(`UPDATE notices SET ends_at = now() WHERE id = $1`, [ended.id])
    expect(await shownTo('viewer')).toEqual(['Planned', 'Later'])
    expect((await list()).map(({ words }) => words).sort()).toEqual([
      'Ended',
      'Later',
      'Planned',
      'Withdrawn',
    ])
  })

  test('no more at once than a device can show', async () => {
    for (let n = 0; n <= mostShownNotices; n++) await added({ words: `Notice ${n}` })
    expect(await shownTo('viewer')).toHaveLength(mostShownNotices)
  })
})

test('only admins write, change, withdraw and list them', async () => {
  const notice = await added()
  const viewer = server.as('viewer')
  expect((await viewer.post('/notices', closing)).status).toBe(403)
  expect((await viewer.put(`/notices/${notice.id}`, { words: 'x', version: 1 })).status).toBe(403)
  expect((await viewer.post(`/notices/${notice.id}/withdraw`, {})).status).toBe(403)
  expect((await viewer.get('/notices')).status).toBe(403)
  expect((await server.as('outsider').post(`/notices/${notice.id}/withdraw`, {})).status).toBe(404)
})

test('what cannot be shown is refused, by the name of its field', async () => {
  for (const [field, fields] of [
    ['endsAt', { endsAt: closing.startsAt }],
    ['endsAt', { startsAt: inHours(-3), endsAt: inHours(-2) }],
    ['siteId', { siteId: randomUUID() }],
    ['words', { words: 'x'.repeat(501) }],
    ['words', { words: '  ' }],
    ['kind', { kind: 'urgent' }],
  ] as const) {
    const answer = await add(fields)
    expect([field, answer.status, fieldsOf(answer)]).toEqual([field, 400, [field]])
  }
})

test('sent again it is there once; another under its id is a conflict', async () => {
  const id = randomUUID()
  const first = await added({ id })
  expect(await added({ id })).toEqual(first)
  expect((await add({ id, words: 'Another' })).status).toBe(409)
  expect(await list()).toHaveLength(1)
})

test('a stale version is a conflict, one that is over is not changed any more, and withdrawing twice is once', async () => {
  const notice = await added()
  const change = (body: object) => admin.put<{ notice: Notice }>(`/notices/${notice.id}`, body)
  expect((await change({ words: 'Later', version: 1 })).body.notice.version).toBe(2)
  expect((await change({ words: 'Stale', version: 1 })).status).toBe(409)
  const withdrawn = (await withdraw(notice)).body.notice
  expect((await withdraw(notice)).body.notice).toEqual(withdrawn)
  expect((await change({ words: 'Too late', version: 3 })).status).toBe(409)
  const sql = async <R>(text: string, values: unknown[] = []) =>
    (await server.database.owner.query(text, values)).rows as R[]
  const rows = await sql<{ action: string }>(
    'SELECT action FROM audit_logs WHERE entity_id = $1 ORDER BY id',
    [notice.id],
  )
  expect(rows.map(({ action }) => action)).toEqual(['notice.created', 'notice.updated', 'notice.withdrawn'])
  expect(await brokenChains(sql)).toEqual([])
})
