import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Interaction } from '#common/contract/interactions'
import { emptyFields } from '#common/rules/interaction-rules'
import { meeting } from '../../test/app.ts'
import { createDevice } from '../../test/device.ts'
import { createPushing } from '../../test/pushing.ts'

const { site, editor, colleague, device, push, one, read, sql } = await createPushing()

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

  test('deleting is by what was seen, not by version', async () => {
    const seen = await editor.create()
    const changed = await colleague.update(seen, { notes: 'Passing thought' })
    await colleague.update(changed, { notes: seen.notes })
    expect(await one(device.removeSeen(seen))).toMatchObject({ status: 'applied', record: null })
    const other = await editor.create()
    await colleague.update(other, { notes: 'Important' })
    const blind = { ...device.removeSeen(other), baseVersion: other.version + 1 }
    expect(await one(blind)).toMatchObject({ status: 'conflict' })
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

  test('that record does not come back when it is purged: by no create that was long on its way', async () => {
    const { id } = await colleague.create()
    await colleague.delete(`/interactions/${id}`)
    await sql(`UPDATE interactions SET deleted_at = now() - interval '31 days' WHERE id = $1`, [id])
    await sql('DELETE FROM interactions WHERE id = $1', [id])
    expect(await one(device.create({}, { entityId: id }))).toMatchObject({
      status: 'conflict',
      conflict: { fields: [], theirs: null },
    })
    expect(await editor.post('/interactions', { ...meeting, id })).toMatchObject({
      status: 409,
      error: { code: 'CONFLICT' },
    })
    expect(await read(id)).toBeNull()
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

describe('an edit that settles a conflict', () => {
  const settle = async (patch: Partial<Interaction>) => {
    const seen = await editor.create({ title: 'Before' })
    const current = await colleague.update(seen, { title: 'Theirs' })
    const { mutationId, patch: mine } = device.update(seen, { title: 'Mine' })
    const resolves = { mutationId, mine, theirs: { title: 'Theirs' } }
    const mutation = { ...device.update(current, patch), resolves }
    return { current, resolves, mutation, result: await one(mutation) }
  }
  const history = (entityId: string) =>
    sql<{ action: string; old_values: unknown; new_values: unknown }>(
      `SELECT action, old_values, new_values FROM audit_logs
       WHERE entity_id = $1 AND action = 'interaction.conflict-settled'`,
      [entityId],
    )

  test('leaves the values that lost in the history, beside what was decided', async () => {
    const { current, resolves, result } = await settle({ title: 'Both' })
    expect(result).toMatchObject({ status: 'applied', record: { title: 'Both' } })
    expect(await history(current.id)).toEqual([
      { action: 'interaction.conflict-settled', old_values: resolves, new_values: { title: 'Both' } },
    ])
  })

  test('does so even where nothing is left to change, and once', async () => {
    const { current, mutation, result } = await settle({})
    expect(result).toMatchObject({ status: 'applied', record: { title: 'Theirs', version: current.version } })
    expect((await one(mutation)).status).toBe('duplicate')
    expect(await history(current.id)).toHaveLength(1)
  })
})
