import { v7 as uuidv7 } from 'uuid'
import { expect, it, onTestFinished } from 'vitest'
import type { WholeVisit } from '#common/contract/visits'
import { jpegOfSize, realJpeg } from '#common/rules/test/pictures'
import { createClient } from '#desktop/main/api/client'
import { NetworkError } from '#desktop/main/api/failures'
import { LocalStore } from '#desktop/main/store/local-store'
import { SyncEngine, type SyncEvents } from '#desktop/main/sync/engine'
import { PhotoUploads } from '#desktop/main/sync/photo-uploads'
import { inProcess } from '#desktop/main/test/device'
import { temporaryFolder, testKey } from '#desktop/main/test/folder'
import { ManualClock } from '#desktop/main/test/manual-clock'
import { createFieldWork, home, questionsOfSurvey } from '#server/test/field-work'

/** The device's own store, sync and uploads against the server's own code, over HTTP: what each takes the other for. */

const field = await createFieldWork()
const { site, person } = field
const address = await field.server.app.listen({ port: 0, host: '127.0.0.1' })

const events: SyncEvents = {
  busy: () => {},
  reached: () => {},
  changed: () => {},
  stored: () => {},
  current: () => {},
}

async function agentsDevice() {
  const agent = await person(`agent-${uuidv7()}`, ['agent'], { [site]: 'viewer' })
  const options = {
    place: { folder: temporaryFolder(), key: testKey },
    newId: uuidv7,
    now: () => new Date().toISOString(),
  }
  const call = createClient({ server: address, fetch, timeout: 30_000 })
  /** How many of the next requests for bytes break off, after the server has read some of them. */
  const line = { cuts: 0 }
  const client = {
    call: (async (name: never, input: { bytes?: Uint8Array }) => {
      if (!input.bytes || line.cuts-- <= 0) return call(name, input as never, { token: agent.token })
      const half = { ...input, bytes: input.bytes.slice(0, input.bytes.length / 2) }
      await call(name, half as never, { token: agent.token })
      throw new NetworkError('unreachable', 'the server')
    }) as unknown as typeof call,
  }
  const open = () => {
    const store = new LocalStore(options)
    const engine = new SyncEngine(
      inProcess(store),
      {
        push: async (body) => (await client.call('pushMutations', { body })).results,
        pull: (query) => client.call('pullChanges', { query }),
      },
      events,
    )
    return { store, engine }
  }
  const { user } = (await call('readMe', {}, { token: agent.token })) as { user: never }
  let { store, engine } = open()
  store.writeMeta({ profile: user })
  onTestFinished(() => store.close())
  const clock = new ManualClock()
  return {
    agent,
    line,
    get store() {
      return store
    },
    sync: () => engine.cycle(),
    restart() {
      store.close()
      ;({ store, engine } = open())
    },
    /** Sends until there is nothing left to send, in an app that is started anew after every failure. */
    async upload() {
      for (let round = 0; round < 20 && store.photos.nextUpload(); round++) {
        const failed: unknown[] = []
        const uploads = new PhotoUploads({
          store: inProcess(store),
          client,
          clock,
          random: () => 1,
          pieceBytes: 40_000,
          events: { progress: () => {}, changed: () => {}, fault: (error) => failed.push(error) },
        })
        await uploads.contact()
        await uploads.stop()
        expect(failed).toEqual([])
      }
    },
  }
}

it('a visit made without the network arrives whole, once, with its photos to the last byte', async () => {
  const shop = await field.shop({ name: 'Müller am Markt' })
  const brand = await field.brand(`Brand ${uuidv7()}`)
  const { isOpen, facings, remarks, shelf } = questionsOfSurvey()
  const survey = await field.survey([isOpen, facings, remarks, shelf])
  const device = await agentsDevice()
  await device.sync()
  const { field: visits, photos } = device.store
  expect(visits.findShops({ siteId: site, search: 'muller', near: home, limit: 5 }).shops).toMatchObject([
    { id: shop.id, metres: 0 },
  ])
  const id = visits.startVisit({
    siteId: site,
    shopId: shop.id,
    surveyId: survey.id,
    visitType: 'audit',
    position: { source: 'device', accuracy: 8, longitude: home.longitude, latitude: home.latitude },
    timezone: 'Europe/Berlin',
  })
  visits.editVisit({ id, answers: { [isOpen.id]: true, [facings.id]: 12 } })
  const picture = jpegOfSize(100_001, 4)
  const photoId = photos.addPhoto({
    visitId: id,
    purpose: 'shelf',
    questionId: null,
    original: null,
    picture,
    thumbnail: realJpeg,
  }).id
  const asking = { purpose: 'question' as const, questionId: shelf.id, picture: jpegOfSize(900, 5) }
  photos.addPhoto({ visitId: id, original: null, thumbnail: realJpeg, ...asking })
  const polygon = [
    { y: 0, x: 0 },
    { y: 0, x: 0.3 },
    { y: 1, x: 0.3 },
  ]
  const quadrants = [{ brandId: brand.id, id: uuidv7(), polygon }]
  visits.markPhoto({ id: photoId, shelf: null, quadrants })
  device.restart()
  device.store.field.editVisit({ id, notes: 'Friendly' })
  device.store.field.completeVisit(id)
  const before = device.store.field.openVisit(id)!
  await device.sync()
  expect(device.store.queueItems()).toEqual([])

  device.line.cuts = 2
  await device.upload()
  const { body } = await device.agent.get<WholeVisit>(`/visits/${id}`)
  expect(body.visit).toMatchObject({ status: 'completed', notes: 'Friendly', answers: before.visit.answers })
  expect(body.photos).toMatchObject([
    { id: photoId, storedAt: expect.any(String) as string, hasThumbnail: true },
    { storedAt: expect.any(String) as string, hasThumbnail: true },
  ])
  // To the last digit.
  expect(body.photos[0]!.quadrants).toEqual(before.photos[0]!.quadrants)
  expect(new Uint8Array((await device.agent.get(`/photos/${photoId}/content`)).bytes)).toEqual(picture)

  // Both sides agree when all is quiet.
  await device.sync()
  const here = device.store.field.openVisit(id)!
  const { unsent, needsAttention, ...visit } = here.visit
  expect([visit, unsent, needsAttention]).toEqual([body.visit, false, false])
  expect(here.photos).toEqual(
    body.photos.map((photo) => ({ ...photo, state: 'sent', problem: null, isHere: true, isRefused: false })),
  )
  expect(device.store.read(id)).toMatchObject({
    title: 'Visit: Müller am Markt',
    status: 'complete',
    unsent: false,
  })
  expect(device.store.counts()).toMatchObject({ waiting: 0, needsAttention: 0 })
})

it('an answer that was given on both sides stops in Sync centre, and is settled there', async () => {
  const { remarks, isOpen } = questionsOfSurvey()
  const survey = await field.survey([isOpen, remarks])
  const device = await agentsDevice()
  await device.sync()
  const position = { ...home, accuracy: null, source: 'entered' as const }
  const start = { siteId: site, shopId: null, visitType: 'other' as const, timezone: 'Europe/Berlin' }
  const id = device.store.field.startVisit({ ...start, surveyId: survey.id, position })
  await device.sync()
  const answers = { [remarks.id]: 'From elsewhere' }
  await device.agent.put(`/visits/${id}`, { answers, notes: 'n', version: 1 })
  device.store.field.editVisit({ id, answers: { [remarks.id]: 'From here', [isOpen.id]: false } })
  await device.sync()
  const [item] = device.store.queueItems()
  expect(item).toMatchObject({ state: 'conflict', conflict: { fields: [`answers.${remarks.id}`] } })
  device.store.resolve(item!.mutationId, { answers: { [remarks.id]: 'Both' } })
  await device.sync()
  const { body } = await device.agent.get<WholeVisit>(`/visits/${id}`)
  expect(body.visit.answers).toEqual({ [remarks.id]: 'Both', [isOpen.id]: false })
  // Where it began was said in another order than the server keeps it in, which is no difference.
  expect(device.store.field.openVisit(id)!.visit.position).toEqual(position)
  expect(device.store.queueItems()).toEqual([])
})
