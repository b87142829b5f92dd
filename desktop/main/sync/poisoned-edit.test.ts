import { expect, it } from 'vitest'
import { NetworkError } from '../api/failures.ts'
import { alice, Device, siteA } from '../test/device.ts'
import { refusal, ServerModel } from '../test/server-model.ts'

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
  await expect(device.sync()).rejects.toThrow(/unanswered/)
  expect(asked).toBe(1)
  expect(device.local.counts().waiting).toBe(1)
})

it('an edit at which the server itself fails waits with the reason, and only its descendants with it', async () => {
  const { model, device } = setUp()
  const push = model.push.bind(model)
  const problem = { code: 'INTERNAL_ERROR' as const, message: 'The server could not save this change.' }
  let broken = true
  model.push = (userId, deviceId, mutations) =>
    mutations.flatMap((sent) => {
      const isPoison = JSON.stringify(sent).includes('Poison')
      if (isPoison && broken) return [{ mutationId: sent.mutationId, status: 'failed' as const, problem }]
      return push(userId, deviceId, [sent])
    })
  const poisoned = device.add({ title: 'Poison' })
  device.edit(poisoned.id, { notes: 'Builds on it' })
  for (let n = 0; n < 20; n++) device.add({ title: `After ${n}` })
  await device.sync()
  expect(model.live(siteA)).toHaveLength(20)
  expect(
    device.local.queueItems().map(({ entityId, state, problem }) => [entityId, state, problem?.message]),
  ).toEqual([
    [poisoned.id, 'waiting', problem.message],
    [poisoned.id, 'waiting', undefined],
  ])
  broken = false
  await device.sync()
  expect(device.local.queueItems()).toEqual([])
  expect(model.live(siteA)).toHaveLength(21)
})

it('an edit that makes every request fail it is part of is tried last, and holds up nothing', async () => {
  const { model, device } = setUp()
  const push = model.push.bind(model)
  model.push = (userId, deviceId, mutations) => {
    if (JSON.stringify(mutations).includes('Poison')) throw refusal(500, 'INTERNAL_ERROR')
    return push(userId, deviceId, mutations)
  }
  const poisoned = device.add({ title: 'Poison' })
  for (let n = 0; n < 20; n++) device.add({ title: `After ${n}` })
  for (let attempt = 0; attempt < 12; attempt++) await device.sync().catch(() => {})
  expect(model.live(siteA)).toHaveLength(20)
  expect(device.seen().size).toBe(21)
  expect(device.local.queueItems()).toEqual([
    expect.objectContaining({ entityId: poisoned.id, state: 'waiting' }),
  ])
})

it('a proxy that lets little through at a time is given little, and nothing waits for ever', async () => {
  const { model, device } = setUp()
  const push = model.push.bind(model)
  let flukes = 3
  model.push = (userId, deviceId, mutations) => {
    if (mutations.length > 2) throw refusal(408, 'SERVICE_UNAVAILABLE')
    if (mutations.length === 1 && flukes-- > 0) throw refusal(408, 'SERVICE_UNAVAILABLE')
    return push(userId, deviceId, mutations)
  }
  const { id } = device.add()
  for (let n = 0; n < 30; n++) device.edit(id, { title: `Title ${n}` })
  for (let attempt = 0; attempt < 20; attempt++) await device.sync().catch(() => {})
  expect(device.local.queueItems()).toEqual([])
  expect(model.find(id)?.record.title).toBe('Title 29')
})

it('what is certainly too large is sent in parts at once', async () => {
  const { model, device } = setUp()
  const push = model.push.bind(model)
  model.push = (userId, deviceId, mutations) => {
    if (mutations.length > 5) throw new NetworkError('unusable', 'the server', { status: 413 })
    return push(userId, deviceId, mutations)
  }
  for (let n = 0; n < 40; n++) device.add({ title: `Record ${n}` })
  await device.sync()
  expect(device.local.queueItems()).toEqual([])
})
