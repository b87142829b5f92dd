import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { MutationResult } from '#common/contract/sync'
import { emptyFields } from '#common/rules/interaction-rules'
import { createTestApp, meeting } from '../../test/app.ts'
import { createPushing } from '../../test/pushing.ts'

const { server, site, editor, colleague, device, push, one, read, sql, receipts } = await createPushing()

describe('an edit made offline', () => {
  test('is applied and answered with the record it made', async () => {
    const created = device.create({ title: 'From the field' })
    const result = await one(created)
    expect(result).toEqual({
      mutationId: created.mutationId,
      status: 'applied',
      record: await read(created.entityId),
    })
    expect(result.record).toMatchObject({
      title: 'From the field',
      version: 1,
      siteId: site,
      createdBy: server.ids.users.editor,
    })

    const updated = await one(device.update(result.record!, { notes: 'Seen' }))
    expect(updated).toMatchObject({ status: 'applied', record: { notes: 'Seen', version: 2 } })

    const removed = device.remove(updated.record!)
    expect(await one(removed)).toEqual({ mutationId: removed.mutationId, status: 'applied', record: null })
    expect(await read(created.entityId)).toBeNull()
  })

  test('is told apart from the same by nothing but its id: sent again it is a duplicate, with the same record', async () => {
    const batch = [device.create(), device.create({ status: 'draft', lead: null })]
    const first = await push(batch)
    const again = await push(batch)
    expect(first.map(({ status }) => status)).toEqual(['applied', 'applied'])
    expect(again).toEqual(first.map((result) => ({ ...result, status: 'duplicate' })))
    for (const { entityId } of batch) {
      expect(await sql('SELECT version FROM interactions WHERE id = $1', [entityId])).toEqual([
        { version: 1 },
      ])
      expect(await sql('SELECT FROM audit_logs WHERE entity_id = $1', [entityId])).toHaveLength(1)
    }
  })

  test('is told the first answer even after the record has moved on', async () => {
    const created = device.create()
    const first = await one(created)
    await colleague.update(first.record!, { title: 'Moved on' })
    expect(await one(created)).toEqual({ ...first, status: 'duplicate' })
    expect((await read(created.entityId))!.title).toBe('Moved on')
  })

  test('sent many times at once is applied once', async () => {
    const created = device.create()
    const changed = device.update(
      { ...emptyFields, ...meeting, id: created.entityId },
      { title: 'Twice?' },
      created,
    )
    const answers = await Promise.all(Array.from({ length: 6 }, () => push([created, changed])))
    const statuses = answers.flat().map(({ status }) => status)
    expect(statuses.filter((status) => status === 'applied')).toHaveLength(2)
    expect(statuses.filter((status) => status === 'duplicate')).toHaveLength(10)
    expect(await read(created.entityId)).toMatchObject({ title: 'Twice?', version: 2 })
    expect(await sql('SELECT FROM audit_logs WHERE entity_id = $1', [created.entityId])).toHaveLength(2)
    expect(await receipts(created.mutationId)).toHaveLength(1)
  })

  test('with other content under the same id is refused, and changes nothing', async () => {
    const created = device.create()
    const first = await one(created)
    for (const other of [
      { ...created, patch: { ...created.patch, title: 'Other' } },
      { ...created, op: 'delete' },
      { ...created, entityId: randomUUID() },
      { ...created, deviceTime: '2020-01-01T00:00:00Z' },
    ]) {
      expect(await one(other)).toEqual({
        mutationId: created.mutationId,
        status: 'rejected',
        problem: { code: 'VALIDATION_ERROR', message: 'This mutationId belongs to another edit' },
      })
    }
    expect(await read(created.entityId)).toEqual(first.record)
  })

  test('may have its fields in another order when it is sent again', async () => {
    const created = device.create()
    await one(created)
    const reordered = Object.fromEntries(
      Object.entries({
        ...created,
        patch: Object.fromEntries(Object.entries(created.patch).reverse()),
      }).reverse(),
    )
    expect((await one(reordered)).status).toBe('duplicate')
  })

  test('of another device with the same id is another edit', async () => {
    const created = device.create()
    await one(created)
    const [result] = await push([{ ...created, entityId: randomUUID() }], editor, randomUUID())
    expect(result!.status).toBe('applied')
  })

  test('that changes nothing is applied and writes nothing', async () => {
    const record = await editor.create()
    const result = await one(device.mutation({ op: 'update', entityId: record.id, baseVersion: 1 }))
    expect(result).toMatchObject({ status: 'applied', record })
    expect(await read(record.id)).toEqual(record)
  })
})

describe('the receipt', () => {
  /** From now on the database fails at such rows, with words that are nobody's business. */
  const failAt = async (table: string, condition: string) => {
    await sql(
      `CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is on fire'; END $$`,
    )
    await sql(
      `CREATE TRIGGER fail BEFORE INSERT ON ${table} FOR EACH ROW WHEN (${condition}) EXECUTE FUNCTION fail()`,
    )
    return () => sql(`DROP TRIGGER fail ON ${table}`)
  }

  test('is not kept when the effect fails, and nothing but what builds on it waits', async () => {
    const [good, doomed, after] = [device.create(), device.create({ title: 'Doomed' }), device.create()]
    const fields = { ...emptyFields, ...meeting, title: 'Doomed', id: doomed.entityId }
    const onTop = device.update(fields, { notes: 'n' }, doomed)
    const mend = await failAt('audit_logs', `NEW.new_values ->> 'title' = 'Doomed'`)
    const body = { deviceId: device.id, mutations: [good, doomed, onTop, after] }
    const answer = await editor.post<{ results: MutationResult[] }>('/sync/push', body)
    expect(answer.body.results.map(({ status }) => status)).toEqual([
      'applied',
      'failed',
      'blocked',
      'applied',
    ])
    expect(answer.body.results[1]!.problem?.code).toBe('INTERNAL_ERROR')
    expect(answer.text).not.toMatch(/fire|audit/)
    expect(await read(doomed.entityId)).toBeNull()
    expect(await receipts(doomed.mutationId)).toHaveLength(0)
    await mend()
    const results = await push([good, doomed, onTop, after])
    expect(results.map(({ status }) => status)).toEqual(['duplicate', 'applied', 'applied', 'duplicate'])
  })

  test('and the effect stand or fall together the other way round, too', async () => {
    const doomed = device.create()
    const mend = await failAt('sync_receipts', 'true')
    expect((await one(doomed)).status).toBe('failed')
    expect(await read(doomed.entityId)).toBeNull()
    expect(await sql('SELECT FROM feed_changes WHERE entity_id = $1', [doomed.entityId])).toHaveLength(0)
    await mend()
    expect((await one(doomed)).status).toBe('applied')
  })

  test('a server that fails at everything says so, and keeps what it has done', async () => {
    const batch = Array.from({ length: 10 }, (_, n) => device.create({ title: n < 2 ? 'Good' : 'Doomed' }))
    const mend = await failAt('audit_logs', `NEW.new_values ->> 'title' = 'Doomed'`)
    const answer = await editor.post('/sync/push', { deviceId: device.id, mutations: batch })
    expect(answer).toMatchObject({ status: 500, error: { code: 'INTERNAL_ERROR' } })
    await mend()
    const statuses = (await push(batch)).map(({ status }) => status)
    expect(statuses).toEqual([...Array<string>(2).fill('duplicate'), ...Array<string>(8).fill('applied')])
  })
})

describe('an edit written by an older app', () => {
  const asFirst = ({ seen: _, resolves: __, ...mutation }: ReturnType<typeof device.create>) => ({
    ...mutation,
    schemaVersion: 1,
  })

  test('is read as it was meant, and told the same when it is sent again', async () => {
    const created = asFirst(device.create({ title: 'Of old' }))
    expect(await one(created)).toMatchObject({ status: 'applied', record: { title: 'Of old' } })
    expect(await one(created)).toMatchObject({ status: 'duplicate' })
    expect(await one({ ...created, seen: null, resolves: null, schemaVersion: 2 })).toMatchObject({
      status: 'rejected',
    })
  })

  test('deletes by the version it saw', async () => {
    const seen = await editor.create()
    await colleague.update(seen, { notes: 'Important' })
    expect(await one(asFirst(device.remove(seen)))).toMatchObject({ status: 'conflict' })
  })
})

describe('a request', () => {
  test.each<[string, object, string]>([
    ['with no edits', { mutations: [] }, 'mutations'],
    [
      'with 501 edits',
      { mutations: Array.from({ length: 501 }, () => ({ mutationId: randomUUID() })) },
      'mutations',
    ],
    ['with an edit that has no id', { mutations: [{ op: 'create' }] }, 'mutations.0.mutationId'],
    ['with an edit that is none', { mutations: [null] }, 'mutations.0'],
    ['of no device', { deviceId: 'mine' }, 'deviceId'],
    ['with something extra', { user: randomUUID() }, 'user'],
  ])('%s is refused as a whole', async (_, change, field) => {
    const answer = await editor.post('/sync/push', {
      deviceId: device.id,
      mutations: [device.create()],
      ...change,
    })
    expect(answer).toMatchObject({ status: 400, error: { code: 'VALIDATION_ERROR' } })
    expect(answer.error.details!.map((detail) => detail.field)).toContain(field)
  })

  test('may bring 500 edits, and is one write', async () => {
    const limited = await createTestApp({ database: server.database, config: { rateLimitWriteMax: 2 } })
    const batch = Array.from({ length: 500 }, (_, n) =>
      device.create({ status: 'draft', title: `Draft ${n}` }),
    )
    const results = await limited.as('editor').push(device.id, batch)
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['applied']))
    const next = await limited
      .as('editor')
      .post('/sync/push', { deviceId: device.id, mutations: [batch[0]!] })
    expect(next).toMatchObject({ status: 200, headers: { 'x-ratelimit-remaining': '0' } })
    await limited.close()
  })
})
