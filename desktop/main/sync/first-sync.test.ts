import { expect, it } from 'vitest'
import { NetworkError } from '../api/failures.ts'
import { alice, bob, Device, filled, online, siteA } from '../test/device.ts'
import { ServerModel } from '../test/server-model.ts'

const id = (n: number) => `0192f000-0000-7000-8000-${String(n).padStart(12, '0')}`

function setUp(records: number) {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'editor' })
  for (let n = 0; n < records; n++) model.write(siteA, id(n), { ...filled, title: `Record ${n}` }, bob)
  return { model, device: new Device(model, alice) }
}

it('is usable from its first page, newest first, and says how far it is', async () => {
  const { model, device } = setUp(2300)
  const { cursor } = device.local.progress()
  device.local.storePage(model.pull(alice, device.deviceId, undefined, 1000), cursor)
  expect(device.local.progress().firstSync).toEqual({ stored: 1000, remaining: 1300 })
  expect(device.seen().get(id(2299))).toBeDefined()
  expect(device.seen().get(id(0))).toBeUndefined()
  device.edit(id(2299), { title: 'Edited' })
  await device.sync()
  expect(device.local.progress().firstSync).toBeNull()
  expect(device.seen().size).toBe(2300)
  expect(model.find(id(2299))?.record.title).toBe('Edited')
})

it('broken off, it goes on where it was', async () => {
  const { device } = setUp(2300)
  let pulls = 0
  device.network = {
    send: (kind, request) => {
      if (kind === 'pull' && ++pulls === 2) throw new NetworkError('unreachable', 'the server')
      return request()
    },
  }
  await expect(device.sync()).rejects.toThrow(NetworkError)
  expect(device.seen().size).toBe(1000)
  device.network = online
  await device.sync()
  expect(device.seen().size).toBe(2300)
})

it('asks for less at a time when answers take too long, and for more again when they do not', async () => {
  const { model, device } = setUp(300)
  const limits: number[] = []
  const pull = model.pull.bind(model)
  model.pull = (userId, deviceId, cursor, limit) => {
    limits.push(limit)
    if (limit > 200) throw new NetworkError('timeout', 'the server')
    return pull(userId, deviceId, cursor, limit)
  }
  for (let attempt = 0; attempt < 3; attempt++) await expect(device.sync()).rejects.toThrow(NetworkError)
  await device.sync().catch(() => {})
  expect(limits.slice(0, 5)).toEqual([1000, 500, 250, 125, 250])
})

it('an edit that takes too long to send is sent in smaller batches', async () => {
  const { model, device } = setUp(0)
  for (let n = 0; n < 40; n++) device.add({ title: `Long ${n}` })
  const sizes: number[] = []
  const push = model.push.bind(model)
  model.push = (userId, deviceId, mutations) => {
    sizes.push(mutations.length)
    if (mutations.length > 10) throw new NetworkError('timeout', 'the server')
    return push(userId, deviceId, mutations)
  }
  for (let attempt = 0; attempt < 20 && device.local.counts().waiting > 0; attempt++)
    await device.sync().catch(() => {})
  expect(sizes.slice(0, 3)).toEqual([40, 20, 10])
  expect(model.live(siteA)).toHaveLength(40)
})
