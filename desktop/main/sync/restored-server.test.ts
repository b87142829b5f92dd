import { expect, it } from 'vitest'
import { refusal, ServerModel } from '../test/server-model.ts'
import { alice, bob, Device, filled, siteA } from '../test/device.ts'

const id = (n: number) => `0192f000-0000-7000-8000-0000000000${String(n).padStart(2, '0')}`

async function setUp() {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'administrator' })
  for (let n = 1; n <= 3; n++) model.write(siteA, id(n), { ...filled, title: `Record ${n}` }, bob)
  const device = new Device(model, alice)
  await device.sync()
  return { model, device }
}

it('a reset drops the copies, never the queue', async () => {
  const { model, device } = await setUp()
  const backup = model.backup()
  model.write(siteA, id(4), filled, bob)
  model.write(siteA, id(1), 'delete', bob)
  await device.sync()
  expect([...device.seen().keys()].sort()).toEqual([id(2), id(3), id(4)])
  device.edit(id(2), { title: 'Kept' })
  const added = device.add({ title: 'Added' })
  model.restore(backup)
  await device.sync()
  expect(new Set(device.seen().keys())).toEqual(new Set([id(1), id(2), id(3), added.id]))
  expect(model.find(id(2))?.record.title).toBe('Kept')
  expect(device.local.queueItems()).toEqual([])
})

it('an edit that builds on one the server has forgotten is held, and goes by itself when retried', async () => {
  const { model, device } = await setUp()
  const backup = model.backup()
  device.edit(id(2), { title: 'Forgotten' })
  const [first] = device.local.takeBatch(1, 1e9).mutations
  device.local.settle(model.push(alice, device.deviceId, [first!]))
  device.edit(id(2), { notes: 'On top' })
  model.restore(backup)
  await device.sync()
  const [item, ...others] = device.local.queueItems()
  expect(others).toEqual([])
  expect(item).toMatchObject({ state: 'rejected', patch: { notes: 'On top' } })
  device.local.retry(item!.mutationId)
  await device.sync()
  expect(model.find(id(2))?.record).toMatchObject({ title: 'Record 2', notes: 'On top' })
})

it('a cursor the server cannot read is given up, and everything fetched again', async () => {
  const { model, device } = await setUp()
  device.edit(id(2), { title: 'Kept' })
  model.write(siteA, id(3), { title: 'Newer' }, bob)
  let refused = 0
  device.network = {
    send: (kind, request) => {
      if (kind === 'pull' && device.local.progress().cursor !== null && refused++ === 0) {
        const error = refusal(400, 'VALIDATION_ERROR')
        throw Object.assign(error, { details: [{ field: 'cursor', message: 'Is not a cursor' }] })
      }
      return request()
    },
  }
  await device.sync()
  expect(refused).toBeGreaterThan(0)
  expect(device.seen().get(id(3))).toMatchObject({ title: 'Newer' })
  expect(device.seen().get(id(2))).toMatchObject({ title: 'Kept', unsent: false })
})
