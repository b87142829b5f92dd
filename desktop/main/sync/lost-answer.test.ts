import { expect, it } from 'vitest'
import { NetworkError } from '../api/failures.ts'
import { alice, Device, type Network, offline, online, siteA } from '../test/device.ts'
import { ServerModel } from '../test/server-model.ts'

/** The server does what it is asked, and the device never hears of it. */
const deaf: Network = {
  send: (kind, request) => {
    const answer = request()
    if (kind === 'push') throw new NetworkError('unreachable', 'the server')
    return answer
  },
}

function setUp() {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'editor' })
  return { model, device: new Device(model, alice) }
}

it('a retry after a lost answer makes no second record', async () => {
  const { model, device } = setUp()
  await device.sync()
  const { id } = device.add({ title: 'Once' })
  device.edit(id, { notes: 'Once too' })
  device.network = deaf
  await expect(device.sync()).rejects.toThrow(NetworkError)
  expect(device.local.counts().waiting).toBe(2)
  device.network = online
  await device.sync()
  expect(model.live(siteA)).toEqual([
    expect.objectContaining({ id, title: 'Once', notes: 'Once too', version: 2 }),
  ])
  expect([...model.effects.values()]).toEqual([1, 1])
  expect(device.local.queueItems()).toEqual([])
  expect(device.seen().get(id)).toMatchObject({ version: 2, unsent: false })
})

it('the receipts of a pull settle what the lost answer would have', async () => {
  const { model, device } = setUp()
  await device.sync()
  device.add()
  device.network = deaf
  await expect(device.sync()).rejects.toThrow(NetworkError)
  const { cursor } = device.local.progress()
  const page = model.pull(alice, device.deviceId, cursor!, 100)
  expect(page.receipts).toHaveLength(1)
  device.local.storePage(page, cursor)
  expect(device.local.queueItems()).toEqual([])
  expect(device.local.counts()).toMatchObject({ waiting: 0, needsAttention: 0 })
})

it('an old answer told again does not bring back what was deleted since', async () => {
  const { model, device } = setUp()
  await device.sync()
  const { id } = device.add()
  device.network = deaf
  await expect(device.sync()).rejects.toThrow(NetworkError)
  model.write(siteA, id, 'delete', alice)
  // The copies go too, so that no tombstone is left on the device to warn it.
  device.local.dropCopies()
  device.network = online
  await device.sync()
  expect(device.seen().size).toBe(0)
  expect(device.local.queueItems()).toEqual([])
})

it('what was saved while nobody could be reached can be taken back', async () => {
  const { device } = setUp()
  await device.sync()
  device.network = offline
  device.engine.doubt()
  device.add({ title: 'First' })
  await expect(device.sync()).rejects.toThrow(NetworkError)
  device.add({ title: 'Second' })
  await expect(device.sync()).rejects.toThrow(NetworkError)
  expect(device.local.queueItems().map(({ mayBeSent }) => mayBeSent)).toEqual([false, false])
  for (const { mutationId } of device.local.queueItems()) device.local.discard(mutationId)
  expect(device.local.queueItems()).toEqual([])
  device.network = online
  device.add({ title: 'Third' })
  await device.sync()
  expect(device.local.queueItems()).toEqual([])
})

it('what may have reached the server cannot', async () => {
  const { device } = setUp()
  await device.sync()
  device.network = deaf
  device.add()
  await expect(device.sync()).rejects.toThrow(NetworkError)
  const [item] = device.local.queueItems()
  expect(item).toMatchObject({ mayBeSent: true })
  expect(() => device.local.discard(item!.mutationId)).toThrow(/may have reached the server/)
})
