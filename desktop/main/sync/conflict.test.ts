import { describe, expect, it } from 'vitest'
import { alice, bob, Device, filled, siteA } from '../test/device.ts'
import { ServerModel } from '../test/server-model.ts'

const id = '0192f000-0000-7000-8000-000000000001'

/** Somebody else wrote `theirs` while this device, unaware of it, made the edits of `mine`. */
async function conflict(
  theirs: Partial<typeof filled> | 'delete',
  ...mine: (Partial<typeof filled> | 'delete')[]
) {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'administrator' })
  model.write(siteA, id, filled, bob)
  const device = new Device(model, alice)
  await device.sync()
  for (const edit of mine) {
    if (edit === 'delete') device.local.delete(id)
    else device.edit(id, edit)
  }
  model.write(siteA, id, theirs, bob)
  await device.sync()
  return { model, device, items: device.local.queueItems() }
}

const current = (model: ServerModel) => model.live(siteA).find((record) => record.id === id)

it('fields nobody else touched merge without a question', async () => {
  const { model, items } = await conflict({ title: 'Theirs' }, { notes: 'Mine' })
  expect(items).toEqual([])
  expect(current(model)).toMatchObject({ title: 'Theirs', notes: 'Mine' })
})

it('a stale edit of the same field is held, with base, mine and theirs, and stays on screen', async () => {
  const { model, device, items } = await conflict({ title: 'Theirs' }, { title: 'Mine', notes: 'Mine too' })
  expect(items).toEqual([
    expect.objectContaining({
      state: 'conflict',
      title: 'Mine',
      conflict: expect.objectContaining({
        fields: ['title'],
        base: { title: 'Kick-off', notes: '' },
      }) as object,
    }),
  ])
  expect(current(model)).toMatchObject({ title: 'Theirs', notes: '' })
  expect(device.seen().get(id)).toMatchObject({
    title: 'Mine',
    notes: 'Mine too',
    needsAttention: true,
    unsent: true,
  })
  await device.sync()
  expect(current(model)).toMatchObject({ title: 'Theirs' })
})

describe('resolving', () => {
  it('sends the chosen values on top of theirs, with what was not in question', async () => {
    const { model, device, items } = await conflict({ title: 'Theirs' }, { title: 'Mine', notes: 'Mine too' })
    device.local.resolve(items[0]!.mutationId, { title: 'Both' })
    expect(device.local.queueItems()).toEqual([
      expect.objectContaining({ state: 'waiting', base: { title: 'Theirs', notes: '' } }),
    ])
    await device.sync()
    expect(current(model)).toMatchObject({ title: 'Both', notes: 'Mine too' })
    expect(device.local.queueItems()).toEqual([])
  })

  it('with theirs throughout changes nothing, but tells the server what lost', async () => {
    const { model, device, items } = await conflict({ title: 'Theirs' }, { title: 'Mine' })
    const { mutationId } = items[0]!
    const version = current(model)!.version
    device.local.resolve(mutationId, { title: 'Theirs' })
    const resolves = { mutationId, mine: { title: 'Mine' }, theirs: { title: 'Theirs' } }
    expect(device.local.takeBatch(500, 1e9).mutations).toEqual([
      expect.objectContaining({ patch: {}, resolves }),
    ])
    expect(device.seen().get(id)).toMatchObject({ title: 'Theirs' })
    await device.sync()
    expect(device.local.queueItems()).toEqual([])
    expect(current(model)!.version).toBe(version)
    expect(device.local.past(10)).toEqual([
      expect.objectContaining({ outcome: 'sent', patch: {}, resolves }),
      expect.objectContaining({ outcome: 'replaced', mutationId, patch: { title: 'Mine' } }),
    ])
  })

  it('takes along the edits that build on it', async () => {
    const { model, device, items } = await conflict(
      { title: 'Theirs' },
      { title: 'Mine' },
      { location: 'Hall 2' },
    )
    expect(items.map(({ state }) => state)).toEqual(['conflict', 'blocked'])
    device.edit(id, { notes: 'Later' })
    expect(device.local.queueItems().map(({ state }) => state)).toEqual(['conflict', 'blocked', 'blocked'])
    device.local.resolve(items[0]!.mutationId, { title: 'Theirs' })
    await device.sync()
    expect(device.local.queueItems()).toEqual([])
    expect(current(model)).toMatchObject({ title: 'Theirs', location: 'Hall 2', notes: 'Later' })
  })

  it('that meets yet another edit becomes a conflict again instead of overwriting it', async () => {
    const { model, device, items } = await conflict({ title: 'Theirs' }, { title: 'Mine' })
    model.write(siteA, id, { title: 'Theirs again' }, bob)
    device.local.resolve(items[0]!.mutationId, { title: 'Mine' })
    await device.sync()
    expect(current(model)).toMatchObject({ title: 'Theirs again' })
    expect(device.local.queueItems()[0]).toMatchObject({ state: 'conflict' })
  })

  it('refuses values that make no valid record and keeps the conflict', async () => {
    const { device, items } = await conflict({ title: 'Theirs' }, { title: 'Mine' })
    expect(() => device.local.resolve(items[0]!.mutationId, { title: null })).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR' }) as Error,
    )
    expect(device.local.queueItems()).toEqual(items)
  })
})

describe('an edit of what somebody else deleted', () => {
  it('stays on screen until it is settled', async () => {
    const { device, items } = await conflict('delete', { title: 'Mine' })
    expect(items).toEqual([
      expect.objectContaining({
        state: 'conflict',
        conflict: expect.objectContaining({ theirs: null }) as object,
      }),
    ])
    expect(device.seen().get(id)).toMatchObject({ title: 'Mine', lead: 'Ada', needsAttention: true })
    device.local.discard(items[0]!.mutationId)
    expect(device.seen().size).toBe(0)
  })

  it('can be saved as a new record, with the edits that build on it', async () => {
    const { model, device, items } = await conflict('delete', { title: 'Mine' }, { notes: 'More' })
    device.local.resolve(items[0]!.mutationId, {})
    await device.sync()
    expect(device.local.queueItems()).toEqual([])
    const [record, ...others] = model.live(siteA)
    expect(others).toEqual([])
    expect(record).toMatchObject({ ...filled, title: 'Mine', notes: 'More', createdBy: alice })
    expect(record!.id).not.toBe(id)
    expect([...device.seen().keys()]).toEqual([record!.id])
  })
})

describe('a deletion of what somebody else edited', () => {
  it('does not happen, and the record is there to see', async () => {
    const { model, device, items } = await conflict({ notes: 'Important' }, 'delete')
    expect(items).toEqual([expect.objectContaining({ op: 'delete', state: 'conflict' })])
    expect(current(model)).toBeDefined()
    expect(device.seen().get(id)).toMatchObject({ notes: 'Important', needsAttention: true })
    expect(() => device.edit(id, { notes: 'x' })).toThrow(/Sync centre/)
  })

  it('can be insisted on', async () => {
    const { model, device, items } = await conflict({ notes: 'Important' }, 'delete')
    device.local.resolve(items[0]!.mutationId, {})
    expect(device.seen().size).toBe(0)
    await device.sync()
    expect(current(model)).toBeUndefined()
    expect(device.local.queueItems()).toEqual([])
  })

  it('of what somebody else deleted as well is done', async () => {
    const { device, items } = await conflict('delete', 'delete')
    expect(items).toEqual([])
    expect(device.seen().size).toBe(0)
  })
})
