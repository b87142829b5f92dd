import { expect, it } from 'vitest'
import type { StoreOptions } from '../store/local-store.ts'
import { alice, bob, Device, filled, siteA, siteB } from '../test/device.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { ServerModel } from '../test/server-model.ts'

const one = '0192f000-0000-7000-8000-000000000001'
const two = '0192f000-0000-7000-8000-000000000002'

async function setUp(place: StoreOptions['place'] = 'memory') {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'editor', [siteB]: 'editor' })
  model.write(siteA, one, { ...filled, notes: 'Secret of A' }, bob)
  model.write(siteB, two, { ...filled, notes: 'Secret of B' }, bob)
  const device = new Device(model, alice, { place })
  await device.sync()
  return { model, device }
}

it('one contact leaves nothing of the site readable, save the own edits', async () => {
  const { model, device } = await setUp()
  device.edit(two, { title: 'My edit' })
  model.setSites(alice, { [siteA]: 'editor' })
  await device.sync()
  expect(() => device.seen(siteB)).toThrow(expect.objectContaining({ code: 'RESOURCE_NOT_FOUND' }) as Error)
  expect(device.local.read(two)).toBeNull()
  expect(device.seen(siteA).size).toBe(1)
  const items = device.local.queueItems()
  expect(items).toEqual([
    expect.objectContaining({ entityId: two, state: 'rejected', patch: { title: 'My edit' } }),
  ])
  expect(JSON.stringify(items)).not.toContain('Secret')
  expect(device.local.meta().profile?.sites.map(({ id }) => id)).toEqual([siteA])
})

it('given back, the site is there again and the edit can be sent', async () => {
  const { model, device } = await setUp()
  device.edit(two, { title: 'My edit' })
  model.setSites(alice, { [siteA]: 'editor' })
  await device.sync()
  model.setSites(alice, { [siteA]: 'editor', [siteB]: 'editor' })
  await device.sync()
  expect(device.seen(siteB).get(two)).toMatchObject({
    title: 'My edit',
    notes: 'Secret of B',
    needsAttention: true,
  })
  device.local.retry(device.local.queueItems()[0]!.mutationId)
  await device.sync()
  expect(model.find(two)?.record.title).toBe('My edit')
  expect(device.local.queueItems()).toEqual([])
})

it('rows of the next site do not vanish under what lay on top of the last one', async () => {
  const { model, device } = await setUp()
  device.edit(two, { title: 'My edit' })
  model.setSites(alice, {})
  await device.sync()
  const siteC = '0192f000-0000-7000-8000-00000000000c'
  for (let n = 1; n <= 3; n++) model.write(siteC, `0192f000-0000-7000-8000-00000000010${n}`, filled, bob)
  model.setSites(alice, { [siteC]: 'viewer' })
  await device.sync()
  expect(device.seen(siteC).size).toBe(3)
})

it('a role that no longer allows it stops the edit, and the site stays', async () => {
  const { model, device } = await setUp()
  device.edit(one, { title: 'My edit' })
  model.setSites(alice, { [siteA]: 'viewer' })
  await device.sync()
  expect(device.local.queueItems()).toEqual([expect.objectContaining({ state: 'rejected' })])
  expect(device.seen(siteA).get(one)).toMatchObject({ title: 'My edit', needsAttention: true })
  expect(() => device.edit(one, { title: 'Again' })).toThrow(
    expect.objectContaining({ code: 'AUTHORIZATION_ERROR' }) as Error,
  )
})

it('takes with it what others had written into a conflict, and the edits that are over', async () => {
  const { model, device } = await setUp()
  device.edit(two, { location: 'Sent long ago' })
  await device.sync()
  device.edit(two, { title: 'Mine' })
  model.write(siteB, two, { title: 'Secret title of B' }, bob)
  await device.sync()
  expect(device.local.queueItems()).toEqual([expect.objectContaining({ state: 'conflict' })])
  model.setSites(alice, { [siteA]: 'editor' })
  await device.sync()
  const [item] = device.local.queueItems()
  expect(item).toMatchObject({ state: 'rejected', conflict: null, patch: { title: 'Mine' } })
  expect(item?.problem?.message).toMatch(/no longer belong/)
  expect(device.local.past(10)).toEqual([])
  expect(JSON.stringify([device.local.queueItems(), device.local.unsent()])).not.toContain('Secret')
})

it('leaves its name to the edits that are still here, also after a restart, and to nothing else', async () => {
  const { model, device } = await setUp({ folder: temporaryFolder(), key: testKey })
  device.edit(one, { title: 'Not sent' })
  device.edit(two, { title: 'My edit' })
  model.setSites(alice, { [siteA]: 'viewer' })
  await device.sync()
  device.restart()
  model.setSites(alice, { [siteA]: 'editor' })
  await device.sync()
  const [first, second] = device.local.queueItems()
  expect(first).toMatchObject({ siteId: siteA, siteName: 'Site A' })
  expect(second).toMatchObject({ siteId: siteB, siteName: 'Site B' })
  expect(device.local.meta().formerSites).toEqual({ [siteB]: 'Site B' })
  device.local.discard(second!.mutationId)
  model.setSites(alice, { [siteA]: 'viewer' })
  await device.sync()
  expect(device.local.meta().formerSites).toEqual({})
  device.close()
})
