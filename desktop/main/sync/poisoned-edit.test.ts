import { expect, it } from 'vitest'
import { alice, Device, siteA } from '../test/device.ts'
import { ServerModel } from '../test/server-model.ts'

function setUp() {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'editor' })
  return { model, device: new Device(model, alice) }
}

it('an edit that makes the server refuse the whole batch stops itself and its descendants only', async () => {
  const { model, device } = setUp()
  const before = Array.from({ length: 20 }, (_, n) => device.add({ title: `Before ${n}` }))
  const poisoned = device.add({ title: 'Poison' })
  device.edit(poisoned.id, { notes: 'Builds on it' })
  const after = Array.from({ length: 20 }, (_, n) => device.add({ title: `After ${n}` }))
  model.poison = ({ patch }) => patch.title === 'Poison'
  await device.sync()
  expect(model.live(siteA)).toHaveLength(40)
  expect(device.local.queueItems().map(({ entityId, state }) => [entityId, state])).toEqual([
    [poisoned.id, 'rejected'],
    [poisoned.id, 'blocked'],
  ])
  for (const { id } of [...before, ...after]) expect(device.seen().get(id)).toMatchObject({ unsent: false })
  model.poison = () => false
  device.local.retry(device.local.queueItems()[0]!.mutationId)
  await device.sync()
  expect(device.local.queueItems()).toEqual([])
  expect(model.live(siteA)).toHaveLength(41)
})

it('a server that settles nothing is not asked without end', async () => {
  const { device } = setUp()
  device.add()
  let asked = 0
  device.network = {
    send: <T>(kind: string, request: () => T) => {
      if (kind === 'pull') return request()
      asked++
      return [] as T
    },
  }
  await expect(device.sync()).rejects.toThrow(/without settling/)
  expect(asked).toBe(1)
  expect(device.local.counts().waiting).toBe(1)
})
