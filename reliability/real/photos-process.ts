import { writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { SignedIn } from '#common/contract/auth'
import { jpegOfSize, realJpeg } from '#common/rules/test/pictures'
import { inProcess } from '#desktop/main/test/device'
import { testKey } from '#desktop/main/test/folder'
import { PhotoUploads } from '#desktop/main/sync/photo-uploads'
import { Headless, keeper } from './headless.ts'
import { type PhotoOrder, type PhotosTold, wishOf } from './photos.ts'

/**
 * A device with photos to send. In its first life it makes visits and photos of them without a network; then, and in
 * every life after, it sends until there is nothing left.
 *
 *     node photos-process.ts < order.json
 */

const tell = (told: PhotosTold) => writeSync(1, `${JSON.stringify(told)}\n`)
const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
const order = JSON.parse(String(Buffer.concat(chunks))) as PhotoOrder & { session: SignedIn }
const { server, folder, session, visits, isNew } = order

const device = new Headless({
  server,
  place: { folder, key: testKey },
  timeout: 20_000,
  tokens: keeper(session),
})
const { local, client, engine } = device
client.accept(session)
/** Whether the server answers, and knows what this device knows. */
const contact = () =>
  engine.cycle().then(
    () => true,
    () => false,
  )

if (isNew) {
  if (!(await contact())) throw new Error('The first sync failed')
  const siteId = session.user.sites[0]!.id
  const position = { source: 'entered' as const, accuracy: null, latitude: 52.5, longitude: 13.4 }
  const start = { siteId, shopId: null, surveyId: null, visitType: 'other' as const, position }
  const made = Array.from({ length: visits }, () =>
    local.field.startVisit({ ...start, timezone: 'Europe/Berlin' }),
  )
  for (let n = 0; n < order.photos; n++) {
    const { id } = local.photos.addPhoto({
      visitId: made[n % visits]!,
      purpose: 'shelf',
      questionId: null,
      original: null,
      picture: jpegOfSize(...wishOf(order, n)),
      thumbnail: realJpeg,
    })
    tell({ made: id, n })
  }
  for (const id of made) local.field.completeVisit(id)
}
tell({ ready: true })

const uploads = new PhotoUploads({
  store: inProcess(local),
  client,
  clock: {
    now: () => performance.now(),
    after: (milliseconds, work) => {
      const timer = setTimeout(work, milliseconds)
      return () => clearTimeout(timer)
    },
  },
  random: Math.random,
  events: { progress: () => {}, changed: () => {}, fault: (error) => tell({ fault: String(error) }) },
})
const isDone = () => local.counts().waiting === 0 && local.photos.nextUpload() === null
while (!isDone()) {
  // As the app: every contact begins with sync, and a failure is waited out; only that waiting is short here.
  if (await contact()) {
    uploads.wake()
    await uploads.contact()
  } else await delay(100)
}
await uploads.stop()
tell({ done: local.counts() })
await device.close()
process.exit()
