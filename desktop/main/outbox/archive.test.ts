import { describe, expect, it } from 'vitest'
import { alice, bob, Device, filled, siteA } from '../test/device.ts'
import { ServerModel } from '../test/server-model.ts'
import { readArchive, writeArchive } from './archive.ts'

const id = '0192f000-0000-7000-8000-000000000001'
const passphrase = 'correct horse battery'

async function setUp() {
  const model = new ServerModel()
  model.addUser(alice, { [siteA]: 'administrator' })
  model.write(siteA, id, filled, bob)
  const [first, second] = [new Device(model, alice), new Device(model, alice)]
  await first.sync()
  await second.sync()
  return { model, first, second }
}

const carry = (from: Device, to: Device) => to.local.takeIn(from.local.unsent())

describe('unsent work taken to another device', () => {
  it('is sent from there, chain and all, once', async () => {
    const { model, first, second } = await setUp()
    const added = first.add({ title: 'In the basement' })
    first.edit(added.id, { notes: 'By torchlight' })
    expect(carry(first, second)).toEqual({ imported: 2, known: 0 })
    expect(second.seen().get(added.id)).toMatchObject({ notes: 'By torchlight', unsent: true })
    expect(carry(first, second)).toEqual({ imported: 0, known: 2 })
    await second.sync()
    await first.sync()
    expect(carry(first, second)).toEqual({ imported: 0, known: 0 })
    expect(model.live(siteA).filter((record) => record.id === added.id)).toEqual([
      expect.objectContaining({ title: 'In the basement', notes: 'By torchlight', version: 2 }),
    ])
    for (const device of [first, second]) {
      expect(device.local.queueItems()).toEqual([])
      expect(device.seen().get(added.id)).toMatchObject({ version: 2, unsent: false })
    }
  })

  it('is sent once whichever device comes first, and again after it is over', async () => {
    const { model, first, second } = await setUp()
    first.edit(id, { title: 'Mine' })
    const file = first.local.unsent()
    await first.sync()
    model.write(siteA, id, { title: 'Since then' }, bob)
    second.local.takeIn(file)
    await second.sync()
    expect(second.local.queueItems()).toEqual([])
    expect(second.local.takeIn(file)).toEqual({ imported: 0, known: 1 })
    expect(model.find(id)?.record).toMatchObject({ title: 'Since then', version: 3 })
    expect(second.seen().get(id)).toMatchObject({ title: 'Since then' })
  })

  it('can be built upon there, before it is sent', async () => {
    const { model, first, second } = await setUp()
    const added = first.add({ title: 'Begun here' })
    carry(first, second)
    second.edit(added.id, { location: 'Gone on there' })
    await second.sync()
    expect(second.local.queueItems()).toEqual([])
    await first.sync()
    expect(model.find(added.id)?.record).toMatchObject({ title: 'Begun here', location: 'Gone on there' })
    expect(first.seen().get(added.id)).toMatchObject({ location: 'Gone on there' })
  })

  it('brings a conflict along, to be settled there', async () => {
    const { model, first, second } = await setUp()
    first.edit(id, { title: 'Mine' })
    model.write(siteA, id, { title: 'Theirs' }, bob)
    await first.sync()
    carry(first, second)
    expect(second.local.queueItems()).toEqual([expect.objectContaining({ state: 'waiting' })])
    await second.sync()
    const [item] = second.local.queueItems()
    expect(item).toMatchObject({ state: 'conflict', conflict: { fields: ['title'] } })
    second.local.resolve(item!.mutationId, { title: 'Both' })
    await second.sync()
    expect(second.local.queueItems()).toEqual([])
    expect(model.find(id)?.record.title).toBe('Both')
  })
})

describe('the file', () => {
  const written = async () => {
    const { first } = await setUp()
    first.add({ title: 'Canary' })
    const edits = first.local.unsent()
    return { edits, file: await writeArchive({ userId: alice, edits }, passphrase) }
  }

  it('gives back what went in, and shows nothing of it', async () => {
    const { edits, file } = await written()
    expect(file.includes('Canary')).toBe(false)
    expect(await readArchive(file, passphrase)).toEqual({ userId: alice, edits })
  })

  it('opens with the passphrase only, however its accents are typed', async () => {
    const { edits } = await written()
    const file = await writeArchive({ userId: alice, edits }, 'Ne\u0301e \u00e0 Brest')
    expect((await readArchive(file, 'N\u00e9e a\u0300 Brest')).edits).toEqual(edits)
    await expect(readArchive(file, 'Nee a Brest')).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'passphrase' }],
    })
  })

  it('changed in any place is refused', async () => {
    const { file } = await written()
    for (const at of [30, 45, 60, file.length - 20, file.length - 1]) {
      const changed = Buffer.from(file)
      changed[at]! ^= 1
      await expect(readArchive(changed, passphrase), String(at)).rejects.toMatchObject({
        details: [{ field: 'passphrase' }],
      })
    }
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a line', Buffer.from('Fieldbook unsent work 1\n')],
    ['something else', Buffer.from('PK\u0003\u0004'.repeat(100))],
    ['a later version', Buffer.from(`Fieldbook unsent work 2\n${'x'.repeat(200)}`)],
  ])('that is %s is refused as a file', async (_, content) => {
    await expect(readArchive(content, passphrase)).rejects.toMatchObject({ details: [{ field: 'file' }] })
  })
})
