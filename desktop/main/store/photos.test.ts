import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { maxPhotosOfVisit } from '#common/contract/photos'
import { jpegOfSize, realJpeg, tinyJpeg, withExif, withSegment } from '#common/rules/test/pictures'
import { Crash, Crashes, diskFull } from '../test/crashes.ts'
import { alice, siteA, siteB } from '../test/device.ts'
import {
  asked,
  brandId,
  FieldDevice,
  fieldDevice,
  fieldModel,
  photoRequest,
  questions,
  version,
} from '../test/field.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { pictureFilesIn } from './picture-files.ts'

const onDisk = () => ({ place: { folder: temporaryFolder(), key: testKey } })
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function setUp(place = onDisk()) {
  const model = fieldModel()
  const device = await fieldDevice(model, place)
  const { folder } = place.place
  const files = () => (existsSync(join(folder, 'photos')) ? readdirSync(join(folder, 'photos')) : [])
  return { model, device, folder, files }
}

/** The server has all of it. */
function arrive(
  { model, device }: { model: ReturnType<typeof fieldModel>; device: FieldDevice },
  id: string,
) {
  const photo = model.field.find('photo', id)!
  const stored = { received: photo.size, storedAt: '2026-02-01T00:00:00.000Z', version: photo.version + 1 }
  model.putField({ entity: 'photo', record: { ...photo, ...stored } })
  device.local.photos.noteStored(id)
  device.local.photos.noteThumbnailSent(id)
}

describe('a photo', () => {
  it('is kept with its time and place, and is there again in an app that was killed', async () => {
    const { device } = await setUp()
    const id = device.start()
    const picture = jpegOfSize(30_000, 5)
    const original = withExif(realJpeg, { takenAt: '2026:03:29 03:30:10', latitude: 52.5, longitude: -13.25 })
    const photoId = device.photo(id, { picture, original })
    device.restart()
    expect(device.open(id).photos).toEqual([
      {
        id: photoId,
        siteId: siteA,
        visitId: id,
        questionId: null,
        purpose: 'shelf',
        sha256: digest(picture),
        size: 30_000,
        type: 'image/jpeg',
        width: 8,
        height: 8,
        // The wall time of the visit's zone.
        takenAt: '2026-03-29T01:30:10.000Z',
        latitude: 52.5,
        longitude: -13.25,
        shelf: null,
        quadrants: [],
        received: 0,
        storedAt: null,
        hasThumbnail: false,
        version: null,
        createdAt: expect.any(String) as string,
        state: 'waiting',
        problem: null,
        isHere: true,
        isRefused: false,
      },
    ])
    expect(device.local.photos.photoBytes(photoId)).toEqual(picture)
    expect(device.local.photos.thumbnailBytes(photoId)).toEqual(realJpeg)
    device.close()
  })

  it.each([
    ['with an offset', '2026:03:02 09:30:00', '+05:30', '2026-03-02T04:00:00.000Z'],
    ['that its zone skips', '2026:03:29 02:30:00', undefined, null],
    ['of no time one could mean', '0001:01:01 00:00:00', undefined, null],
  ])('takes a time %s for what it says', async (_, takenAt, offset, expected) => {
    const device = await fieldDevice(fieldModel())
    const id = device.start()
    const original = withExif(realJpeg, { takenAt, ...(offset && { offset }) })
    device.photo(id, { original })
    expect(device.open(id).photos[0]!.takenAt).toBe(expected)
    device.close()
  })

  it('is one from the camera just now where nothing is said of it', async () => {
    const device = await fieldDevice(fieldModel())
    const id = device.start()
    device.photo(id)
    expect(device.open(id).photos[0]!.takenAt).toMatch(/^2026-02-01/)
    device.close()
  })

  it('is in a visit once', async () => {
    const device = await fieldDevice(fieldModel())
    const [id, other] = [device.start(), device.start()]
    device.photo(id)
    expect(() => device.photo(id)).toThrow('This photo is already in the visit')
    device.photo(other)
    device.close()
  })

  it.each([
    [
      'a picture that tells more',
      { picture: withSegment(realJpeg, 0xfe, 'secret') },
      /says more than it shows/,
    ],
    ['what is no picture', { picture: new TextEncoder().encode('<svg onload=alert(1)>') }, /not a picture/],
    ['an original that is none', { original: new Uint8Array([0xff, 0xd8, 0xff]) }, /end of this picture/],
    ['a large small version', { thumbnail: tinyJpeg({ width: 400, height: 8 }) }, /too large/],
    [
      'a question that wants none',
      { purpose: 'question' as const, questionId: asked.remark },
      /not answered by/,
    ],
    ['a question without the purpose', { questionId: asked.shelf }, /purpose/],
  ])('is refused as %s, and leaves nothing', async (_, changes, message) => {
    const { device, files } = await setUp()
    const id = device.start()
    expect(() => device.photo(id, changes)).toThrow(message)
    expect(device.open(id).photos).toEqual([])
    expect(files()).toEqual([])
    device.close()
  })

  it('is refused by a question that has as many as it takes, and taken once there is room', async () => {
    const model = fieldModel()
    const two = questions.map((each) => (each.id === asked.shelf ? { ...each, max: 2 } : each))
    model.putField({ entity: 'surveyVersion', record: version(1, two) })
    const device = await fieldDevice(model)
    const id = device.start()
    const [first] = [device.shelfPhoto(id, 1), device.shelfPhoto(id, 2)]
    expect(() => device.shelfPhoto(id, 3)).toThrow('takes no more photos')
    expect(device.open(id).photos).toHaveLength(2)
    device.photo(id, { picture: jpegOfSize(900, 9) })
    device.local.field.removePhoto(first)
    device.shelfPhoto(id, 3)
    device.close()
  })

  it('shows what it is before anybody decodes it', async () => {
    const device = await fieldDevice(fieldModel())
    const look = (bytes: Uint8Array) => device.local.photos.lookAtPicture(bytes)
    expect(look(tinyJpeg({ width: 4000, height: 3000 }))).toEqual({
      type: 'image/jpeg',
      width: 4000,
      height: 3000,
    })
    expect(() => look(tinyJpeg({ width: 50_000, height: 50_000 }))).toThrow(/too many pixels/)
    device.close()
  })

  it('is marked, and its shares are there at once', async () => {
    const { device } = await setUp()
    const id = device.start()
    const photoId = device.photo(id)
    const block = (from: number, to: number) => ({
      id: uuidv7(),
      brandId,
      polygon: [
        { x: from, y: 0 },
        { x: to, y: 0 },
        { x: to, y: 1 },
        { x: from, y: 1 },
      ],
    })
    const mark = (quadrants: ReturnType<typeof block>[]) =>
      device.local.field.markPhoto({ id: photoId, shelf: null, quadrants })
    mark([block(0, 0.25)])
    mark([block(0, 0.25), block(0.25, 1)])
    device.restart()
    expect(device.open(id).photos[0]!.quadrants.map(({ areaPercentage }) => areaPercentage)).toEqual([25, 75])
    // Drawn on and on, it is one edit.
    expect(device.queued).toEqual(['visit create waiting', 'photo create waiting', 'photo update waiting'])
    expect(() => mark([{ ...block(0, 1), brandId: uuidv7() }])).toThrow(/need your attention/)
    device.close()
  })

  it('is marked on top of what its author saw, whatever came in while they drew', async () => {
    const { model, device } = await setUp()
    const id = device.start({ surveyId: null })
    const photoId = device.photo(id)
    await device.sync()
    const photo = model.field.find('photo', photoId)!
    model.putField({ entity: 'photo', record: { ...photo, shelf: triangle, version: photo.version + 1 } })
    await device.sync()
    const mine = triangle.map(({ x, y }) => ({ x: x / 2, y }))
    const opened = { shelf: null, quadrants: [] }
    const mark = (shelf: typeof triangle | null) =>
      device.local.field.markPhoto({ id: photoId, shelf, quadrants: [], opened })
    // What is drawn back to how it was changes nothing, nor does what is there by now.
    mark(null)
    mark(triangle)
    expect(device.queued).toEqual([])
    mark(mine)
    await device.sync()
    expect(device.local.queueItems()).toMatchObject([
      { op: 'update', state: 'conflict', conflict: { mine: { shelf: mine }, theirs: { shelf: triangle } } },
    ])
    device.close()
  })

  it('that was not sent goes from the queue and the disk when it is taken out', async () => {
    const { device, files } = await setUp()
    const id = device.start()
    const [photoId, other] = [device.photo(id), device.photo(id, { picture: jpegOfSize(900, 9) })]
    device.local.field.removePhoto(photoId)
    device.local.photos.tidyPhotos()
    expect(device.open(id).photos.map((photo) => photo.id)).toEqual([other])
    expect(files()).toEqual([digest(jpegOfSize(900, 9))])
    expect(device.queued).toEqual(['visit create waiting', 'photo create waiting'])
    device.close()
  })

  it('that was sent goes once the server has heard of it', async () => {
    const { model, device, files } = await setUp()
    const id = device.start()
    const photoId = device.photo(id)
    await device.sync()
    device.local.field.removePhoto(photoId)
    expect(device.open(id).photos).toEqual([])
    expect(files()).toHaveLength(1)
    await device.sync()
    expect(files()).toEqual([])
    expect(model.field.find('photo', photoId)).toBeUndefined()
    expect(device.local.counts()).toMatchObject({ waiting: 0, needsAttention: 0 })
    device.close()
  })
})

describe('on disk', () => {
  it('no photo is readable without the key, nor under another name or after a change', async () => {
    const { device, folder, files } = await setUp()
    const id = device.start()
    const picture = withMarker(jpegOfSize(5000, 3))
    const photoId = device.photo(id, { picture })
    const [name] = files()
    const path = join(folder, 'photos', name!)
    for (const file of [path, join(folder, 'queue.db'), join(folder, 'cache.db')])
      expect(readFileSync(file).toString('latin1')).not.toMatch(/canary|JFIF/)
    expect(pictureFilesIn(folder, testKey).get(name!)).toEqual(picture)
    expect(pictureFilesIn(folder, '60'.repeat(32)).get(name!)).toBeNull()
    const other = 'ab'.repeat(32)
    writeFileSync(join(folder, 'photos', other), readFileSync(path))
    expect(pictureFilesIn(folder, testKey).get(other)).toBeNull()
    truncateSync(path, 2000)
    expect(device.local.photos.photoBytes(photoId)).toBeNull()
    device.close()
  })

  it('the same photo is never the same file', () => {
    const folder = temporaryFolder()
    const files = pictureFilesIn(folder, testKey)
    const name = digest(realJpeg)
    const contents = [0, 1].map(() => {
      files.put(name, realJpeg)
      return readFileSync(join(folder, 'photos', name)).toString('hex')
    })
    expect(contents[0]).not.toBe(contents[1])
  })

  it('at any boundary a photo is kept whole or not at all, and leaves no file behind', () => {
    using crashes = new Crashes()
    const kept: number[] = []
    for (let crashed = true; crashed;) {
      const place = onDisk()
      const device = new FieldDevice(fieldModel(), alice, place)
      const id = device.start({ shopId: null, surveyId: null })
      crashes.arm(kept.length + 1)
      try {
        device.photo(id)
        crashed = false
      } catch (error) {
        if (!(error instanceof Crash)) throw error
      }
      crashes.disarm()
      device.restart()
      const { photos } = device.open(id)
      const names = readdirSync(join(place.place.folder, 'photos'))
      expect(names).toEqual(photos.map(({ sha256 }) => sha256))
      expect(device.queued).toHaveLength(1 + photos.length)
      kept.push(photos.length)
      device.close()
    }
    expect(kept.length).toBeGreaterThan(3)
    expect(kept).toEqual(kept.toSorted())
    expect([...new Set(kept)]).toEqual([0, 1])
  })

  it('a file that was being written, or that nothing speaks of, goes when the app is opened', async () => {
    const { device, folder, files } = await setUp()
    device.photo(device.start())
    const [name] = files()
    writeFileSync(join(folder, 'photos', `${name}.new`), 'half')
    writeFileSync(join(folder, 'photos', 'ab'.repeat(32)), 'of a crash')
    device.restart()
    expect(files()).toEqual([name])
    device.close()
  })

  it('a folder among them goes like any other that nothing speaks of', async () => {
    const { device, folder, files } = await setUp()
    device.photo(device.start())
    const before = files()
    mkdirSync(join(folder, 'photos', 'Thumbs', 'more'), { recursive: true })
    device.restart()
    expect(files()).toEqual(before)
    device.close()
  })

  it('a full disk is told, and nothing is kept by half', async () => {
    using crashes = new Crashes()
    const { device, files } = await setUp()
    const id = device.start()
    crashes.arm(1, diskFull)
    expect(() => device.photo(id)).toThrow(/disk is full/)
    crashes.disarm()
    expect(device.open(id).photos).toEqual([])
    expect(files()).toEqual([])
    device.photo(id)
    expect(device.open(id).photos).toHaveLength(1)
    device.close()
  })

  it('nothing is where nothing may be kept', async () => {
    const model = fieldModel()
    const device = await fieldDevice(model)
    const id = device.start()
    const photoId = device.photo(id)
    expect(device.local.photos.photoBytes(photoId)).toEqual(photoRequest(id).picture)
    device.local.field.removePhoto(photoId)
    device.local.photos.tidyPhotos()
    expect(device.local.photos.photoBytes(photoId)).toBeNull()
    device.close()
  })
})

describe('bytes', () => {
  it('go two weeks after all of a visit is on the server, and not before', async () => {
    const place = onDisk()
    let now = Date.parse('2026-02-01T00:00:00Z')
    const world = await setUp({ ...place, now: () => new Date(now).toISOString() } as typeof place)
    const { device, files } = world
    const visitId = device.wholeVisit()
    const going = device.start({ surveyId: null })
    const photoOfGoing = device.photo(going, { picture: jpegOfSize(800, 4) })
    await device.sync()
    const [photo] = device.open(visitId).photos
    const tidy = (days: number) => {
      now += days * 24 * 3600_000
      device.local.photos.tidyPhotos()
      return files().length
    }
    // Never before it is stored.
    expect(tidy(30)).toBe(2)
    arrive(world, photo!.id)
    arrive(world, photoOfGoing)
    await device.sync()
    expect(tidy(13)).toBe(2)
    device.answer(visitId, { [asked.remark]: 'Not sent yet' })
    expect(tidy(2)).toBe(2)
    await device.sync()
    // The other visit goes on.
    expect(tidy(0)).toBe(1)
    expect(device.open(visitId).photos[0]).toMatchObject({ state: 'sent', isHere: false, problem: null })
    expect(device.local.photos.photoBytes(photo!.id)).toBeNull()
    expect(device.open(going).photos[0]).toMatchObject({ state: 'sent', isHere: true })
    device.close()
  })

  it('of a site that was taken away go at once, but for those the server does not have', async () => {
    const world = await setUp()
    const { model, device, files } = world
    const visitId = device.wholeVisit()
    await device.sync()
    const sent = device.open(visitId).photos[0]!
    arrive(world, sent.id)
    const waiting = device.photo(visitId, { picture: jpegOfSize(800, 4) })
    model.setSites(alice, { [siteB]: 'editor' })
    await device.sync()
    expect(device.local.field.openVisit(visitId)).toBeNull()
    expect(files()).toEqual([digest(jpegOfSize(800, 4))])
    expect(device.local.photos.photoBytes(waiting)).not.toBeNull()
    expect(device.local.counts().needsAttention).toBe(1)
    expect(device.local.queueItems()).toMatchObject([
      { entity: 'photo', title: 'Photo of Müller am Markt', siteName: 'Site A', state: 'rejected' },
    ])
    device.close()
  })

  it('of a site that was taken away stay while the server does not have them, and go on when it comes back', async () => {
    const { model, device, files } = await setUp()
    const visitId = device.start({ surveyId: null })
    const [sent, unsent] = [device.photo(visitId), device.photo(visitId, { picture: jpegOfSize(800, 4) })]
    await device.sync()
    arrive({ model, device }, sent)
    model.setSites(alice, { [siteB]: 'editor' })
    await device.sync()
    expect(files()).toEqual([digest(jpegOfSize(800, 4))])
    expect(device.local.photos.thumbnailBytes(sent)).toBeNull()
    device.local.photos.noteUpload(unsent, { state: 'stopped', problem: 'Not here' })
    expect(device.local.queueItems()).toMatchObject([{ mutationId: unsent, siteName: 'Site A' }])
    model.setSites(alice, { [siteA]: 'editor', [siteB]: 'editor' })
    await device.sync()
    device.local.photos.retryPhoto(unsent)
    expect(device.local.photos.nextUpload()).toMatchObject({ id: unsent })
    expect(device.local.photos.photoBytes(unsent)).toEqual(jpegOfSize(800, 4))
    device.close()
  })

  it.each(['photo', 'visit'] as const)('of a %s that was removed elsewhere go', async (entity) => {
    const { model, device, files } = await setUp()
    const visitId = device.start({ surveyId: null })
    const photoId = device.photo(visitId)
    await device.sync()
    const unsent = device.photo(visitId, { picture: jpegOfSize(800, 4) })
    model.removeField(entity, entity === 'photo' ? photoId : visitId)
    const { cursor } = device.local.progress()
    device.local.storePage(model.pull(alice, device.deviceId, cursor!, 500), cursor)
    expect(files()).toEqual([digest(jpegOfSize(800, 4))])
    expect(device.local.photos.photoBytes(unsent)).not.toBeNull()
    expect(device.local.counts()).toMatchObject({ waiting: 1, needsAttention: 0 })
    device.close()
  })

  it('that nothing else is here of are listed where they are counted, and can be given up', async () => {
    const { device, files, model } = await setUp()
    const visitId = device.start({ surveyId: null })
    const photoId = device.photo(visitId)
    await device.sync()
    // Marks that were not sent keep them when the site goes.
    device.local.field.markPhoto({ id: photoId, shelf: triangle, quadrants: [] })
    model.setSites(alice, { [siteB]: 'editor' })
    await device.sync()
    device.local.photos.noteUpload(photoId, { state: 'stopped', problem: 'Not here' })
    expect(device.local.counts()).toMatchObject({ waiting: 0, needsAttention: 2 })
    expect(device.local.queueItems()).toMatchObject([
      { entityId: photoId, op: 'update' },
      {
        mutationId: photoId,
        op: 'create',
        siteName: 'Site A',
        state: 'rejected',
        problem: { message: 'Not here' },
      },
    ])
    device.local.discard(photoId)
    device.local.discard(device.local.queueItems()[0]!.mutationId)
    expect(files()).toEqual([])
    expect(device.local.counts()).toMatchObject({ waiting: 0, needsAttention: 0 })
    device.close()
  })

  it('go out of a completed visit only where their bytes cannot come any more', async () => {
    const { model, device } = await setUp()
    const id = device.start({ surveyId: null })
    const [kept, lost] = [device.photo(id, { picture: jpegOfSize(700, 1) }), device.photo(id)]
    device.complete(id)
    await device.sync()
    device.local.photos.noteUpload(lost, { state: 'stopped', problem: 'Damaged' })
    expect(() => device.local.field.removePhoto(kept)).toThrow(/its photos stay/)
    device.local.discard(lost)
    await device.sync()
    expect(device.local.queueItems()).toEqual([])
    expect(model.field.find('photo', lost)).toBeUndefined()
    expect(device.open(id).photos.map((photo) => photo.id)).toEqual([kept])
    device.close()
  })

  it('are as many as a visit takes, and no more', async () => {
    const { device } = await setUp()
    const id = device.start({ surveyId: null })
    for (let n = 0; n < maxPhotosOfVisit; n++) device.photo(id, { picture: jpegOfSize(700, n) })
    expect(() => device.photo(id)).toThrow('Has 200 photos; 200 is the most')
    expect(device.open(id).photos).toHaveLength(maxPhotosOfVisit)
    device.close()
  })

  it('can be given up where the person works on visits no longer', async () => {
    const { device, files, model } = await setUp()
    const visitId = device.start({ surveyId: null })
    const photoId = device.photo(visitId)
    await device.sync()
    device.local.photos.noteUpload(photoId, { state: 'stopped', problem: 'You are no agent any more' })
    model.setRoles(alice, [])
    await device.sync()
    device.local.discard(photoId)
    expect(files()).toEqual([])
    expect(device.local.counts()).toMatchObject({ waiting: 0, needsAttention: 0 })
    device.close()
  })

  it('that are lost are told as lost, and the photo as stopped', async () => {
    const { device, folder, files } = await setUp()
    const id = device.start()
    const photoId = device.photo(id)
    await device.sync()
    writeFileSync(join(folder, 'photos', files()[0]!), 'damaged')
    expect(device.local.photos.photoBytes(photoId)).toBeNull()
    device.local.photos.noteUpload(photoId, { state: 'missing', problem: 'Gone' })
    expect(device.open(id).photos[0]).toMatchObject({ state: 'missing', problem: 'Gone', isHere: false })
    expect(device.local.queueItems()).toMatchObject([
      { mutationId: photoId, entity: 'photo', visitId: id, state: 'rejected', problem: { message: 'Gone' } },
    ])
    device.local.discard(photoId)
    expect(device.open(id).photos).toEqual([])
    await device.sync()
    expect(device.local.counts()).toMatchObject({ waiting: 0, needsAttention: 0 })
    device.close()
  })

  it('count as work that is not sent, each photo once', async () => {
    const { device } = await setUp()
    const id = device.start()
    const photoId = device.photo(id)
    expect(device.local.counts()).toMatchObject({ waiting: 2, needsAttention: 0 })
    await device.sync()
    expect(device.local.counts()).toMatchObject({ waiting: 1, needsAttention: 0 })
    expect(device.local.waitingSince()).not.toBeNull()
    device.local.photos.noteStored(photoId)
    expect(device.local.counts()).toMatchObject({ waiting: 0, needsAttention: 0 })
    device.close()
  })
})

const triangle = [
  { x: 0, y: 0 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
]

function withMarker(jpeg: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(jpeg)
  bytes.set(new TextEncoder().encode('canary'.repeat(20)), 1000)
  return bytes
}
