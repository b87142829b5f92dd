import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { MutationResult } from '#common/contract/sync'
import { emptyFields } from '#common/rules/interaction-rules'
import { meeting } from '../../test/app.ts'
import { createDevice } from '../../test/device.ts'
import { createPushing } from '../../test/pushing.ts'

const { server, site, editor, colleague, device, push, one, read, sql, receipts } = await createPushing()

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
    ['a newer shape', { schemaVersion: 3 }, 'schemaVersion', 'Must be 2'],
    ['a shape of no version', { schemaVersion: 0 }, 'schemaVersion', 'Must be 2'],
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
