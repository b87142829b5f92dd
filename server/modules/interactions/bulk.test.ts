import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Interaction } from '#common/contract/interactions'
import type { BulkChange, HistoryEntry, Refusal } from '#common/contract/record-keeping'
import type { Client } from '../../test/app.ts'
import { brokenChains } from '../../test/audit-chain.ts'
import { createPushing } from '../../test/pushing.ts'
import { insertRecords } from '../../test/records.ts'
import { createReplica } from '../../test/replica.ts'

const pushing = await createPushing()
const { server, site, editor, colleague, read, sql } = pushing
const manager = server.as('manager', site)

interface Outcome {
  bulkId: string
  done: number
  refused: Refusal[]
}
const bulk = (ids: string[], change: BulkChange, more: { dryRun?: boolean } = {}, client: Client = editor) =>
  client.post<Outcome>('/interactions/bulk', { ids, change, ...more })
const undo = (bulkId: string, client: Client = editor) =>
  client.post<Outcome>(`/interactions/bulk/${bulkId}/undo`, {})
const several = async (count: number, fields: Partial<Interaction> = {}) => {
  const records = []
  for (let n = 0; n < count; n++) records.push(await editor.create({ title: `Record ${n}`, ...fields }))
  return records
}
const idsOf = (records: Interaction[]) => records.map(({ id }) => id)
const readAll = (records: Interaction[]) => Promise.all(records.map(({ id }) => read(id)))
const to = (patch: Partial<Interaction>): BulkChange => ({ kind: 'update', patch })

describe('a change to many', () => {
  test('changes each, says why not where it does not, in the order it was asked', async () => {
    const [first, second] = (await several(2)) as [Interaction, Interaction]
    const like = await editor.create({ title: 'Is so already', lead: 'Tom Field' })
    const draft = await editor.create({ title: 'Lacks much', status: 'draft', timezone: null })
    const gone = await editor.create()
    await editor.delete(`/interactions/${gone.id}`)
    const never = randomUUID()
    const ids = [never, second.id, draft.id, like.id, first.id, gone.id]
    const change = to({ lead: 'Tom Field', status: 'complete' })

    const expected = {
      done: 2,
      refused: [
        { id: never, title: null, reason: 'It was deleted meanwhile.' },
        { id: draft.id, title: 'Lacks much', reason: 'Time zone: Is required.' },
        { id: like.id, title: 'Is so already', reason: 'It is like that already.' },
        { id: gone.id, title: null, reason: 'It was deleted meanwhile.' },
      ],
    }
    const dry = await bulk(ids, change, { dryRun: true })
    expect(dry.body).toEqual({ bulkId: null, ...expected })
    expect(await readAll([first, second])).toEqual([first, second])

    const answer = await bulk(ids, change)
    expect(answer.body).toEqual({ bulkId: expect.stringMatching(/-/) as string, ...expected })
    for (const record of [first, second]) {
      const now = (await read(record.id))!
      expect(now).toEqual({ ...record, lead: 'Tom Field', version: 2, updatedAt: now.updatedAt })
    }
    expect((await editor.list({ lead: 'tom field' })).body.total).toBe(3)
  })

  test('reaches devices, and is in the history and the chain of the audit', async () => {
    const records = await several(3)
    const replica = createReplica(editor)
    await replica.catchUp()
    const before = await sql('SELECT FROM audit_logs')
    await bulk(idsOf(records), { kind: 'archive' }, {}, colleague)
    await replica.catchUp()
    for (const { id } of records) {
      expect(replica.records.get(id)).toMatchObject({ status: 'archived', version: 2 })
      const { body } = await editor.get<{ entries: HistoryEntry[] }>(`/interactions/${id}/history`)
      expect(body.entries[0]).toMatchObject({
        action: 'updated',
        actor: { displayName: 'Cora Lane' },
        version: 2,
        before: { status: 'complete' },
        after: { status: 'archived' },
      })
    }
    expect(await sql('SELECT FROM audit_logs')).toHaveLength(before.length + 4)
    expect(await brokenChains(sql)).toEqual([])
  })

  test('of hundreds gives each a place of its own in feed and audit', async () => {
    const records = await insertRecords(
      server,
      site,
      Array.from({ length: 250 }, () => ({ title: 'One of many' })),
    )
    const replica = createReplica(editor)
    await replica.catchUp()
    expect((await bulk(idsOf(records), to({ lead: 'Tom' }))).body).toMatchObject({ done: 250 })
    const pages = await replica.catchUp(40)
    expect(pages.flatMap(({ changes }) => changes)).toHaveLength(250)
    for (const { id } of records) expect(replica.records.get(id)).toMatchObject({ lead: 'Tom', version: 2 })
    const [places] = await sql<{ places: number; last: number; head: number }>(
      `SELECT count(DISTINCT c.seq)::int AS places, max(c.seq)::int AS last,
         (SELECT seq::int FROM feed_heads WHERE feed_id = $1) AS head
       FROM feed_changes c WHERE feed_id = $1 AND entity_id = ANY ($2)`,
      [site, idsOf(records)],
    )
    expect(places).toEqual({ places: 250, last: places!.head, head: places!.head })
    expect(await brokenChains(sql)).toEqual([])
  })

  test('of time keeps start, end and zone together', async () => {
    const [record] = (await several(1)) as [Interaction]
    const late = '2026-03-02T12:00:00+01:00'
    expect((await bulk([record.id], to({ endDateTime: late }))).body.done).toBe(1)
    expect((await read(record.id))!.endDateTime).toBe('2026-03-02T11:00:00.000Z')
    const { refused } = (await bulk([record.id], to({ endDateTime: '2020-01-01T00:00:00Z' }))).body
    expect(refused[0]!.reason).toBe('End: Must be after the start.')
  })

  test('to a type nobody offers is refused row by row', async () => {
    const [record] = (await several(1)) as [Interaction]
    const { done, refused } = (await bulk([record.id], to({ type: 'Dance' }))).body
    expect({ done, reason: refused[0]!.reason }).toEqual({
      done: 0,
      reason: 'Type: Is not one of the types of your organisation.',
    })
  })

  test('that comes to nothing leaves nothing to undo', async () => {
    expect((await bulk([randomUUID()], { kind: 'archive' })).body).toMatchObject({ bulkId: null, done: 0 })
  })

  test('takes a thousand at once, no more, none twice and not none', async () => {
    const many = Array.from({ length: 1001 }, () => randomUUID())
    for (const ids of [many, [many[0]!, many[0]!], []])
      expect((await bulk(ids, { kind: 'archive' })).status).toBe(400)
    const records = await several(1)
    const ids = [...many.slice(2), ...idsOf(records)]
    expect((await bulk(ids, { kind: 'archive' })).body).toMatchObject({ done: 1 })
  })

  test('with a field there is none of is refused as a whole', async () => {
    const [record] = (await several(1)) as [Interaction]
    for (const change of [to({ version: 7 }), { kind: 'burn' }, { kind: 'archive', patch: {} }])
      expect((await bulk([record.id], change as BulkChange)).status).toBe(400)
  })

  test('is for those who may change; deleting many for administrators', async () => {
    const records = await several(2)
    const ids = idsOf(records)
    expect((await bulk(ids, { kind: 'archive' }, {}, server.as('viewer', site))).status).toBe(403)
    for (const dryRun of [true, false])
      expect((await bulk(ids, { kind: 'delete' }, { dryRun })).status).toBe(403)
    expect((await bulk(ids, { kind: 'delete' }, {}, manager)).body).toMatchObject({ done: 2, refused: [] })
    expect(await readAll(records)).toEqual([null, null])
  })

  test('sees nothing of another site', async () => {
    const [record] = (await several(1)) as [Interaction]
    const elsewhere = server.as('editor', server.ids.sites.Sales)
    expect((await bulk([record.id], { kind: 'archive' }, {}, elsewhere)).body).toMatchObject({
      done: 0,
      refused: [{ title: null, reason: 'It was deleted meanwhile.' }],
    })
    expect(await read(record.id)).toEqual(record)
  })

  test('made twice at once happens once', async () => {
    const records = await several(5)
    const ids = idsOf(records)
    const answers = await Promise.all([
      bulk(ids, to({ lead: 'A' })),
      bulk([...ids].reverse(), to({ lead: 'A' })),
    ])
    expect(answers.map(({ body }) => body.done).sort()).toEqual([0, 5])
    for (const record of await readAll(records)) expect(record).toMatchObject({ lead: 'A', version: 2 })
  })
})

describe('undoing', () => {
  test('puts back what was, for devices too, and spares what was changed since', async () => {
    const records = await several(5, { location: 'Old' })
    const [plain, otherField, sameField, deleted, again] = records as [
      Interaction,
      Interaction,
      Interaction,
      Interaction,
      Interaction,
    ]
    const replica = createReplica(editor)
    const { bulkId } = (await bulk(idsOf(records), to({ location: 'New', lead: 'Tom' }))).body
    const now = async (record: Interaction) => (await read(record.id))!
    await colleague.update(await now(otherField), { notes: 'Added since' })
    await colleague.update(await now(sameField), { location: 'Newest' })
    await manager.delete(`/interactions/${deleted.id}`)
    await colleague.update(await now(again), { location: 'Else' })
    await colleague.update(await now(again), { location: 'New' })

    const { status, body } = await undo(bulkId)
    expect(status).toBe(200)
    expect(body).toEqual({
      done: 3,
      refused: [
        { id: sameField.id, title: 'Record 2', reason: 'Location: changed since.' },
        { id: deleted.id, title: 'Record 3', reason: 'It was deleted meanwhile.' },
      ],
    })
    expect(await now(plain)).toMatchObject({ location: 'Old', lead: 'Ana Jones', version: 3 })
    expect(await now(otherField)).toMatchObject({ location: 'Old', lead: 'Ana Jones', notes: 'Added since' })
    expect(await now(sameField)).toMatchObject({ location: 'Newest', lead: 'Tom' })
    expect(await now(again)).toMatchObject({ location: 'Old', version: 5 })
    await replica.catchUp()
    expect(replica.records.get(plain.id)).toEqual(await now(plain))
    const { entries } = (await editor.get<{ entries: HistoryEntry[] }>(`/interactions/${plain.id}/history`))
      .body
    expect(entries[0]).toMatchObject({ action: 'undone', after: { location: 'Old', lead: 'Ana Jones' } })
    expect(await brokenChains(sql)).toEqual([])
  })

  test('leads back to a status from which nobody could have come', async () => {
    const active = await editor.create({ status: 'active' })
    const draft = await editor.create({ status: 'draft' })
    const { bulkId: archived } = (await bulk([active.id], { kind: 'archive' })).body
    const { bulkId: completed } = (await bulk([draft.id], to({ status: 'complete' }))).body
    expect((await undo(archived)).body).toEqual({ done: 1, refused: [] })
    expect((await undo(completed)).body).toEqual({ done: 1, refused: [] })
    expect(await readAll([active, draft])).toMatchObject([{ status: 'active' }, { status: 'draft' }])
  })

  test('a deletion brings back what is still deleted', async () => {
    const records = await several(3)
    const [first, second, third] = records as [Interaction, Interaction, Interaction]
    const { bulkId } = (await bulk(idsOf(records), { kind: 'delete' }, {}, manager)).body
    await manager.post(`/interactions/${second.id}/restore`, {})
    await manager.post(`/interactions/${third.id}/restore`, {})
    await manager.delete(`/interactions/${third.id}`)
    expect((await undo(bulkId, manager)).body).toEqual({
      done: 1,
      refused: [
        { id: second.id, title: 'Record 1', reason: 'It was restored meanwhile.' },
        { id: third.id, title: 'Record 2', reason: 'It was restored and deleted again meanwhile.' },
      ],
    })
    expect(await read(first.id)).toMatchObject({ title: 'Record 0', version: 3 })
  })

  test('spares a record that would no longer be valid, or whose type has gone', async () => {
    await sql(
      `INSERT INTO interaction_types (tenant_id, id, name, position) VALUES ($1, gen_random_uuid(), 'Short-lived', 99)`,
      [server.ids.tenants['Harbour & Vale']],
    )
    const typed = await editor.create({ type: 'Short-lived' })
    const timed = await editor.create()
    const { bulkId: first } = (await bulk([typed.id], to({ type: 'Call' }))).body
    const { bulkId: second } = (await bulk([timed.id], to({ timezone: 'Asia/Tokyo' }))).body
    await sql(`DELETE FROM interaction_types WHERE name = 'Short-lived'`)
    expect((await undo(first)).body.refused).toMatchObject([
      { reason: 'Type: “Short-lived” does not exist any more.' },
    ])
    expect((await undo(second)).body).toEqual({ done: 1, refused: [] })
    const draft = await editor.create({ status: 'draft', lead: null })
    const { bulkId: third } = (await bulk([draft.id], to({ lead: 'Tom' }))).body
    await editor.update((await read(draft.id))!, { status: 'complete' })
    expect((await undo(third)).body.refused).toMatchObject([{ reason: 'Lead: Is required.' }])
  })

  test('a second time, or at the same moment, answers the same and does nothing', async () => {
    const records = await several(3)
    const { bulkId } = (await bulk(idsOf(records), to({ lead: 'Tom' }))).body
    const [first, second] = await Promise.all([undo(bulkId), undo(bulkId)])
    expect(first.body).toEqual({ done: 3, refused: [] })
    expect(second.body).toEqual(first.body)
    expect((await undo(bulkId)).body).toEqual(first.body)
    for (const record of await readAll(records))
      expect(record).toMatchObject({ lead: 'Ana Jones', version: 3 })
  })

  test('is for whoever made the change, at that site, for a day', async () => {
    const records = await several(1)
    const { bulkId } = (await bulk(idsOf(records), { kind: 'archive' })).body
    for (const client of [
      colleague,
      manager,
      server.as('editor', server.ids.sites.Sales),
      server.as('outsider'),
    ])
      expect((await undo(bulkId, client)).status).toBe(404)
    expect((await undo(randomUUID())).status).toBe(404)
    expect((await undo(records[0]!.id)).status).toBe(404)
    expect((await undo(bulkId, server.as('viewer', site))).status).toBe(403)
    await sql(`UPDATE audit_logs SET at = at - interval '25 hours' WHERE entity_id = $1`, [bulkId])
    expect((await undo(bulkId)).status).toBe(404)
    await sql(`UPDATE audit_logs SET at = at + interval '2 hours' WHERE entity_id = $1`, [bulkId])
    expect((await undo(bulkId)).body).toEqual({ done: 1, refused: [] })
  })
})
