import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Interaction } from '#common/contract/interactions'
import type { MutationResult } from '#common/contract/sync'
import { emptyFields } from '#common/rules/interaction-rules'
import { type Client, createTestApp, meeting, type TestApp } from '../../test/app.ts'
import { createDevice } from '../../test/device.ts'

let server: TestApp
let site: string
let editor: Client
let colleague: Client
let device: ReturnType<typeof createDevice>
beforeAll(async () => {
  server = await createTestApp()
  site = server.ids.sites.Marketing
  editor = server.as('editor', site)
  colleague = server.as('colleague', site)
  device = createDevice(site)
})
afterAll(() => server.close())

const push = (mutations: object[], client = editor, deviceId = device.id) => client.push(deviceId, mutations)
const one = async (mutation: object, client = editor) => (await push([mutation], client))[0]!
const read = async (id: string) => {
  const { status, body } = await editor.get<{ interaction: Interaction }>(`/interactions/${id}`)
  return status === 200 ? body.interaction : null
}
const sql = async <Row>(text: string, values: unknown[] = []) =>
  (await server.database.owner.query(text, values)).rows as Row[]
const receipts = (mutationId: string) => sql('SELECT FROM sync_receipts WHERE mutation_id = $1', [mutationId])

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

describe('when somebody else was there too', () => {
  const edits = async (theirs: Partial<Interaction>, mine: Partial<Interaction>) => {
    const seen = await editor.create({ location: 'Room A' })
    const current = await colleague.update(seen, theirs)
    const mutation = device.update(seen, mine)
    return { seen, current, mutation, result: await one(mutation) }
  }

  test('different fields are merged', async () => {
    const { result, seen } = await edits({ title: 'Theirs' }, { notes: 'Mine' })
    expect(result).toMatchObject({
      status: 'applied',
      record: { title: 'Theirs', notes: 'Mine', version: 3 },
    })
    expect(await read(seen.id)).toEqual(result.record)
  })

  test('the same field is a conflict with both values, and nothing is overwritten', async () => {
    const { result, current, mutation, seen } = await edits(
      { title: 'Theirs' },
      { title: 'Mine', notes: 'Mine too' },
    )
    expect(result).toEqual({
      mutationId: mutation.mutationId,
      status: 'conflict',
      conflict: {
        fields: ['title'],
        base: { title: seen.title, notes: '' },
        mine: { title: 'Mine', notes: 'Mine too' },
        theirs: current,
      },
    })
    expect(await read(seen.id)).toEqual(current)
  })

  test('the same field with the same value is settled', async () => {
    const { result, current } = await edits({ title: 'Same' }, { title: 'Same' })
    expect(result).toMatchObject({ status: 'applied', record: current })
  })

  test('there and back is no change', async () => {
    const seen = await editor.create()
    await colleague.update(await colleague.update(seen, { title: 'There' }), { title: seen.title })
    expect(await one(device.update(seen, { title: 'Mine' }))).toMatchObject({
      status: 'applied',
      record: { title: 'Mine', version: 4 },
    })
  })

  test('start, end and zone are one', async () => {
    const { result, current } = await edits(
      { endDateTime: '2026-03-02T11:00:00.000Z' },
      { timezone: 'Europe/London' },
    )
    expect(result.status).toBe('conflict')
    expect([...result.conflict!.fields].sort()).toEqual(['endDateTime', 'startDateTime', 'timezone'])
    expect(await read(current.id)).toEqual(current)
  })

  test('a moment in another notation is the same moment', async () => {
    const seen = await editor.create()
    const result = await one({
      ...device.update(seen, { endDateTime: '2026-03-02T12:00:00+01:00' }),
      base: {
        startDateTime: '2026-03-02T10:00+01:00',
        endDateTime: '2026-03-02T10:00Z',
        timezone: 'Europe/Berlin',
      },
    })
    expect(result).toMatchObject({ status: 'applied', record: { endDateTime: '2026-03-02T11:00:00.000Z' } })
  })

  test('two right edits that are wrong together are rejected by field', async () => {
    const draft = await editor.create({ status: 'draft' })
    await colleague.update(draft, { lead: null })
    const result = await one(device.update(draft, { status: 'complete' }))
    expect(result).toMatchObject({
      status: 'rejected',
      problem: { code: 'VALIDATION_ERROR', details: [{ field: 'lead', message: 'Is required' }] },
    })
    expect(await read(draft.id)).toMatchObject({ status: 'draft', lead: null })
  })

  test('an edit of what was deleted is a conflict with nothing', async () => {
    const seen = await editor.create()
    await editor.delete(`/interactions/${seen.id}`)
    const result = await one(device.update(seen, { title: 'Mine' }))
    expect(result).toMatchObject({
      status: 'conflict',
      conflict: { fields: ['title'], mine: { title: 'Mine' }, theirs: null },
    })
    expect(await read(seen.id)).toBeNull()
  })

  test('deleting what was changed is a conflict with the change', async () => {
    const seen = await editor.create()
    const current = await colleague.update(seen, { notes: 'Important' })
    const result = await one(device.remove(seen))
    expect(result).toMatchObject({ status: 'conflict', conflict: { fields: [], theirs: current } })
    expect(await read(seen.id)).toEqual(current)
  })

  test('deleting what is deleted already is done', async () => {
    const seen = await editor.create()
    await editor.delete(`/interactions/${seen.id}`)
    expect(await one(device.remove(seen))).toMatchObject({ status: 'applied', record: null })
  })

  test('a new record under an id that is taken is a conflict with the one that has it', async () => {
    const taken = await colleague.create()
    expect(await one(device.create({}, { entityId: taken.id }))).toMatchObject({
      status: 'conflict',
      conflict: { fields: [], theirs: taken },
    })
    await colleague.delete(`/interactions/${taken.id}`)
    expect(await one(device.create({}, { entityId: taken.id }))).toMatchObject({
      status: 'conflict',
      conflict: { theirs: null },
    })
    expect(await read(taken.id)).toBeNull()
  })

  test('one id from two devices at once makes one record and one conflict', async () => {
    for (let round = 0; round < 5; round++) {
      const entityId = randomUUID()
      const [mine, theirs] = [createDevice(site), createDevice(site)]
      const results = await Promise.all([
        push([mine.create({ title: 'Mine' }, { entityId })], editor, mine.id),
        push([theirs.create({ title: 'Theirs' }, { entityId })], colleague, theirs.id),
      ])
      expect(
        results
          .flat()
          .map(({ status }) => status)
          .sort(),
      ).toEqual(['applied', 'conflict'])
    }
  })
})

describe('a chain of edits on a record made offline', () => {
  const chain = () => {
    const created = device.create({ title: 'One' })
    const fields = { ...emptyFields, ...meeting, title: 'One', id: created.entityId }
    const second = device.update(fields, { title: 'Two' }, created)
    const third = device.update({ ...fields, title: 'Two' }, { title: 'Three', notes: 'n' }, second)
    return { created, second, third, removed: device.remove(fields, third) }
  }

  test('is applied link by link, to the end', async () => {
    const { created, second, third, removed } = chain()
    const results = await push([created, second, third, removed])
    expect(results.map(({ status, record }) => [status, record?.title, record?.version])).toEqual([
      ['applied', 'One', 1],
      ['applied', 'Two', 2],
      ['applied', 'Three', 3],
      ['applied', undefined, undefined],
    ])
    expect(await read(created.entityId)).toBeNull()
  })

  test('can be cut anywhere and sent on', async () => {
    const { created, second, third, removed } = chain()
    await push([created, second])
    const results = await push([created, second, third, removed])
    expect(results.map(({ status }) => status)).toEqual(['duplicate', 'duplicate', 'applied', 'applied'])
  })

  test('merges with what others did in between', async () => {
    const { created, second, third } = chain()
    const [first] = await push([created])
    await colleague.update(first!.record!, { location: 'Theirs' })
    expect((await push([second, third])).map(({ status }) => status)).toEqual(['applied', 'applied'])
    expect(await read(created.entityId)).toMatchObject({ title: 'Three', location: 'Theirs', version: 4 })
  })

  test('that ends with deleting notices what others did in between, though it was merged before', async () => {
    const { created, second, third, removed } = chain()
    const [first] = await push([created])
    await colleague.update(first!.record!, { location: 'Theirs' })
    const results = await push([second, third, removed])
    expect(results.map(({ status }) => status)).toEqual(['applied', 'applied', 'conflict'])
    expect(await read(created.entityId)).toMatchObject({ location: 'Theirs' })
  })

  test('and what they did after it', async () => {
    const { created, second, third, removed } = chain()
    const results = await push([created, second, third])
    await colleague.update(results.at(-1)!.record!, { location: 'Theirs' })
    expect((await one(removed)).status).toBe('conflict')
  })
})

describe('one that fails', () => {
  test('blocks what depends on it, and nothing else', async () => {
    const seen = await editor.create()
    await colleague.update(seen, { title: 'Theirs' })
    const bad = device.update(seen, { title: 'Mine' })
    const onTop = device.mutation({
      op: 'update',
      entityId: seen.id,
      base: { notes: '' },
      patch: { notes: 'x' },
      dependsOn: [bad.mutationId],
    })
    const further = device.mutation({
      op: 'update',
      entityId: seen.id,
      base: { notes: 'x' },
      patch: { notes: 'y' },
      dependsOn: [onTop.mutationId],
    })
    const other = device.create()
    const results = await push([bad, onTop, other, further])
    expect(results.map(({ status }) => status)).toEqual(['conflict', 'blocked', 'applied', 'blocked'])
    expect(results[1]).toEqual({ mutationId: onTop.mutationId, status: 'blocked' })
    expect(await read(seen.id)).toMatchObject({ title: 'Theirs', notes: '' })
    // Blocked is no answer for ever.
    expect(await receipts(onTop.mutationId)).toHaveLength(0)
  })

  test('in the middle of a batch leaves the others alone, however broken it is', async () => {
    const good = [device.create(), device.create(), device.create()]
    const garbage = { mutationId: randomUUID(), patch: { title: { deep: [[[]]] } }, op: 'explode' }
    const onGarbage = { ...device.create(), dependsOn: [garbage.mutationId] }
    const deep = { mutationId: randomUUID(), entity: 'DEEP' }
    const batch = { deviceId: device.id, mutations: [good[0], garbage, onGarbage, good[1], deep, good[2]] }
    const answer = await editor.call<{ results: MutationResult[] }>('POST', '/sync/push', {
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(batch).replace('"DEEP"', `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    })
    const { results } = answer.body
    expect(results.map(({ status }) => status)).toEqual([
      'applied',
      'rejected',
      'blocked',
      'applied',
      'rejected',
      'applied',
    ])
    expect(results[1]!.problem).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: 'The edit cannot be read',
    })
    expect(results[1]!.problem!.details!.map(({ field }) => field)).toContain('op')
    // What this server cannot read another may: no answer for ever.
    expect(await receipts(garbage.mutationId)).toHaveLength(0)
  })

  test('can wait for something that has not come yet', async () => {
    const first = device.create()
    const second = device.update(
      { ...emptyFields, ...meeting, id: first.entityId },
      { title: 'Later' },
      first,
    )
    expect((await one(second)).status).toBe('blocked')
    expect((await push([first, second])).map(({ status }) => status)).toEqual(['applied', 'applied'])
  })

  test.each<[string, object, string, string]>([
    [
      'an unknown type',
      { patch: { ...meeting, type: 'Dance' } },
      'type',
      'Is not one of the types of your organisation',
    ],
    [
      'an end before the start',
      { patch: { ...meeting, endDateTime: '2026-03-02T08:00:00Z' } },
      'endDateTime',
      'Must be after the start',
    ],
    ['a missing title', { patch: { ...meeting, title: null } }, 'title', 'Is required'],
    [
      'a new record in the archive',
      { patch: { ...meeting, status: 'archived' } },
      'status',
      'Cannot become archived',
    ],
    [
      'NUL in the title',
      { patch: { ...meeting, title: 'a\0' } },
      'patch.title',
      'Contains a character that cannot be stored',
    ],
    [
      'half a character',
      { patch: { ...meeting, notes: '\udc00' } },
      'patch.notes',
      'Contains a character that cannot be stored',
    ],
    [
      'a title of 256 characters',
      { patch: { ...meeting, title: 'x'.repeat(256) } },
      'patch.title',
      'Must have at most 255 characters',
    ],
    ['an unknown field', { patch: { ...meeting, colour: 'red' } }, 'patch.colour', 'Is not a known field'],
    [
      'a field the server keeps',
      { patch: { ...meeting, createdBy: randomUUID() } },
      'patch.createdBy',
      'Is not a known field',
    ],
    ['an unknown entity', { entity: 'invoice' }, 'entity', 'Must be interaction'],
    ['an unknown operation', { op: 'merge' }, 'op', 'Must be one of create, update, delete'],
    ['a newer shape', { schemaVersion: 2 }, 'schemaVersion', 'Must be 1 or less'],
    [
      'a time that is none',
      { deviceTime: 'noon' },
      'deviceTime',
      'Must be a date and time with its offset, such as 2026-08-22T14:00:00+02:00',
    ],
    ['something extra', { extra: 1 }, 'extra', 'Is not a known field'],
  ])('%s is rejected by field', async (_, change, field, message) => {
    const mutation = { ...device.create(), ...change }
    const result = await one(mutation)
    expect(result).toMatchObject({ status: 'rejected', problem: { code: 'VALIDATION_ERROR' } })
    expect(result.problem!.details).toContainEqual({ field, message })
    expect(await read(mutation.entityId)).toBeNull()
  })

  test('an update has to say what it was made on', async () => {
    const seen = await editor.create()
    const result = await one({ ...device.update(seen, { title: 'Mine' }), base: {} })
    expect(result.problem).toMatchObject({
      details: [{ field: 'base.title', message: 'Is required: the value before the edit' }],
    })
    expect(await read(seen.id)).toEqual(seen)
  })

  test('a status that may not follow is rejected', async () => {
    const seen = await editor.create()
    expect((await one(device.update(seen, { status: 'draft' }))).problem!.details).toEqual([
      { field: 'status', message: 'Cannot become draft from complete' },
    ])
  })

  test('an answer once given is final', async () => {
    const rejectedOne = device.create({ type: 'Dance' })
    const first = await one(rejectedOne)
    expect(first.status).toBe('rejected')
    await sql(`INSERT INTO interaction_types VALUES ($1, gen_random_uuid(), 'Dance', 99)`, [
      server.ids.tenants['Harbour & Vale'],
    ])
    expect(await one(rejectedOne)).toEqual(first)
    expect((await one(device.create({ type: 'Dance' }))).status).toBe('applied')

    const seen = await editor.create()
    const current = await colleague.update(seen, { title: 'Theirs' })
    const conflicting = device.update(seen, { title: 'Mine' })
    const conflicted = await one(conflicting)
    await colleague.update(current, { title: seen.title })
    expect(await one(conflicting)).toEqual(conflicted)
  })
})

describe('whose edit it is', () => {
  test.each([
    ['another site of the organisation', () => server.ids.sites.Support],
    ['a site of another organisation', () => server.ids.sites['Head office']],
    ['a site that does not exist', () => randomUUID()],
  ])('%s is out of reach', async (_, where) => {
    const mutation = createDevice(where()).create()
    const result = await one(mutation)
    expect(result).toEqual({
      mutationId: mutation.mutationId,
      status: 'rejected',
      problem: { code: 'AUTHORIZATION_ERROR', message: 'You no longer belong to this site' },
    })
    expect(await sql('SELECT FROM interactions WHERE id = $1', [mutation.entityId])).toHaveLength(0)
    expect(await one(mutation)).toEqual(result)
  })

  test('a record of another site is not there', async () => {
    const elsewhere = await server.as('editor', server.ids.sites.Sales).create()
    const missing = device.update({ ...elsewhere, id: randomUUID() }, { title: 'Taken' })
    for (const mutation of [
      device.update(elsewhere, { title: 'Taken' }),
      missing,
      device.remove(elsewhere),
    ]) {
      expect((await one(mutation)).problem).toEqual({
        code: 'RESOURCE_NOT_FOUND',
        message: 'There is no such interaction at this site',
      })
    }
  })

  test('a viewer writes nothing', async () => {
    const seen = await editor.create()
    const viewer = server.as('viewer')
    const their = createDevice(site)
    const results = await push(
      [their.create(), their.update(seen, { title: 'No' }), their.remove(seen)],
      viewer,
      their.id,
    )
    for (const result of results) {
      expect(result).toMatchObject({
        status: 'rejected',
        problem: { code: 'AUTHORIZATION_ERROR', message: 'Your role at this site does not allow this' },
      })
    }
    expect(await read(seen.id)).toEqual(seen)
  })

  test('an editor deletes no record of others; an administrator does', async () => {
    const theirs = await colleague.create()
    expect((await one(device.remove(theirs))).problem).toEqual({
      code: 'AUTHORIZATION_ERROR',
      message: 'You may delete only interactions you created',
    })
    const manager = createDevice(site)
    expect(await push([manager.remove(theirs)], server.as('manager'), manager.id)).toMatchObject([
      { status: 'applied' },
    ])
  })

  test('who has lost the site since has lost the edit', async () => {
    const { owner } = server.database
    const before = device.create()
    const late = device.create()
    await push([before], colleague, device.id)
    await owner.query(`UPDATE user_sites SET role = 'viewer' WHERE user_id = $1`, [
      server.ids.users.colleague,
    ])
    expect((await one(late, colleague)).problem!.message).toBe('Your role at this site does not allow this')
    await owner.query('DELETE FROM user_sites WHERE user_id = $1', [server.ids.users.colleague])
    const later = device.create()
    expect((await one(later, colleague)).problem!.message).toBe('You no longer belong to this site')
    // What was applied before stays applied.
    expect((await one(before, colleague)).status).toBe('duplicate')
    await owner.query('INSERT INTO user_sites (tenant_id, user_id, site_id, role) VALUES ($1, $2, $3, $4)', [
      server.ids.tenants['Harbour & Vale'],
      server.ids.users.colleague,
      site,
      'editor',
    ])
    expect((await one(later, colleague)).status).toBe('rejected')
    expect((await one(device.create(), colleague)).status).toBe('applied')
  })

  test("another person's edit, replayed on the same device, is refused and not told", async () => {
    const mine = device.create({ title: 'Private' })
    await one(mine)
    const replayed = await one(mine, colleague)
    expect(replayed).toEqual({
      mutationId: mine.mutationId,
      status: 'rejected',
      problem: { code: 'VALIDATION_ERROR', message: 'This mutationId belongs to another edit' },
    })
    const [elsewhere] = await push([mine], server.as('outsider'), device.id)
    expect(elsewhere).toMatchObject({ status: 'rejected', problem: { code: 'AUTHORIZATION_ERROR' } })
    expect(JSON.stringify([replayed, elsewhere])).not.toContain('Private')
  })
})

describe('the receipt', () => {
  test('is not kept when the effect fails, and the rest of the batch is not lost', async () => {
    const [good, doomed, after] = [device.create(), device.create({ title: 'Doomed' }), device.create()]
    await sql(
      `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is on fire'; END $$`,
    )
    await sql(
      `CREATE TRIGGER fail BEFORE INSERT ON audit_logs FOR EACH ROW WHEN (NEW.new_values ->> 'title' = 'Doomed') EXECUTE FUNCTION fail()`,
    )
    const answer = await editor.post('/sync/push', { deviceId: device.id, mutations: [good, doomed, after] })
    expect(answer).toMatchObject({ status: 500, error: { code: 'INTERNAL_ERROR' } })
    expect(answer.text).not.toMatch(/fire|audit/)
    expect(await read(doomed.entityId)).toBeNull()
    expect(await receipts(doomed.mutationId)).toHaveLength(0)

    await sql('DROP TRIGGER fail ON audit_logs')
    const results = await push([good, doomed, after])
    expect(results.map(({ status }) => status)).toEqual(['duplicate', 'applied', 'applied'])
  })

  test('and the effect stand or fall together the other way round, too', async () => {
    const doomed = device.create()
    await sql(`CREATE TRIGGER fail BEFORE INSERT ON sync_receipts FOR EACH ROW EXECUTE FUNCTION fail()`)
    expect((await editor.post('/sync/push', { deviceId: device.id, mutations: [doomed] })).status).toBe(500)
    expect(await read(doomed.entityId)).toBeNull()
    expect(await sql('SELECT FROM feed_changes WHERE entity_id = $1', [doomed.entityId])).toHaveLength(0)
    await sql('DROP TRIGGER fail ON sync_receipts')
    expect((await one(doomed)).status).toBe('applied')
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
