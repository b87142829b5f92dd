import { expect, it } from 'vitest'
import { Crash, Crashes } from '../test/crashes.ts'
import { alice, bob, Device, filled, siteA, siteB } from '../test/device.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { ServerModel } from '../test/server-model.ts'

const id = (n: number) => `0192f000-0000-7000-8000-00000000000${n}`

/** A device with everything going on at once, about to sync: adding, editing, deleting, a conflict, a site taken away. */
function busyDay() {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'administrator', [siteB]: 'editor' })
  for (let n = 1; n <= 5; n++)
    model.write(n === 5 ? siteB : siteA, id(n), { ...filled, title: `Record ${n}` }, bob)
  const device = new Device(model, alice, { place: { folder: temporaryFolder(), key: testKey } })
  return { model, device }
}

function work(model: ServerModel, device: Device) {
  const added = device.add({ title: 'Added' })
  device.edit(added.id, { notes: 'And edited' })
  device.edit(id(1), { title: 'Mine' })
  device.edit(id(2), { notes: 'Merged' })
  device.local.delete(id(3))
  device.edit(id(5), { title: 'My edit' })
  model.write(siteA, id(1), { title: 'Theirs' }, bob)
  model.write(siteA, id(2), { location: 'Merged too' }, bob)
  model.write(siteA, id(4), 'delete', bob)
  model.setSites(alice, { [siteA]: 'administrator' })
  return added.id
}

it('at any boundary loses nothing and doubles nothing', { timeout: 180_000 }, async () => {
  using crashes = new Crashes()
  let crashed = true
  let boundaries = 0
  for (let at = 1; crashed; at++) {
    const { model, device } = busyDay()
    await device.sync()
    const added = work(model, device)
    crashes.arm(at)
    crashed = await device.sync().then(
      () => false,
      (error: unknown) => {
        if (!(error instanceof Crash)) throw error
        return true
      },
    )
    crashes.disarm()
    boundaries = at
    device.restart()
    // What was saved is on screen the moment the app is back, whatever the network does.
    expect(device.seen().get(added), `boundary ${at}`).toMatchObject({ title: 'Added', notes: 'And edited' })
    expect(device.seen().get(id(1)), `boundary ${at}`).toMatchObject({ title: 'Mine' })
    await device.sync()

    const server = new Map(model.live(siteA).map((record) => [record.id, record]))
    expect([...server.values()].map(({ title }) => title).sort(), `boundary ${at}`).toEqual([
      'Added',
      'Record 2',
      'Theirs',
    ])
    expect(server.get(id(2))).toMatchObject({ notes: 'Merged', location: 'Merged too' })
    expect([...model.effects.values()].every((count) => count === 1)).toBe(true)
    expect(device.local.queueItems().map(({ entityId, state }) => [entityId, state])).toEqual([
      [id(1), 'conflict'],
      [id(5), 'rejected'],
    ])
    const rest = [...device.seen().values()].filter(({ needsAttention }) => !needsAttention)
    for (const row of rest)
      expect(row, `boundary ${at}`).toEqual({ ...server.get(row.id), unsent: false, needsAttention: false })
    expect(device.seen().size).toBe(3)
    device.close()
  }
  expect(boundaries).toBeGreaterThan(15)
})

it('while a save is answered keeps the edit whole or not at all', () => {
  using crashes = new Crashes()
  const kept: number[] = []
  for (let crashed = true; crashed;) {
    const { device } = busyDay()
    crashes.arm(kept.length + 1)
    try {
      device.add()
      crashed = false
    } catch (error) {
      if (!(error instanceof Crash)) throw error
    }
    crashes.disarm()
    device.restart()
    const { length } = device.local.queueItems()
    expect(device.seen().size).toBe(length)
    kept.push(length)
    device.close()
  }
  // Up to the commit there is nothing, and from then on everything.
  expect(kept.length).toBeGreaterThan(4)
  expect(kept).toEqual(kept.toSorted())
  expect([...new Set(kept)]).toEqual([0, 1])
})
