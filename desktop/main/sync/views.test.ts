import { describe, expect, it } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import type { View, ViewInput } from '#common/contract/views'
import { Computer } from '../test/computer.ts'
import { alice, bob, siteA, siteB } from '../test/device.ts'
import { settled } from '../test/manual-clock.ts'
import { WebModel } from '../test/web-model.ts'

const input: ViewInput = { name: 'Mine', shared: false, filter: { lead: 'Ada' }, sort: [], columns: [] }
const stored = (changes: Partial<View> = {}): View => ({
  ...input,
  id: uuidv7(),
  siteId: siteA,
  ownerId: bob,
  shared: true,
  updatedAt: '2026-05-01T00:00:00.000Z',
  ...changes,
})

async function setUp(role: 'administrator' | 'editor' | 'viewer' = 'editor') {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: role, [siteB]: role })
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  const names = async (siteId = siteA) =>
    (await computer.do['views.list']({ siteId })).views.map(({ name }) => name)
  const put = (...views: View[]) => {
    for (const view of views) web.views.set(view.id, view)
  }
  const asked = () => web.log.filter((line) => line.startsWith('/views')).length
  return { web, computer, names, put, asked }
}

describe('the list', () => {
  it('is there at once, by name, and tells when the server knows others', async () => {
    const { computer, names, put } = await setUp()
    put(stored({ name: 'beta' }), stored({ name: 'Älpha' }), stored({ name: 'Private', shared: false }))
    put(stored({ name: 'Elsewhere', siteId: siteB }))
    expect(await names()).toEqual([])
    await settled()
    expect(computer.viewsChanged).toEqual([siteA])
    expect(await names()).toEqual(['Älpha', 'beta'])
  })

  it('asks the server now and then, and only while it is within reach', async () => {
    const { web, computer, names, put, asked } = await setUp()
    await names()
    await settled()
    await names()
    await settled()
    expect(asked()).toBe(1)
    put(stored({ name: 'New' }))
    await computer.pass(31_000)
    expect(asked()).toBe(2)
    expect(computer.viewsChanged).toEqual([siteA])
    expect(await names()).toEqual(['New'])
    web.reachable = false
    await computer.pass(31_000)
    web.log.length = 0
    expect(await names()).toEqual(['New'])
    await settled()
    expect(asked()).toBe(0)
  })

  it('is not told to strangers', async () => {
    const { names } = await setUp()
    await expect(names(bob)).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
  })
})

describe('a change', () => {
  it('is sent at once, under the id it was given here', async () => {
    const { web, computer, names } = await setUp()
    const { view } = await computer.do['views.save']({ siteId: siteA, view: input })
    expect(view).toMatchObject({ ...input, siteId: siteA, ownerId: alice })
    await settled()
    expect(web.views.get(view.id)).toMatchObject(input)
    await computer.do['views.save']({
      id: view.id,
      siteId: siteA,
      view: { ...input, name: 'Ours', shared: true },
    })
    await settled()
    expect(web.views.get(view.id)).toMatchObject({ name: 'Ours', shared: true })
    await computer.do['views.delete']({ id: view.id, siteId: siteA })
    await settled()
    expect([web.views.size, await names()]).toEqual([0, []])
  })

  it('made offline shows at once, survives a restart and goes out at the next contact', async () => {
    const { web, computer, names, put } = await setUp()
    const [changed, deleted] = [
      stored({ name: 'Old', ownerId: alice }),
      stored({ name: 'Gone', ownerId: alice }),
    ]
    put(changed, deleted)
    await names()
    await settled()
    web.reachable = false
    await computer.pass(20_000)
    await computer.do['views.save']({ siteId: siteA, view: input })
    await computer.do['views.save']({ id: changed.id, siteId: siteA, view: { ...input, name: 'Newer' } })
    await computer.do['views.delete']({ id: deleted.id, siteId: siteA })
    await computer.restart({ crash: true })
    expect(await names()).toEqual(['Mine', 'Newer'])
    web.reachable = true
    await computer.pass()
    expect([...web.views.values()].map(({ name }) => name).sort()).toEqual(['Mine', 'Newer'])
    expect(await names()).toEqual(['Mine', 'Newer'])
  })

  it('that the server refuses is dropped, and the person is told', async () => {
    const { web, computer, names, put } = await setUp('administrator')
    const theirs = stored({ name: 'Theirs' })
    put(theirs)
    await names()
    await settled()
    await computer.do['views.save']({
      id: theirs.id,
      siteId: siteA,
      view: { ...input, name: 'Taken', shared: true },
    })
    expect(await names()).toEqual(['Taken'])
    await settled()
    expect(await names()).toEqual(['Theirs'])
    expect(computer.session.state().notice).toBe(
      'The view “Taken” could not be saved: It is the view of somebody else. It is as the server has it again.',
    )
    web.log.length = 0
    await computer.pass(20_000)
    expect(web.log.filter((line) => line.startsWith('/views'))).toEqual([])
  })

  it('made again while it travels is sent again', async () => {
    const { web, computer } = await setUp()
    const { view } = await computer.do['views.save']({ siteId: siteA, view: input })
    const store = computer.session.workspace().store
    const [change] = await store.viewChanges()
    await store.saveView({ id: view.id, siteId: siteA, view: { ...input, name: 'Later' } })
    await store.settleView(change!, { ...view, name: 'Mine' })
    expect(await store.viewChanges()).toMatchObject([{ view: { name: 'Later' } }])
    await computer.pass(20_000)
    expect(web.views.get(view.id)?.name).toBe('Later')
  })

  it('asks the role before it is made', async () => {
    const { computer, names, put } = await setUp('viewer')
    const theirs = stored()
    put(theirs)
    await names()
    await settled()
    const { save, remove } = {
      save: (more: object) => computer.do['views.save']({ siteId: siteA, view: input, ...more }),
      remove: () => computer.do['views.delete']({ id: theirs.id, siteId: siteA }),
    }
    await expect(save({ view: { ...input, shared: true } })).rejects.toThrow('share views')
    await expect(save({ id: theirs.id })).rejects.toThrow('Only its owner')
    await expect(remove()).rejects.toThrow('Only its owner')
    await save({})
  })
})

it('views of a site that was taken away are gone', async () => {
  const { web, computer, names, put } = await setUp()
  put(stored(), stored({ siteId: siteB, name: 'There' }))
  await names()
  await names(siteB)
  await settled()
  web.model.setSites(alice, { [siteA]: 'editor' })
  await computer.pass(20_000)
  await expect(names(siteB)).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
  web.views.clear()
  web.model.setSites(alice, { [siteA]: 'editor', [siteB]: 'editor' })
  await computer.pass(20_000)
  expect(await names(siteB)).toEqual([])
})
