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

it('what it had acknowledged and lost is sent again, and what it still has is not done twice', async () => {
  const { model, device } = await setUp()
  device.edit(id(1), { title: 'Before the backup' })
  await device.sync()
  const backup = model.backup()
  device.edit(id(2), { title: 'Lost' })
  const added = device.add({ title: 'Lost too' })
  device.edit(added.id, { notes: 'And this' })
  await device.sync()
  expect(device.local.counts().waiting).toBe(0)
  model.restore(backup)
  model.write(siteA, id(1), { title: 'Since then' }, bob)
  await device.sync()
  expect(device.local.queueItems()).toEqual([])
  expect(model.find(id(1))?.record.title).toBe('Since then')
  expect(model.find(id(2))?.record.title).toBe('Lost')
  expect(model.find(added.id)?.record).toMatchObject({ title: 'Lost too', notes: 'And this', version: 2 })
  for (const [key, row] of device.seen()) expect(row).toMatchObject(model.find(key)!.record)
})

it('what was acknowledged long ago does not lie on top of what has become of it while it is checked', async () => {
  const { model, device } = await setUp()
  device.edit(id(1), { title: 'Mine' })
  await device.sync()
  model.write(siteA, id(1), { title: 'Newer' }, bob)
  model.restore(model.backup())
  const { cursor } = device.local.progress()
  device.local.storePage(model.pull(alice, device.deviceId, cursor!, 100), cursor)
  expect(device.local.counts().waiting).toBe(1)
  expect(device.seen().get(id(1))).toMatchObject({ title: 'Newer', unsent: false })
  await device.sync()
  expect(device.seen().get(id(1))).toMatchObject({ title: 'Newer' })
  expect(device.local.past(10).map(({ outcome }) => outcome)).toEqual(['sent'])
})

it('noticed only by an edit that builds on what is lost, it is made good all the same', async () => {
  const { model, device } = await setUp()
  const backup = model.backup()
  device.edit(id(2), { title: 'Forgotten' })
  const [first] = device.local.takeBatch(1, 1e9).mutations
  device.local.settle(model.push(alice, device.deviceId, [first!]))
  device.edit(id(2), { notes: 'On top' })
  model.restore(backup)
  await device.sync()
  await device.sync()
  expect(device.local.queueItems()).toEqual([])
  expect(model.find(id(2))?.record).toMatchObject({ title: 'Forgotten', notes: 'On top' })
})

it('a deletion does not take what came after the restore, though it has the version that was seen', async () => {
  const { model, device } = await setUp()
  const backup = model.backup()
  model.write(siteA, id(1), { notes: 'Seen' }, bob)
  await device.sync()
  device.local.delete(id(1))
  model.restore(backup)
  model.write(siteA, id(1), { notes: 'Not seen' }, bob)
  await device.sync()
  expect(model.find(id(1))).toMatchObject({ deleted: false, record: { notes: 'Not seen', version: 2 } })
  expect(device.local.queueItems()).toEqual([expect.objectContaining({ op: 'delete', state: 'conflict' })])
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

it('what builds on an edit that is refused this time is held with it', async () => {
  const { model, device } = await setUp()
  const backup = model.backup()
  const added = device.add({ title: 'Lost' })
  device.edit(added.id, { notes: 'On top' })
  await device.sync()
  model.setSites(alice, { [siteA]: 'viewer' })
  model.restore(backup)
  await device.sync()
  expect(device.local.queueItems().map(({ state }) => state)).toEqual(['rejected', 'blocked'])
  expect(device.local.counts().waiting).toBe(0)
})

it('what it had not taken is put to it again, since its reasons were of another time', async () => {
  const { model, device } = await setUp()
  const backup = model.backup()
  model.write(siteA, id(1), { title: 'Theirs, lost' }, bob)
  device.edit(id(1), { title: 'Mine' })
  await device.sync()
  expect(device.local.queueItems()).toEqual([expect.objectContaining({ state: 'conflict' })])
  model.restore(backup)
  await device.sync()
  expect(device.local.queueItems()).toEqual([])
  expect(model.find(id(1))?.record.title).toBe('Mine')
})

it('is noticed too when it comes before the first page', async () => {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'administrator' })
  const device = new Device(model, alice)
  const backup = model.backup()
  const { id } = device.add({ title: 'Acknowledged' })
  const { mutations } = device.local.takeBatch(1, 1e9)
  device.local.settle(model.push(alice, device.deviceId, mutations))
  model.restore(backup)
  await device.sync()
  expect(model.find(id)?.record.title).toBe('Acknowledged')
  expect(device.local.queueItems()).toEqual([])
})

it('what another device had sent for this one is put to it again too', async () => {
  const { model, device } = await setUp()
  const other = new Device(model, alice)
  await other.sync()
  const backup = model.backup()
  model.write(siteA, id(1), { title: 'Theirs, lost' }, bob)
  device.edit(id(1), { title: 'Mine' })
  other.local.takeIn(device.local.unsent())
  await other.sync()
  const { cursor } = device.local.progress()
  device.local.storePage(model.pull(alice, device.deviceId, cursor!, 100), cursor)
  expect(device.local.queueItems()).toEqual([expect.objectContaining({ state: 'conflict' })])
  model.restore(backup)
  await device.sync()
  expect(device.local.queueItems()).toEqual([])
  expect(model.find(id(1))?.record.title).toBe('Mine')
})

it('correcting a record it would not have again takes every edit of it along', async () => {
  const { model, device } = await setUp()
  const backup = model.backup()
  const added = device.add({ title: 'Lost', notes: 'First' })
  await device.sync()
  device.edit(added.id, { notes: 'Second' })
  await device.sync()
  model.restore(backup)
  model.setSites(alice, { [siteA]: 'viewer' })
  await device.sync()
  expect(device.local.queueItems().map(({ state }) => state)).toEqual(['rejected', 'rejected'])
  model.setSites(alice, { [siteA]: 'administrator' })
  await device.sync()
  device.edit(added.id, { title: 'Corrected' })
  await device.sync()
  expect(device.local.queueItems()).toEqual([])
  expect(model.find(added.id)?.record).toMatchObject({ title: 'Corrected', notes: 'Second', version: 1 })
})
