import { expect, it } from 'vitest'
import { alice, bob, Device, filled, siteA } from '../test/device.ts'
import { ServerModel } from '../test/server-model.ts'

const id = '0192f000-0000-7000-8000-000000000001'

const other = (n: number) => `0192f000-0000-7000-8000-1${String(n).padStart(11, '0')}`

function setUp(records = 1) {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'administrator' })
  model.write(siteA, id, filled, bob)
  for (let n = 1; n < records; n++) model.write(siteA, other(n), filled, bob)
  return { model, device: new Device(model, alice) }
}

it('a pull does not put an older copy over an edit that waits', async () => {
  const { model, device } = setUp()
  await device.sync()
  device.edit(id, { title: 'Mine' })
  model.write(siteA, id, { notes: 'Theirs' }, bob)
  const { cursor } = device.local.progress()
  device.local.storePage(model.pull(alice, device.deviceId, cursor!, 100), cursor)
  expect(device.seen().get(id)).toMatchObject({ title: 'Mine', notes: 'Theirs', unsent: true })
})

it('an applied edit stays on top until the copy holds it, also in the middle of a first sync', async () => {
  // The first sync's last page is older than the edit that was pushed between its pages.
  const { device } = setUp(2500)
  const newest = other(2499)
  const titles: unknown[] = []
  const { local } = device
  const storePage = local.storePage.bind(local)
  local.storePage = (...page) => {
    const stored = storePage(...page)
    if (titles.length === 0) device.edit(newest, { title: 'Mine' })
    titles.push(local.read(newest)?.title)
    return stored
  }
  await device.sync()
  await device.sync()
  expect(titles.length).toBeGreaterThan(3)
  expect(new Set(titles)).toEqual(new Set(['Mine']))
  expect(device.seen().get(newest)).toMatchObject({ title: 'Mine', version: 2, unsent: false })
})

it('a copy that is older than the one here is not taken', async () => {
  const { model, device } = setUp()
  await device.sync()
  model.write(siteA, id, { title: 'Newer' }, bob)
  const { cursor } = device.local.progress()
  const old = model.pull(alice, device.deviceId, undefined, 100)
  model.write(siteA, id, { title: 'Newest' }, bob)
  const page = model.pull(alice, device.deviceId, cursor!, 100)
  device.local.storePage(page, cursor)
  device.local.storePage(old, page.cursor)
  expect(device.seen().get(id)).toMatchObject({ title: 'Newest' })
})

it('the window is told of the sites whose records changed', async () => {
  const { model, device } = setUp()
  await device.sync()
  expect(device.changedSites).toContain(siteA)
  device.changedSites.length = 0
  await device.sync()
  expect(device.changedSites).toEqual([])
  model.write(siteA, id, { title: 'Newer' }, bob)
  await device.sync()
  expect(device.changedSites).toContain(siteA)
})
