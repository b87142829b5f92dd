import { describe, expect, it } from 'vitest'
import type { Mutation } from '#common/contract/sync'
import { alice, bob, Device, filled, siteA, siteB } from '../test/device.ts'
import { ServerModel } from '../test/server-model.ts'

/** What an edit becomes in the queue, seen through a device that is not connected to anything. */

async function deviceWith(
  records: Record<string, Partial<typeof filled>> = {},
  role: 'viewer' | 'editor' | 'administrator' = 'editor',
) {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: role, [siteB]: 'viewer' })
  for (const [id, fields] of Object.entries(records)) model.write(siteA, id, { ...filled, ...fields }, bob)
  const device = new Device(model, alice)
  await device.sync()
  return device
}

const one = '0192f000-0000-7000-8000-000000000001'
const queued = (device: Device) => device.local.takeBatch(500, 1e9).mutations as Mutation[]

describe('a new record', () => {
  it('is one create with all fields, under an id of its own, instants in UTC', async () => {
    const device = await deviceWith()
    const saved = device.add({ startDateTime: '2026-03-01T10:00:00+01:00' })
    expect(saved).toMatchObject({
      ...filled,
      version: null,
      createdBy: alice,
      unsent: true,
      needsAttention: false,
    })
    expect(queued(device)).toEqual([
      expect.objectContaining({
        op: 'create',
        entityId: saved.id,
        base: {},
        patch: filled,
        baseVersion: null,
        dependsOn: [],
      }),
    ])
  })

  it('is refused with a sentence for each field, and nothing is queued', async () => {
    const device = await deviceWith()
    const wrong = () =>
      device.add({ title: null, timezone: 'Mars/Olympus', endDateTime: '2026-02-01T00:00:00Z' })
    expect(wrong).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_ERROR',
        details: [{ field: 'timezone', message: expect.any(String) as string }],
      }) as Error,
    )
    expect(device.local.counts().waiting).toBe(0)
  })

  it('is not made where the role does not allow it', async () => {
    const device = await deviceWith()
    expect(() => device.add({}, siteB)).toThrow(
      expect.objectContaining({ code: 'AUTHORIZATION_ERROR' }) as Error,
    )
  })

  it('is saved once, however often the same new record is', async () => {
    const device = await deviceWith()
    const request = { id: one, siteId: siteA, opened: null, fields: filled }
    device.local.save(request)
    expect(() => device.local.save(request)).toThrow(expect.objectContaining({ code: 'CONFLICT' }) as Error)
  })
})

describe('an edit', () => {
  it('holds what was touched, with the values before, on the version of the copy', async () => {
    const device = await deviceWith({ [one]: {} })
    device.edit(one, { title: 'New', notes: 'More' })
    expect(queued(device)).toEqual([
      expect.objectContaining({
        op: 'update',
        baseVersion: 1,
        base: { title: 'Kick-off', notes: '' },
        patch: { title: 'New', notes: 'More' },
        dependsOn: [],
      }),
    ])
  })

  it('of nothing is no mutation', async () => {
    const device = await deviceWith({ [one]: {} })
    expect(device.edit(one, {})).toMatchObject({ unsent: false })
    expect(queued(device)).toEqual([])
  })

  it('builds on the one before it, in order', async () => {
    const device = await deviceWith({ [one]: {} })
    for (const title of ['A', 'B', 'C']) device.edit(one, { title })
    const [a, b, c] = queued(device)
    expect([a!.baseVersion, b!.baseVersion, c!.baseVersion]).toEqual([1, null, null])
    expect([b!.dependsOn, c!.dependsOn]).toEqual([[a!.mutationId], [b!.mutationId]])
    expect(c!.base).toEqual({ title: 'B' })
  })

  it('is refused for a viewer, a status that cannot follow, and a record of another site', async () => {
    const viewer = await deviceWith({ [one]: {} }, 'viewer')
    expect(() => viewer.edit(one, { title: 'X' })).toThrow(
      expect.objectContaining({ code: 'AUTHORIZATION_ERROR' }) as Error,
    )
    const editor = await deviceWith({ [one]: {} })
    expect(() => editor.edit(one, { status: 'draft' })).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR' }) as Error,
    )
    const elsewhere = { id: one, siteId: siteB, opened: filled, fields: { ...filled, title: 'X' } }
    expect(() => editor.local.save(elsewhere)).toThrow(
      expect.objectContaining({ code: 'RESOURCE_NOT_FOUND' }) as Error,
    )
  })

  it('of a refused record takes its place, since the refused one can never be sent', async () => {
    const device = await deviceWith()
    const { id } = device.add({ type: 'Unheard of' })
    device.edit(id, { notes: 'Later' })
    const [create] = queued(device)
    device.local.settle([
      {
        mutationId: create!.mutationId,
        status: 'rejected',
        problem: { code: 'VALIDATION_ERROR', message: 'No such type' },
      },
    ])
    expect(device.local.read(id)).toMatchObject({ notes: 'Later', needsAttention: true })
    device.edit(id, { type: 'Meeting' })
    const [correction, ...others] = queued(device)
    expect(others).toEqual([])
    expect(correction).toMatchObject({
      op: 'create',
      entityId: id,
      base: {},
      patch: { ...filled, type: 'Meeting', notes: 'Later' },
    })
    expect(correction!.mutationId).not.toBe(create!.mutationId)
    expect(device.local.read(id)).toMatchObject({ needsAttention: false, unsent: true })
  })

  it('of a record that was deleted meanwhile says so and keeps the form', async () => {
    const device = await deviceWith({ [one]: {} })
    device.model.write(siteA, one, 'delete', bob)
    await device.sync()
    const late = { id: one, siteId: siteA, opened: filled, fields: { ...filled, title: 'Late' } }
    expect(() => device.local.save(late)).toThrow(/deleted meanwhile/)
  })
})

describe('a deletion', () => {
  it('is allowed to an editor for own records only', async () => {
    const device = await deviceWith({ [one]: {} })
    expect(() => device.local.delete(one)).toThrow(/only interactions you created/)
    const administrator = await deviceWith({ [one]: {} }, 'administrator')
    administrator.local.delete(one)
    expect(administrator.seen().size).toBe(0)
    expect(queued(administrator)).toEqual([
      expect.objectContaining({ op: 'delete', baseVersion: 1, base: {}, patch: {} }),
    ])
  })

  it('of a record the server never got takes it out of the queue', async () => {
    const device = await deviceWith()
    const { id } = device.add()
    device.edit(id, { notes: 'x' })
    device.local.delete(id)
    expect(queued(device)).toEqual([])
    expect(device.seen().size).toBe(0)
  })

  it('of a record that may have been sent follows what was sent', async () => {
    const device = await deviceWith()
    const { id } = device.add()
    const [create] = queued(device)
    device.local.delete(id)
    expect(queued(device)).toEqual([
      create,
      expect.objectContaining({ op: 'delete', baseVersion: null, dependsOn: [create!.mutationId] }),
    ])
  })

  it('takes stopped edits of the record with it', async () => {
    const device = await deviceWith({ [one]: {} }, 'administrator')
    device.edit(one, { title: 'Mine' })
    const [update] = queued(device)
    device.local.settle([{ mutationId: update!.mutationId, status: 'rejected' }])
    device.local.delete(one)
    expect(queued(device)).toEqual([expect.objectContaining({ op: 'delete', baseVersion: 1, dependsOn: [] })])
  })
})

describe('discarding', () => {
  it('takes the edit and what builds on it, and shows what the server has', async () => {
    const device = await deviceWith({ [one]: {} })
    device.edit(one, { title: 'A' })
    device.edit(one, { title: 'B' })
    device.local.discard(device.local.queueItems()[0]!.mutationId)
    expect(device.local.queueItems()).toEqual([])
    expect(device.local.read(one)).toMatchObject({ title: 'Kick-off', unsent: false })
  })

  it('waits for word about an edit that may have reached the server', async () => {
    const device = await deviceWith({ [one]: {} })
    device.edit(one, { title: 'A' })
    const [sent] = queued(device)
    expect(() => device.local.discard(sent!.mutationId)).toThrow(/may have reached the server/)
    expect(device.local.counts().waiting).toBe(1)
  })
})

describe('retrying', () => {
  it('sends the same edits under new ids, on the copy as it is now', async () => {
    const device = await deviceWith({ [one]: {} })
    device.edit(one, { title: 'A' })
    device.edit(one, { notes: 'B' })
    const [first] = queued(device)
    device.local.settle([{ mutationId: first!.mutationId, status: 'rejected' }])
    device.local.retry(first!.mutationId)
    const [again, next] = queued(device)
    expect(again).toEqual({ ...first, mutationId: again!.mutationId })
    expect(again!.mutationId).not.toBe(first!.mutationId)
    expect(next).toMatchObject({ patch: { notes: 'B' }, dependsOn: [again!.mutationId] })
    expect(device.local.counts()).toMatchObject({ waiting: 2, needsAttention: 0 })
  })

  it('of a blocked edit points to the one that blocks it', async () => {
    const device = await deviceWith({ [one]: {} })
    device.edit(one, { title: 'A' })
    device.edit(one, { notes: 'B' })
    const [first, second] = queued(device)
    device.local.settle([{ mutationId: first!.mutationId, status: 'rejected' }])
    expect(() => device.local.retry(second!.mutationId)).toThrow(/earlier one/)
  })
})
