import { expect, it } from 'vitest'
import { Computer } from '../test/computer.ts'
import { alice, bob, filled, siteA } from '../test/device.ts'
import { settled } from '../test/manual-clock.ts'
import { WebModel } from '../test/web-model.ts'

async function setUp() {
  const web = new WebModel()
  web.addUser('alice', alice, { [siteA]: 'administrator' })
  const computer = await new Computer(web).start()
  await computer.signIn('alice')
  return { web, computer, handlers: computer.do }
}

const create = { siteId: siteA, opened: null, fields: filled }

it('an edit is answered, then told to the window and sent at once', async () => {
  const { web, computer, handlers } = await setUp()
  computer.dataChanged.length = 0
  const { interaction } = await handlers['interaction.save'](create)
  expect(computer.dataChanged).toEqual([])
  await settled()
  expect(computer.dataChanged).toContain(siteA)
  expect(web.model.live(siteA).map(({ id }) => id)).toEqual([interaction.id])
  expect(await handlers['interaction.read']({ id: interaction.id })).toMatchObject({
    interaction: { version: 1, unsent: false },
  })
  await handlers['interaction.delete']({ id: interaction.id })
  await settled()
  expect(web.model.live(siteA)).toEqual([])
})

it('a conflict is shown, and ends with what the person chooses', async () => {
  const { web, computer, handlers } = await setUp()
  const { interaction } = await handlers['interaction.save'](create)
  await settled()
  web.reachable = false
  await handlers['interaction.save']({
    id: interaction.id,
    siteId: siteA,
    opened: filled,
    fields: { ...filled, title: 'Mine' },
  })
  web.model.write(siteA, interaction.id, { title: 'Theirs' }, bob)
  web.reachable = true
  await computer.pass()
  expect(await handlers['sync.status']({})).toMatchObject({ waiting: 0, needsAttention: 1 })
  const [item] = (await handlers['sync.queue']({})).items
  expect(item).toMatchObject({ state: 'conflict', conflict: { fields: ['title'] } })
  await handlers['sync.resolve']({ mutationId: item!.mutationId, fields: { title: 'Both' } })
  await settled()
  expect(web.model.find(interaction.id)?.record.title).toBe('Both')
  expect(await handlers['sync.status']({})).toMatchObject({ waiting: 0, needsAttention: 0 })
})

it('what the form offers comes from the copies and the queue', async () => {
  const { web, computer, handlers } = await setUp()
  web.model.write(siteA, alice, { ...filled, lead: 'Émile' }, bob)
  await computer.pass(30_000)
  web.reachable = false
  await handlers['interaction.save']({ ...create, fields: { ...filled, lead: 'Zoë' } })
  expect(await handlers['lookups.read']({ siteId: siteA })).toMatchObject({ leads: ['Émile', 'Zoë'] })
})

it('“sync now” does not wait for the next turn', async () => {
  const { web, handlers } = await setUp()
  web.log.length = 0
  await handlers['sync.now']({})
  await settled()
  expect(web.log).toContain(`/sync/pull ${alice}`)
})

it('discarding and retrying what is not there any more says so', async () => {
  const { handlers } = await setUp()
  for (const name of ['sync.retry', 'sync.discard'] as const) {
    await expect(handlers[name]({ mutationId: alice })).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
  }
})

const passphrase = 'correct horse battery'

it('unsent work is written to a file, and taken in by the same person alone', async () => {
  const { web, computer, handlers } = await setUp()
  await expect(handlers['sync.export']({ passphrase })).rejects.toThrow(/nothing to export/)
  web.reachable = false
  await handlers['interaction.save'](create)
  expect(await handlers['sync.export']({ passphrase })).toEqual({ saved: true, count: 1 })
  expect(await handlers['sync.import']({ passphrase })).toEqual({ read: true, imported: 0, known: 1 })

  web.reachable = true
  web.addUser('bob', bob, { [siteA]: 'editor' })
  const another = await new Computer(web).start()
  await another.signIn('bob')
  expect(await another.do['sync.import']({ passphrase })).toEqual({ read: false, imported: 0, known: 0 })
  another.file = computer.file
  await expect(another.do['sync.import']({ passphrase })).rejects.toMatchObject({
    details: [{ field: 'file' }],
  })
  await expect(another.do['sync.import']({ passphrase: 'not the passphrase' })).rejects.toMatchObject({
    details: [{ field: 'passphrase' }],
  })
  expect(another.session.status()).toMatchObject({ waiting: 0, needsAttention: 0 })

  const own = await new Computer(web).start()
  await own.signIn('alice')
  own.file = computer.file
  expect(await own.do['sync.import']({ passphrase })).toEqual({ read: true, imported: 1, known: 0 })
  await settled()
  await settled()
  expect(web.model.live(siteA)).toHaveLength(1)
})

it('what is over is listed a part at a time', async () => {
  const { handlers } = await setUp()
  for (const title of ['One', 'Two', 'Three'])
    await handlers['interaction.save']({ ...create, fields: { ...filled, title } })
  await settled()
  await settled()
  const { items, more } = await handlers['sync.past']({ limit: 2 })
  expect([items.map(({ title }) => title), more]).toEqual([['Three', 'Two'], true])
  expect(await handlers['sync.past']({ limit: 3 })).toMatchObject({ more: false })
})
