import { describe, expect, it, vi } from 'vitest'
import type { InteractionFields } from '#common/contract/interactions'
import type { BulkChange } from '#common/contract/record-keeping'
import type { SiteRole } from '#common/contract/sites'
import { alice, bob, Device, filled, offline, online, siteA, siteB } from '../test/device.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { ServerModel } from '../test/server-model.ts'

const ids = [1, 2, 3].map((n) => `0192f000-0000-7000-8000-00000000000${n}`)
const [one, two, three] = ids as [string, string, string]
const archive: BulkChange = { kind: 'archive' }
const remove: BulkChange = { kind: 'delete' }
const update = (patch: Partial<InteractionFields>): BulkChange => ({ kind: 'update', patch })

async function setUp(role: SiteRole = 'administrator') {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: role, [siteB]: role })
  for (const id of ids) model.write(siteA, id, { ...filled, title: `Record ${id.at(-1)}` }, bob)
  const device = new Device(model, alice)
  await device.sync()
  const { local } = device
  const apply = (change: BulkChange, chosen: readonly string[] = ids) =>
    local.applyBulk({ siteId: siteA, ids: [...chosen], change })
  return { model, device, local, apply }
}

const reasons = ({ refused }: { refused: { id: string; reason: string }[] }) =>
  Object.fromEntries(refused.map(({ id, reason }) => [id, reason]))
const saying = (text: string) => expect.stringContaining(text) as string

describe('a change to many', () => {
  it('is planned without a trace, then queued whole and sent like any edit', async () => {
    const { model, device, local, apply } = await setUp()
    model.write(siteA, two, { status: 'archived' }, bob)
    await device.sync()
    const plan = local.planBulk({ siteId: siteA, ids, change: archive })
    expect(plan).toEqual({
      ready: 2,
      refused: [{ id: two, title: 'Record 2', reason: saying('like that already') }],
    })
    expect(local.counts().waiting).toBe(0)

    const applied = apply(archive)
    expect(applied).toMatchObject({ done: 2, refused: plan.refused })
    expect(local.queueItems().map(({ title }) => title)).toEqual(['Record 1', 'Record 3'])
    expect(device.seen().get(one)).toMatchObject({ status: 'archived', unsent: true })
    await device.sync()
    expect(model.live(siteA).map(({ status }) => status)).toEqual(['archived', 'archived', 'archived'])
    expect([...device.seen().values()].every(({ unsent }) => !unsent)).toBe(true)
    device.close()
  })

  it('builds on the edits that wait, and leaves alone what is stopped, elsewhere or gone', async () => {
    const { model, device, local, apply } = await setUp()
    const added = device.add({ title: 'New' })
    device.edit(one, { title: 'Edited' })
    device.edit(two, { title: 'Mine' })
    model.write(siteA, two, { title: 'Theirs' }, bob)
    device.network = offline
    await device.sync().catch(() => {})
    device.network = online
    await device.sync()
    device.edit(one, { title: 'Edited again' })
    const elsewhere = device.add({}, siteB)
    const answer = apply(update({ lead: 'Bo' }), [one, two, three, added.id, elsewhere.id, alice, one])
    expect(answer.done).toBe(3)
    expect(reasons(answer)).toEqual({
      [two]: saying('needs your attention'),
      [elsewhere.id]: saying('deleted'),
      [alice]: saying('deleted'),
    })
    await device.sync()
    for (const id of [one, three, added.id]) expect(model.find(id)?.record.lead).toBe('Bo')
    expect(model.find(one)?.record.title).toBe('Edited again')
    expect(local.counts()).toMatchObject({ waiting: 0, needsAttention: 1 })
    device.close()
  })

  it('is all or nothing', async () => {
    const { device, local, apply } = await setUp()
    const { newId } = device.options
    let left = 2
    vi.spyOn(device.options, 'newId').mockImplementation(() => {
      if (left-- === 0) throw new Error('no more')
      return newId()
    })
    expect(() => apply(archive)).toThrow('no more')
    expect(local.counts().waiting).toBe(0)
    expect(device.seen().get(one)).toMatchObject({ status: 'complete', unsent: false })
    device.close()
  })

  it('asks the role', async () => {
    const { device, local, apply } = await setUp('editor')
    expect(local.planBulk({ siteId: siteA, ids, change: remove })).toMatchObject({ ready: 0 })
    expect(apply(remove)).toMatchObject({ done: 0 })
    expect(apply(archive)).toMatchObject({ done: 3 })
    expect(() => local.planBulk({ siteId: alice, ids, change: archive })).toThrow('do not belong')
    device.close()
  })
})

describe('undoing it', () => {
  it('takes out what has not been sent', async () => {
    const { model, device, local, apply } = await setUp()
    const added = device.add({ title: 'New' })
    device.edit(added.id, { lead: 'Bo' })
    const edited = apply(update({ location: 'Hall 9' }), [...ids, added.id])
    expect(local.undoBulk(edited.bulkId)).toEqual({ done: 4, refused: [], siteId: siteA, restore: [] })
    const deleted = apply(remove, [...ids, added.id])
    expect(device.seen().size).toBe(0)
    expect(local.undoBulk(deleted.bulkId)).toEqual({ done: 4, refused: [], siteId: siteA, restore: [] })
    expect(device.seen().size).toBe(4)
    await device.sync()
    expect(model.live(siteA).map(({ location }) => location)).toEqual(Array(4).fill('Hall 1'))
    expect(model.find(added.id)?.record).toMatchObject({ title: 'New', lead: 'Bo' })
    expect(model.find(one)?.record.version).toBe(1)
    device.close()
  })

  it('edits back what has been sent, and spares what was changed or deleted since', async () => {
    const { model, device, local, apply } = await setUp()
    const { bulkId } = apply(update({ lead: 'Bo', location: 'Hall 9' }))
    await device.sync()
    model.write(siteA, two, { lead: 'Cy' }, bob)
    model.write(siteA, three, { notes: 'Kept' }, bob)
    model.write(siteA, one, 'delete', bob)
    await device.sync()
    const answer = local.undoBulk(bulkId)
    expect(answer.done).toBe(1)
    expect(reasons(answer)).toEqual({ [one]: saying('deleted since'), [two]: saying('changed since') })
    await device.sync()
    expect(model.find(three)?.record).toMatchObject({ lead: 'Ada', location: 'Hall 1', notes: 'Kept' })
    expect(model.find(two)?.record).toMatchObject({ lead: 'Cy', location: 'Hall 9' })
    device.close()
  })

  it('builds on what is just being sent, and on later edits of other fields', async () => {
    const { model, device, local, apply } = await setUp()
    const { bulkId } = apply(update({ lead: 'Bo' }))
    device.edit(two, { notes: 'Later' })
    device.edit(three, { lead: 'Cy' })
    // Handed to the network, and nobody knows what has become of it.
    local.takeBatch(1, 1_000_000)
    const answer = local.undoBulk(bulkId)
    expect(reasons(answer)).toEqual({ [three]: saying('changed since') })
    await device.sync()
    expect(ids.map((id) => model.find(id)!.record.lead)).toEqual(['Ada', 'Ada', 'Cy'])
    expect(model.find(two)!.record.notes).toBe('Later')
    device.close()
  })

  it('finds a way back from archived', async () => {
    const { model, device, local, apply } = await setUp()
    model.write(siteA, one, { status: 'active' }, bob)
    await device.sync()
    const { bulkId } = apply(archive)
    await device.sync()
    expect(local.undoBulk(bulkId)).toMatchObject({ done: 3, refused: [] })
    expect(device.seen().get(one)).toMatchObject({ status: 'active' })
    await device.sync()
    expect(ids.map((id) => model.find(id)!.record.status)).toEqual(['active', 'complete', 'complete'])
    device.close()
  })

  it('discards an edit that the server refused', async () => {
    const { model, device, local, apply } = await setUp()
    model.poison = ({ entityId }) => entityId === two
    const { bulkId } = apply(update({ lead: 'Bo' }))
    for (let cycle = 0; cycle < 4; cycle++) await device.sync()
    expect(local.counts().needsAttention).toBe(1)
    expect(local.undoBulk(bulkId)).toMatchObject({ done: 3, refused: [] })
    await device.sync()
    expect(local.counts()).toMatchObject({ waiting: 0, needsAttention: 0 })
    expect(ids.map((id) => model.find(id)!.record.lead)).toEqual(['Ada', 'Ada', 'Ada'])
    device.close()
  })

  it('leaves deletions that were sent to the server, again if need be', async () => {
    const { device, local, apply } = await setUp()
    const { bulkId } = apply(remove)
    local.takeBatch(1, 1_000_000)
    expect(local.undoBulk(bulkId)).toEqual({
      done: 2,
      refused: [{ id: one, title: 'Record 1', reason: saying('being sent') }],
      siteId: siteA,
      restore: [],
    })
    await device.sync()
    const restore = [{ id: one, siteId: siteA, title: 'Record 1' }]
    expect(local.undoBulk(bulkId)).toEqual({ done: 0, refused: [], siteId: siteA, restore })
    expect(local.undoBulk(bulkId)).toEqual({ done: 0, refused: [], siteId: siteA, restore })
    device.close()
  })

  it('is of the latest change only, while the app runs', async () => {
    const { model, device, local, apply } = await setUp()
    const first = apply(update({ lead: 'Bo' }))
    const second = apply(update({ lead: 'Cy' }))
    const nothing = apply(update({ lead: 'Cy' }))
    expect(nothing.done).toBe(0)
    for (const { bulkId } of [first, nothing])
      expect(() => local.undoBulk(bulkId)).toThrow(expect.objectContaining({ code: 'RESOURCE_NOT_FOUND' }))
    expect(local.undoBulk(second.bulkId).done).toBe(3)
    expect(local.undoBulk(second.bulkId).done).toBe(0)
    expect(device.seen().get(one)?.lead).toBe('Bo')
    device.close()

    const kept = new Device(model, alice, { place: { folder: temporaryFolder(), key: testKey } })
    await kept.sync()
    const { bulkId } = kept.local.applyBulk({ siteId: siteA, ids, change: archive })
    kept.restart()
    expect(() => kept.local.undoBulk(bulkId)).toThrow('cannot be undone any more')
    kept.close()
  })
})
