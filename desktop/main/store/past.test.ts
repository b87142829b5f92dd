import { expect, it } from 'vitest'
import { alice, bob, Device, filled, siteA } from '../test/device.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { ServerModel } from '../test/server-model.ts'

const id = '0192f000-0000-7000-8000-000000000001'

async function setUp() {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'administrator' })
  model.write(siteA, id, filled, bob)
  const device = new Device(model, alice, { place: { folder: temporaryFolder(), key: testKey } })
  await device.sync()
  return { model, device }
}

it('shows what was sent, the latest first, with what it changed', async () => {
  const { device } = await setUp()
  device.edit(id, { title: 'First' })
  device.edit(id, { title: 'Second' })
  expect(device.local.past(10)).toEqual([])
  await device.sync()
  device.restart()
  expect(device.local.past(10)).toEqual([
    expect.objectContaining({
      outcome: 'sent',
      title: 'Second',
      base: { title: 'First' },
      patch: { title: 'Second' },
    }),
    expect.objectContaining({ outcome: 'sent', title: 'First', base: { title: 'Kick-off' }, resolves: null }),
  ])
  expect(device.local.past(1)).toHaveLength(1)
  device.close()
})

it('keeps what the person took back, but not what only goes on under another id', async () => {
  const { model, device } = await setUp()
  model.poison = (sent) => JSON.stringify(sent).includes('Poison')
  device.edit(id, { title: 'Poison' })
  await device.sync()
  device.local.retry(device.local.queueItems()[0]!.mutationId)
  expect(device.local.past(10)).toEqual([])
  await device.sync()
  device.local.discard(device.local.queueItems()[0]!.mutationId)
  expect(device.local.past(10)).toEqual([
    expect.objectContaining({
      outcome: 'discarded',
      patch: { title: 'Poison' },
      base: { title: 'Kick-off' },
    }),
  ])
  device.close()
})

it('is not without end', async () => {
  const { device } = await setUp()
  for (let n = 0; n < 2100; n++) device.add({ title: `Record ${n}` })
  await device.sync()
  const kept = device.local.past(5000)
  expect(kept).toHaveLength(2000)
  expect(kept[0]!.title).toBe('Record 2099')
  device.close()
})
