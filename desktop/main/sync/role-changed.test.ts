import { expect, it } from 'vitest'
import { may } from '#common/rules/permissions'
import { Computer } from '../test/computer.ts'
import { alice, Device, siteA } from '../test/device.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { ServerModel } from '../test/server-model.ts'
import { WebModel } from '../test/web-model.ts'

it('one contact gives the roles in the organisation, and takes them away, also for after a restart', async () => {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'editor' })
  const device = new Device(model, alice, { place: { folder: temporaryFolder(), key: testKey } })
  await device.sync()
  const mayManage = () => may(device.local.meta().profile!, 'type.manage')
  expect(mayManage()).toBe(false)
  model.setRoles(alice, ['admin'])
  expect(mayManage()).toBe(false)
  await device.sync()
  expect(mayManage()).toBe(true)
  device.restart()
  expect(mayManage()).toBe(true)
  model.setRoles(alice, ['team_leader'])
  await device.sync()
  expect(device.local.meta().profile?.roles).toEqual(['team_leader'])
  expect(mayManage()).toBe(false)
  device.close()
})

it('the window is told at the next contact of a device that was offline, without signing in again', async () => {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: 'editor' })
  web.model.setRoles(alice, ['admin'])
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  const mayManage = () => may(computer.session.state().user!, 'type.manage')
  expect(mayManage()).toBe(true)
  web.reachable = false
  web.model.setRoles(alice, [])
  await computer.restart()
  expect(mayManage()).toBe(true)
  web.reachable = true
  await computer.do['sync.now']({})
  await expect.poll(mayManage).toBe(false)
  expect(computer.told.at(-1)?.user?.roles).toEqual([])
})
