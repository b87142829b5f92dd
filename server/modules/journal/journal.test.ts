import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalJson } from '../../shared/canonical-json.ts'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { type AuditRow, brokenChains } from '../../test/audit-chain.ts'
import { createDevice } from '../../test/device.ts'
import { journal } from './journal.service.ts'
import { verifyAudit } from './verification.service.ts'
import { systemScope } from '../../shared/scope.ts'

let server: TestApp
let site: string
let editor: Client
beforeAll(async () => {
  server = await createTestApp()
  site = server.ids.sites.Marketing
  editor = server.as('editor', site)
})
afterAll(() => server.close())

const sql = async <R>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as R[]
const entriesOf = (entityId: string) =>
  sql<AuditRow>('SELECT * FROM audit_logs WHERE entity_id = $1 ORDER BY position', [entityId])

const broken = () => brokenChains(sql)

describe('every change is written down with what was and what is', () => {
  test('made directly', async () => {
    const headers = { 'user-agent': 'Field tablet 7' }
    const created = await editor.create({ title: 'One' })
    const updated = await editor.put(`/interactions/${created.id}`, { title: 'Two', version: 1 }, headers)
    await editor.delete(`/interactions/${created.id}`)
    const [first, second, third, ...more] = await entriesOf(created.id)
    expect(more).toEqual([])
    const whose = {
      feed_id: site,
      actor_id: server.ids.users.editor,
      entity: 'interaction',
      address: '127.0.0.1',
    }
    expect(first).toMatchObject({
      ...whose,
      action: 'interaction.created',
      old_values: null,
      new_values: created,
    })
    expect(second).toMatchObject({
      ...whose,
      action: 'interaction.updated',
      old_values: created,
      new_values: updated.body.interaction,
      device: 'Field tablet 7',
      request_id: updated.headers['x-request-id'],
    })
    expect(third).toMatchObject({
      ...whose,
      action: 'interaction.deleted',
      old_values: updated.body.interaction,
      new_values: null,
    })
  })

  test('brought by a device, also when it came to nothing', async () => {
    const device = createDevice(site)
    const created = device.create()
    const rejected = device.create({ type: 'Dance' })
    await editor.push(device.id, [created, rejected, created])
    expect((await entriesOf(created.entityId)).map(({ action }) => action)).toEqual(['interaction.created'])
    const [entry] = await entriesOf(rejected.entityId)
    expect(entry).toMatchObject({
      action: 'sync.rejected',
      feed_id: site,
      new_values: { mutationId: rejected.mutationId, fields: Object.keys(rejected.patch) },
    })
  })

  test('by a super admin who entered, of whom the organisation knows no more than the id', async () => {
    const tenantId = server.ids.tenants['Harbour & Vale']
    const root = randomUUID()
    const entityId = randomUUID()
    const origin = { id: root, enteredBy: root, requestId: 'r', address: '127.0.0.1', device: null }
    await server.app.transact(systemScope(tenantId), (tx) =>
      journal.record(tx, origin, { action: 'site.created', feedId: tenantId, entity: 'site', entityId }),
    )
    expect(await entriesOf(entityId)).toMatchObject([{ actor_id: null, entered_by: root }])
    expect(await broken()).toEqual([])
    expect((await verifyAudit(server.app.transact)).breaks).toEqual([])
  })

  test('but not what was refused before it began', async () => {
    const before = await sql('SELECT FROM audit_logs WHERE feed_id = $1', [site])
    await editor.post('/interactions', { title: '' })
    await editor.list({ search: 'anything' })
    expect(await sql('SELECT FROM audit_logs WHERE feed_id = $1', [site])).toHaveLength(before.length)
  })
})

describe('the chain', () => {
  test('can be worked out again from what is stored, whatever text went through it', async () => {
    const awkward = [
      `"quotes" and \\ and 'more'`,
      'Zoë 😀 \u2028 \u007f',
      '{"a": [1, 2]}',
      '\\u0000 \\n',
      'é vs e\u0301',
      ' spaces ',
    ]
    for (const text of awkward) {
      const record = await editor.create({ title: text, notes: text.repeat(3), location: text })
      await editor.update(record, { description: text })
    }
    await server.as('outsider').create()
    await server.as('editor').get(`/interactions/${randomUUID()}`)
    expect(await broken()).toEqual([])
    const [{ count }] = (await sql<{ count: number }>(
      'SELECT count(DISTINCT feed_id)::int FROM audit_logs',
    )) as [{ count: number }]
    expect(count).toBeGreaterThanOrEqual(3)
  })

  test('holds when many write at once', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, n) => editor.create({ title: `At once ${n}` })))
    expect(await broken()).toEqual([])
  })

  const tamper = async (text: string, undo: string) => {
    await sql(text, [site])
    const found = await broken()
    await sql(undo, [site])
    return found
  }

  test('shows an entry that was changed', async () => {
    expect(
      await tamper(
        `UPDATE audit_logs SET action = 'interaction.read' WHERE feed_id = $1 AND position = 2`,
        `UPDATE audit_logs SET action = 'interaction.updated' WHERE feed_id = $1 AND position = 2`,
      ),
    ).toEqual([`${site} 2`])
    expect(await broken()).toEqual([])
  })

  test('shows an entry that is missing, in the middle and at the end', async () => {
    await sql('CREATE TABLE kept AS SELECT * FROM audit_logs')
    const restore = 'INSERT INTO audit_logs SELECT * FROM kept WHERE feed_id = $1 ON CONFLICT DO NOTHING'
    expect(await tamper('DELETE FROM audit_logs WHERE feed_id = $1 AND position = 3', restore)).toEqual([
      `${site} 3`,
    ])
    expect(
      await tamper(
        'DELETE FROM audit_logs WHERE feed_id = $1 AND position = (SELECT max(position) FROM kept WHERE feed_id = $1)',
        restore,
      ),
    ).toEqual([`${site} end`])
    expect(await broken()).toEqual([])
  })

  test('shows entries that changed places', async () => {
    const swap = `UPDATE audit_logs SET position = 9 - position + 1000000 WHERE feed_id = $1 AND position IN (4, 5)`
    const land = `UPDATE audit_logs SET position = position - 1000000 WHERE feed_id = $1 AND position > 1000000`
    await sql(swap, [site])
    await sql(land, [site])
    expect(await broken()).toEqual([`${site} 4`])
  })
})

describe('canonical JSON', () => {
  test('does not know in which order members came', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}')
    expect(canonicalJson({ a: null, b: [{ c: 2, d: 1 }] })).toBe(
      canonicalJson({ b: [{ d: 1, c: 2 }], a: null }),
    )
  })
  test('keeps the order of lists, and tells values apart', () => {
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]))
    expect(canonicalJson({ a: '1' })).not.toBe(canonicalJson({ a: 1 }))
    expect(canonicalJson({ a: null })).not.toBe(canonicalJson({}))
  })
})

test('who hears of a change: everybody of the feed, or whose it is alone, and of a quiet one nobody', async () => {
  const heard: string[] = []
  const tenantId = server.ids.tenants['Harbour & Vale']
  const [owner, entityId] = [randomUUID(), randomUUID()]
  const origin = { id: null, requestId: randomUUID(), address: '127.0.0.1', device: null }
  const entry = (ownerId?: string, more = {}) => ({
    action: 'photo.stored' as const,
    feedId: site,
    changes: [{ entity: 'photo', entityId, removed: false, ...(ownerId && { ownerId }) }],
    ...more,
  })
  const tell = (...given: Parameters<typeof journal.record>[2][]) =>
    server.app.transact(systemScope(tenantId, site), async (tx) => {
      for (const each of given)
        await journal.record({ ...tx, announce: (id) => void heard.push(id) }, origin, each)
      return heard.splice(0)
    })
  expect(await tell(entry(owner))).toEqual([owner])
  expect(await tell(entry())).toEqual([site])
  expect(await tell(entry(owner, { isQuiet: true }))).toEqual([])
})
