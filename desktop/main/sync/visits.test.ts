import { hkdfSync } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Photo } from '#common/contract/photos'
import type { AnyMutation } from '#common/contract/sync'
import { jpegOfSize } from '#common/rules/test/pictures'
import type { LocalPhoto } from '#desktop/bridge/field'
import { alice, bob, siteA, siteB } from '../test/device.ts'
import {
  asked,
  brandId,
  FieldDevice,
  fieldDevice,
  fieldModel,
  otherShopId,
  shop,
  shopId,
} from '../test/field.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { cacheSteps } from '../store/cache.ts'
import { openDatabase } from '../store/database.ts'
import { record } from '../test/records.ts'

async function setUp(options: ConstructorParameters<typeof FieldDevice>[2] = {}) {
  const model = fieldModel()
  return { model, device: await fieldDevice(model, options) }
}

/** As the person's other device would write it. */
function writeVisit(model: ReturnType<typeof fieldModel>, id: string, changes: object) {
  const visit = model.field.find('visit', id)!
  model.putField({ entity: 'visit', record: { ...visit, ...changes, version: visit.version + 1 } })
}

describe('a visit', () => {
  it('arrives whole and once, and is the same on every device of its agent', async () => {
    const { model, device } = await setUp()
    const id = device.start()
    device.answer(id, { [asked.fridge]: true, [asked.doors]: 4 })
    const photoId = device.shelfPhoto(id)
    device.complete(id)
    const [create, update, photo] = [0, 2, 1].map((index) => device.local.queueItems()[index]!.mutationId)
    await device.sync()
    expect(model.field.find('visit', id)).toMatchObject({ status: 'completed', version: 2, agentId: alice })
    expect(model.field.find('photo', photoId)).toMatchObject({ visitId: id, questionId: asked.shelf })
    expect(model.find(id)!.record).toMatchObject({ status: 'complete', title: 'Visit: Müller am Markt' })
    expect([...model.effects.values()]).toEqual([1, 1, 1])
    expect(device.local.queueItems()).toEqual([])
    expect(device.local.past(10)).toMatchObject([
      { entity: 'visit', op: 'update', mutationId: update, title: 'Visit: Müller am Markt' },
      { entity: 'photo', op: 'create', mutationId: photo, title: 'Photo of Müller am Markt' },
      { entity: 'visit', op: 'create', mutationId: create },
    ])
    const other = await fieldDevice(model)
    expect(other.open(id).visit).toEqual(device.open(id).visit)
    expect(other.open(id).visit).toMatchObject({ unsent: false, needsAttention: false, version: 2 })
    expect(other.open(id).photos).toMatchObject([{ id: photoId, state: 'missing', isHere: false }])
    device.close()
    other.close()
  })

  it('builds on what it has to: photos on its start, its end on the photos that were asked for', async () => {
    const { device } = await setUp()
    const id = device.start()
    device.answer(id, { [asked.fridge]: false })
    device.photo(id, { picture: jpegOfSize(700, 9) })
    device.shelfPhoto(id)
    device.complete(id)
    const mutations = device.local.takeBatch(500, 1e9).mutations as AnyMutation[]
    const [start, free, wanted, end] = mutations
    expect(mutations.map(({ entity, op }) => `${entity} ${op}`)).toEqual([
      'visit create',
      'photo create',
      'photo create',
      'visit update',
    ])
    expect(free!.dependsOn).toEqual([start!.mutationId])
    expect(wanted!.dependsOn).toEqual([start!.mutationId])
    expect(end!.dependsOn).toEqual([start!.mutationId, wanted!.mutationId])
    device.close()
  })

  it('is in the Finder once, while its interaction arrives too', async () => {
    const { model, device } = await setUp()
    const id = device.start()
    model.maxPage = 1
    const counts: number[] = []
    const look = () => {
      const page = device.local.page({ siteId: siteA, filter: {}, sort: [], offset: 0, limit: 10 })
      counts.push(page.total, page.rows.filter((row) => row.id === id).length)
    }
    device.network = {
      send: (_, request) => {
        look()
        return request()
      },
    }
    await device.sync()
    look()
    expect(counts.length).toBeGreaterThan(8)
    expect(new Set(counts)).toEqual(new Set([1]))
    device.close()
  })

  it('of somebody else is nowhere on the device', async () => {
    const { model, device } = await setUp()
    const id = device.wholeVisit()
    await device.sync()
    model.addUser(bob, { [siteA]: 'viewer' })
    model.setRoles(bob, ['agent'])
    const other = new FieldDevice(model, bob)
    await other.sync()
    expect(other.local.field.openVisit(id)).toBeNull()
    writeVisit(model, id, { notes: 'More' })
    await other.sync()
    expect(other.local.field.openVisit(id)).toBeNull()
    expect(other.seen().has(id)).toBe(true)
    device.close()
    other.close()
  })
})

describe('a conflict', () => {
  async function disputed() {
    const { model, device } = await setUp()
    const id = device.start()
    await device.sync()
    device.answer(id, { [asked.remark]: 'Mine', [asked.fridge]: true })
    writeVisit(model, id, { answers: { [asked.remark]: 'Theirs' }, notes: 'Also theirs' })
    await device.sync()
    const [item] = device.local.queueItems()
    return { model, device, id, mutationId: item!.mutationId, item }
  }

  it('is about the answers that both gave, shows both, and keeps mine on screen', async () => {
    const { device, id, item } = await disputed()
    expect(item).toMatchObject({
      entity: 'visit',
      visitId: id,
      state: 'conflict',
      title: 'Visit: Müller am Markt',
      base: { answers: { [asked.remark]: null, [asked.fridge]: null } },
      patch: { answers: { [asked.remark]: 'Mine', [asked.fridge]: true } },
      conflict: { fields: [`answers.${asked.remark}`], theirs: { answers: { [asked.remark]: 'Theirs' } } },
    })
    expect(device.open(id).visit).toMatchObject({
      needsAttention: true,
      notes: 'Also theirs',
      answers: { [asked.remark]: 'Mine', [asked.fridge]: true },
    })
    device.close()
  })

  it('is settled with what the person wants, on top of theirs', async () => {
    const { model, device, id, mutationId } = await disputed()
    device.local.resolve(mutationId, { answers: { [asked.remark]: 'Both' } })
    await device.sync()
    expect(model.field.find('visit', id)).toMatchObject({
      notes: 'Also theirs',
      answers: { [asked.remark]: 'Both', [asked.fridge]: true },
    })
    expect(device.local.queueItems()).toEqual([])
    device.close()
  })

  it('holds back what builds on it, which follows when it is settled, or goes with it', async () => {
    const { model, device, id, mutationId } = await disputed()
    device.answer(id, { [asked.doors]: 3 })
    await device.sync()
    expect(device.queued).toEqual(['visit update conflict', 'visit update blocked'])
    expect(() => device.local.resolve(mutationId, { answers: { [asked.remark]: 3 } })).toThrow()
    device.local.resolve(mutationId, { answers: { [asked.remark]: 'Theirs', [asked.fridge]: null } })
    await device.sync()
    expect(device.local.queueItems()).toEqual([])
    expect(model.field.find('visit', id)!.answers).toEqual({ [asked.remark]: 'Theirs', [asked.doors]: 3 })
    device.close()
  })

  it('is over when the person takes their edit back', async () => {
    const { device, id, mutationId } = await disputed()
    device.local.discard(mutationId)
    expect(device.open(id).visit).toMatchObject({
      needsAttention: false,
      answers: { [asked.remark]: 'Theirs' },
    })
    device.close()
  })

  const block = (x: number) => ({
    id: `0192f000-0000-7000-8000-00000000080${Math.round(x * 10)}`,
    brandId,
    polygon: [
      { x, y: 0 },
      { x: 1, y: 0 },
      { x: 1, y: 1 },
    ],
  })

  /** A photo the server has, and how the person's other device marks it. */
  async function withPhoto() {
    const { model, device } = await setUp()
    const id = device.start()
    const photoId = device.photo(id)
    await device.sync()
    const markElsewhere = (x: number) => {
      const photo = model.field.find('photo', photoId)!
      const quadrants = [{ ...block(x), areaPercentage: 100 }]
      model.putField({ entity: 'photo', record: { ...photo, quadrants, version: photo.version + 1 } })
    }
    return { model, device, id, photoId, markElsewhere }
  }

  it('of marks is settled in the same way', async () => {
    const { model, device, photoId, markElsewhere } = await withPhoto()
    device.local.field.markPhoto({ id: photoId, shelf: null, quadrants: [block(0.1)] })
    markElsewhere(0.2)
    await device.sync()
    const [item] = device.local.queueItems()
    expect(item).toMatchObject({ entity: 'photo', op: 'update', state: 'conflict' })
    device.local.resolve(item!.mutationId, { quadrants: [block(0.3)] })
    await device.sync()
    expect(model.field.find('photo', photoId)!.quadrants).toMatchObject([block(0.3)])
    device.close()
  })

  it('keeps a photo that was marked elsewhere until the person has seen that', async () => {
    const { model, device, id, photoId, markElsewhere } = await withPhoto()
    device.local.field.removePhoto(photoId)
    expect(device.open(id).photos).toEqual([])
    markElsewhere(0.2)
    await device.sync()
    const [item] = device.local.queueItems()
    expect(item).toMatchObject({
      entity: 'photo',
      op: 'delete',
      state: 'conflict',
      conflict: { fields: ['quadrants'], theirs: { quadrants: [block(0.2)] } },
    })
    expect(device.open(id).photos).toMatchObject([{ id: photoId, quadrants: [block(0.2)] }])
    device.local.retry(item!.mutationId)
    await device.sync()
    expect(model.field.find('photo', photoId)).toBeUndefined()
    expect(device.local.queueItems()).toEqual([])
    device.close()
  })

  it('is none where what was marked was seen, or is the person’s own', async () => {
    const { model, device, photoId, markElsewhere } = await withPhoto()
    markElsewhere(0.2)
    await device.sync()
    device.local.field.markPhoto({ id: photoId, shelf: null, quadrants: [block(0.3)] })
    device.local.field.removePhoto(photoId)
    await device.sync()
    expect(model.field.find('photo', photoId)).toBeUndefined()
    expect(device.local.queueItems()).toEqual([])
    device.close()
  })
})

describe('what the server refuses', () => {
  it('of a start can be corrected on the visit, with all that was done since', async () => {
    const { model, device } = await setUp()
    const id = device.start()
    device.answer(id, { [asked.fridge]: false })
    device.shelfPhoto(id)
    device.complete(id)
    model.putField({ entity: 'shop', record: shop({ active: false, version: 2 }) })
    await device.sync()
    expect(device.queued).toEqual(['visit create rejected', 'photo create blocked', 'visit update blocked'])
    expect(device.open(id).photos[0]).toMatchObject({ state: 'stopped' })
    device.local.field.editVisit({ id, shopId: otherShopId, notes: 'Moved' })
    expect(device.queued).toEqual(['visit create waiting', 'photo create waiting', 'visit update waiting'])
    await device.sync()
    expect(device.local.queueItems()).toEqual([])
    expect(model.field.find('visit', id)).toMatchObject({
      shopId: otherShopId,
      notes: 'Moved',
      status: 'completed',
      answers: { [asked.fridge]: false },
    })
    expect(device.open(id).photos).toHaveLength(1)
    device.close()
  })

  it('of a start takes its end along when it is corrected after that', async () => {
    const { model, device } = await setUp()
    const id = device.start({ surveyId: null })
    device.complete(id)
    model.putField({ entity: 'shop', record: shop({ active: false, version: 2 }) })
    await device.sync()
    expect(device.queued).toEqual(['visit create rejected', 'visit update blocked'])
    device.local.field.editVisit({ id, notes: 'More' })
    expect(device.queued).toEqual(['visit create waiting', 'visit update waiting'])
    const [create, end] = device.local.takeBatch(500, 1e9).mutations as AnyMutation[]
    expect(create).toMatchObject({
      patch: { status: 'in_progress', completedAt: null, notes: 'More' },
      base: {},
    })
    expect(end).toMatchObject({
      base: { status: 'in_progress', completedAt: null },
      patch: { status: 'completed' },
      dependsOn: [create!.mutationId],
    })
    device.close()
  })

  it('because of a photo is sent without it once that is given up', async () => {
    const { model, device } = await setUp()
    const id = device.start()
    device.answer(id, { [asked.fridge]: false })
    const [first, second] = [device.shelfPhoto(id, 1), device.shelfPhoto(id, 2)]
    device.complete(id)
    // Another photo is there under that id.
    model.putField({ entity: 'photo', record: asKnown({ ...device.open(id).photos[0]!, size: 77 }) })
    await device.sync()
    expect(device.queued).toEqual(['photo create conflict', 'visit update blocked'])
    expect(device.open(id).photos.map(({ isRefused }) => isRefused)).toEqual([true, false])
    device.local.discard(device.local.queueItems()[0]!.mutationId)
    expect(device.queued).toEqual(['visit update waiting'])
    expect(device.local.photos.photoBytes(first)).toBeNull()
    await device.sync()
    expect(device.local.queueItems()).toEqual([])
    expect(model.field.find('visit', id)).toMatchObject({ status: 'completed' })
    expect(model.field.find('photo', second)).toBeDefined()
    device.close()
  })

  it('as the end of a visit is sent again once what was missing is there', async () => {
    const { model, device } = await setUp()
    const second = device.start()
    device.answer(second, { [asked.fridge]: false })
    const gone = device.shelfPhoto(second)
    await device.sync()
    device.complete(second)
    model.removeField('photo', gone)
    await device.sync()
    expect(device.queued).toEqual(['visit update rejected'])
    expect(device.open(second).visit.needsAttention).toBe(true)
    device.shelfPhoto(second, 8)
    device.complete(second)
    await device.sync()
    expect(model.field.find('visit', second)!.status).toBe('completed')
    expect(device.local.queueItems()).toEqual([])
    device.close()
  })
})

describe('around it', () => {
  it('unsent visits can be carried to another computer, and photos say where they are', async () => {
    const { model, device } = await setUp()
    const id = device.wholeVisit()
    const other = await fieldDevice(model)
    expect(other.local.takeIn(device.local.unsent())).toEqual({ imported: 3, known: 0 })
    expect(other.open(id).visit).toMatchObject({ status: 'completed', unsent: true })
    expect(other.seen().get(id)).toMatchObject({ title: 'Visit: Müller am Markt' })
    expect(other.open(id).photos).toMatchObject([
      { state: 'missing', problem: expect.stringMatching(/was added on/) as string },
    ])
    expect(other.local.queueItems().find(({ entity }) => entity === 'photo')!.problem!.message).toMatch(
      /was added on/,
    )
    await other.sync()
    await device.sync()
    expect([...model.effects.values()]).toEqual([1, 1, 1])
    expect(device.open(id).photos).toMatchObject([{ state: 'waiting', isHere: true }])
    expect(device.local.counts()).toMatchObject({ waiting: 1, needsAttention: 0 })
    device.close()
    other.close()
  })

  it('a restored server gets all of it again, and the photos are asked for once more', async () => {
    const { model, device } = await setUp()
    const backup = model.backup()
    const id = device.wholeVisit()
    await device.sync()
    const photoId = device.open(id).photos[0]!.id
    device.local.photos.noteStored(photoId)
    device.local.photos.noteThumbnailSent(photoId)
    model.restore(backup)
    await device.sync()
    await device.sync()
    expect(model.field.find('visit', id)).toMatchObject({ status: 'completed' })
    expect(device.open(id).visit).toMatchObject({ status: 'completed', unsent: false })
    expect(device.local.photos.nextUpload()).toMatchObject({ id: photoId, state: 'waiting', received: 0 })
    device.close()
  })

  it('copies of field work go with their site', async () => {
    const folder = temporaryFolder()
    const { model, device } = await setUp({ place: { folder, key: testKey } })
    const id = device.wholeVisit()
    await device.sync()
    device.answer(id, { [asked.remark]: 'Unsent' })
    model.setSites(alice, { [siteB]: 'editor' })
    await device.sync()
    expect(device.local.field.openVisit(id)).toBeNull()
    expect(() => device.local.field.findShops({ siteId: siteA, search: '', near: null, limit: 5 })).toThrow()
    expect(device.queued).toEqual(['visit update rejected'])
    model.setSites(alice, { [siteA]: 'viewer' })
    // Nothing of it was left: it is all fetched again.
    expect(device.local.field.openVisit(id)).toBeNull()
    await device.sync()
    expect(device.open(id)).toMatchObject({
      shop: { id: shopId },
      visit: { answers: { [asked.remark]: 'Unsent' } },
    })
    device.close()
  })

  it('an app that was updated fetches everything once more, uses its copies meanwhile, and ends with no others', async () => {
    const folder = temporaryFolder()
    const { model, device } = await setUp({ place: { folder, key: testKey } })
    for (const title of ['Kept', 'Deleted']) model.adopt(record({ title }))
    await device.sync()
    asBeforeFieldWork(folder)
    const deleted = model.live(siteA).find(({ title }) => title === 'Deleted')!
    model.write(siteA, deleted.id, 'delete', bob)
    device.restart()
    const titles = () => [...device.seen().values()].map(({ title }) => title).sort()
    expect(titles()).toEqual(['Deleted', 'Kept'])
    expect(device.local.progress()).toMatchObject({ cursor: null, firstSync: { stored: 2 } })
    model.maxPage = 1
    await device.sync()
    expect(titles()).toEqual(['Kept'])
    expect(device.local.field.findShops({ siteId: siteA, search: '', near: null, limit: 5 }).total).toBe(2)
    device.restart()
    await device.sync()
    expect(titles()).toEqual(['Kept'])
    device.close()
  })
})

const asKnown = ({ state: _, problem: __, isHere: ___, ...photo }: LocalPhoto): Photo => ({
  ...photo,
  version: 1,
})

/** The copies as the app left them that knew nothing of visits. */
function asBeforeFieldWork(folder: string) {
  const key = Buffer.from(hkdfSync('sha256', Buffer.from(testKey, 'hex'), '', 'cache.db', 32)).toString('hex')
  const place = { path: join(folder, 'cache.db'), key }
  const db = openDatabase(place, { cipher: 'aegis', synchronous: 'NORMAL', steps: cacheSteps })
  for (const table of [
    'shops',
    'brands',
    'surveys',
    'survey_versions',
    'visits',
    'photos',
    'unconfirmed',
    'plan',
  ])
    db.exec(`DROP TABLE ${table}`)
  db.pragma('user_version = 2')
  db.close()
}
