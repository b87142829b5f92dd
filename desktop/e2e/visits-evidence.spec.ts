import type { Locator, Page } from '@playwright/test'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { v7 as uuidv7 } from 'uuid'
import type { Brand, Infographic } from '#common/contract/brands'
import type { WholeVisit } from '#common/contract/visits'
import { readPhotoBytes } from '#common/rules/image-bytes'
import {
  joined,
  pngChunk,
  pngHeader,
  pngMagic,
  realWebp,
  tinyPng,
  withSegment,
} from '#common/rules/test/pictures'
import type { Bridge, Problem, Request, RequestName } from '#desktop/bridge/channels'
import { filesBelow } from './support/disk.ts'
import { ask, expect, startAs, syncStatus, test, upToDate } from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import type { ApiClient } from './support/server.ts'
import { shelfPicture } from './support/shelf-picture.ts'
import { fieldRow } from './support/sync-centre.ts'
import {
  addFieldWork,
  arrived,
  asked,
  button,
  choice,
  openOn,
  region,
  saved,
  show,
  shownDigests,
  tab,
  visitTo,
} from './support/visits.ts'

test.use({ serverOf: 'visits-evidence' })

const facings = asked('number', 'How many facings are there?', { required: true, min: 0, max: 100 })
const clean = asked('rating', 'How clean is the shop?')
const contact = asked('text', 'Who did you speak to?')
const remarks = asked('text', 'Anything else?')

/** A shop for each test, so that none finds the visits of another. */
const shops = ['Quayside Corner', 'Quayside Bridge', 'Quayside Gate', 'Quayside Steps'].map(
  (name, index) => ({
    name,
    address: `Kaistraße ${index + 1}, Berlin`,
    latitude: 52.5 + index / 100,
    longitude: 13.4,
  }),
)
const [corner, bridge, gate, steps] = shops.map(({ name }) => name) as [string, string, string, string]

let admin: ApiClient
test.beforeAll(async ({ server }) => {
  admin = await server.signIn('admin')
  await addFieldWork(admin, shops, 'Counter check', [facings, clean, contact, remarks])
})

/** Opens the dialog that a visit to the shop starts with. */
async function begin(page: Page, shop: string): Promise<Locator> {
  await show(page, 'Today')
  await page.getByRole('searchbox', { name: 'Find a shop' }).fill(shop)
  await button(page, new RegExp(shop)).click({ timeout: 60_000 })
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Survey').selectOption('Counter check')
  return dialog
}

/** Why main refuses what the window itself would not ask for. */
const refusal = <N extends RequestName>(page: Page, name: N, request: Request<N>): Promise<Problem | null> =>
  page.evaluate(
    async ({ name, request }) => {
      const { fieldbook } = window as unknown as { fieldbook: Bridge }
      const outcome = await fieldbook.ask(name, request as never)
      return outcome.ok ? null : outcome.problem
    },
    { name, request },
  )

const visitOnServer = async (id: string) => (await admin.ask('GET', `/visits/${id}`, 'Sales')) as WholeVisit

test('two computers of one agent change the same answers offline: the second settles them, and all agree', async ({
  cable,
  otherCable,
  computer,
}) => {
  test.setTimeout(300_000)
  const here = await startAs(await computer(), 'agent')
  await button(await begin(here, corner), 'Start visit').click()
  await here.getByRole('textbox', { name: facings.text }).fill('5')
  await choice(here, clean, '2').check({ force: true })
  await expect(saved(here)).toHaveText('saved', { timeout: 60_000 })
  const { id } = (await visitTo(here, corner)).visit

  const other = await computer(otherCable.url)
  const there = await startAs(other, 'agent')
  await show(there, 'Today')
  await there
    .getByRole('list', { name: 'Visits in progress' })
    .getByRole('button', { name: new RegExp(corner) })
    .click({ timeout: 60_000 })
  await expect(there.getByRole('textbox', { name: facings.text })).toHaveValue('5')
  await cable.pull()
  await otherCable.pull()
  for (const page of [here, there])
    await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })

  await here.getByRole('textbox', { name: facings.text }).fill('12')
  await choice(here, clean, '1').check({ force: true })
  await here.getByRole('textbox', { name: contact.text }).fill('Frau Müller')
  await there.getByRole('textbox', { name: facings.text }).fill('20')
  await choice(there, clean, '4').check({ force: true })
  await there.getByRole('textbox', { name: remarks.text }).fill('No freezer')
  for (const page of [here, there]) await expect(saved(page)).toHaveText('saved on this device')
  await cable.plugIn()
  await upToDate(here)
  await otherCable.plugIn()
  await expect(syncStatus(there)).toHaveText('1 needs attention', { timeout: 60_000 })
  const first = { [facings.id]: 12, [clean.id]: 1, [contact.id]: 'Frau Müller' }
  expect((await visitOnServer(id)).visit.answers).toEqual(first)

  // Said where the visit is worked on, and settled in the words of its questions.
  await expect(there.getByRole('textbox', { name: facings.text })).toHaveValue('20')
  await lookAt(other, 'visits-needs-attention')
  await button(there, 'Look at it in Sync centre').click()
  const centre = region(there, 'Sync centre')
  await expect(
    centre.getByRole('heading', { name: `“Visit: ${corner}” was changed in two places` }),
  ).toBeVisible()
  const disputed = centre.getByRole('table', { name: 'Conflicting fields' })
  await expect(disputed.getByRole('row')).toHaveCount(3)
  await expect(fieldRow(disputed, facings.text)).toContainText(/5.*20.*12/)
  await expect(fieldRow(disputed, clean.text)).toContainText(/2.*4.*1/)
  await button(centre, 'Save this version').click()
  await expect(disputed.getByText('Choose one')).toHaveCount(2)
  await centre.getByRole('radio', { name: `${facings.text}, yours: 20` }).check()
  await centre.getByRole('radio', { name: `${clean.text}, on the server: 1` }).check()
  await lookAt(other, 'visits-conflict')
  await button(centre, 'Save this version').click()
  await upToDate(there)

  const settled = { ...first, [facings.id]: 20, [remarks.id]: 'No freezer' }
  await expect.poll(async () => (await visitOnServer(id)).visit.answers).toEqual(settled)
  for (const page of [here, there])
    await expect
      .poll(async () => (await openOn(page, id)).visit.answers, { timeout: 60_000 })
      .toEqual(settled)
  await expect(here.getByRole('textbox', { name: facings.text })).toHaveValue('20')
  await expect(here.getByRole('textbox', { name: remarks.text })).toHaveValue('No freezer')
  for (const page of [here, there]) await upToDate(page)
})

test('a photo that is dropped and one of the webcam arrive as they were taken; nothing else may listen in', async ({
  cable,
  computer,
}) => {
  test.setTimeout(300_000)
  const device = await computer(cable.url, { arguments: ['--use-fake-device-for-media-stream'] })
  const page = await startAs(device, 'agent')
  await button(await begin(page, bridge), 'Start visit').click()
  await tab(page, 'Photos').click()
  const photos = page.getByRole('list', { name: 'Photos' }).getByRole('listitem')

  const dataTransfer = await page.evaluateHandle(
    (base64) => {
      const transfer = new DataTransfer()
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
      transfer.items.add(new File([bytes], 'dropped.jpg', { type: 'image/jpeg' }))
      return transfer
    },
    (await shelfPicture(page, 1, { orientation: 3 })).toString('base64'),
  )
  const area = page.getByText('or drop them here', { exact: true })
  await area.dispatchEvent('dragover', { dataTransfer })
  await lookAt(device, 'visits-drop')
  await area.dispatchEvent('drop', { dataTransfer })
  await expect(photos).toHaveCount(1)

  await page.getByRole('radio', { name: 'Outside' }).check({ force: true })
  const webcam = button(page, 'Use the webcam: outside photos')
  await webcam.click()
  const dialog = page.getByRole('dialog')
  const video = dialog.getByLabel('What the camera shows')
  await expect.poll(() => video.evaluate(({ videoWidth }: HTMLVideoElement) => videoWidth)).toBeGreaterThan(0)
  await lookAt(device, 'visits-webcam')
  await button(dialog, 'Take photo').click()
  await expect(dialog.getByRole('img', { name: 'The photo you took' })).toBeVisible()
  await button(dialog, 'Take it again').click()
  await button(dialog, 'Take photo').click()
  await lookAt(device, 'visits-webcam-taken')
  await button(dialog, 'Keep it').click()
  await expect(dialog.getByRole('status')).toHaveText('1 added')
  await button(dialog, 'Done').click()
  await expect(webcam).toBeFocused()
  await expect(photos).toHaveCount(2)
  await upToDate(page)

  const kept = await visitTo(page, bridge)
  const [dropped, taken] = kept.photos
  expect(dropped).toMatchObject({ purpose: 'shelf', width: 1600, height: 900 })
  expect(taken).toMatchObject({ purpose: 'outside', latitude: null })
  expect(Math.abs(Date.now() - Date.parse(taken!.takenAt!))).toBeLessThan(300_000)
  expect(await shownDigests(page, kept.photos)).toEqual(kept.photos.map(({ sha256 }) => sha256))
  await arrived(admin, kept)

  // The camera is the app's to allow, and a microphone is not.
  const heard = await page.evaluate(() =>
    navigator.mediaDevices.getUserMedia({ audio: true }).then(
      () => 'heard',
      ({ name }: DOMException) => name,
    ),
  )
  expect(heard).toBe('NotAllowedError')

  // A computer without a camera says what to do instead.
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))
  })
  await webcam.click()
  await expect(dialog.getByRole('alert')).toContainText('There is no camera on this computer.')
  await expect(button(dialog, 'Take photo')).toBeDisabled()
  await lookAt(device, 'visits-no-camera')
})

test('pictures of a brand stand beside the photo on which it is marked', async ({ cable, computer }) => {
  const { brands } = (await admin.ask('GET', '/brands', 'Sales')) as { brands: Brand[] }
  const arla = brands.find(({ name }) => name === 'Arla')!
  const bytes = tinyPng({ width: 300, height: 200 })
  const { infographic } = (await admin.ask('POST', `/brands/${arla.id}/infographics`, 'Sales', {
    title: 'Packs of this year',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    size: bytes.length,
    type: 'image/png',
    width: 300,
    height: 200,
  })) as { infographic: Infographic }
  await admin.send(`/infographics/${infographic.id}/content?offset=0`, bytes)

  const device = await computer(cable.url)
  const page = await startAs(device, 'agent')
  await button(await begin(page, steps), 'Start visit').click()
  await tab(page, 'Photos').click()
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'shelf.jpg', mimeType: 'image/jpeg', buffer: await shelfPicture(page, 2, {}) })
  await expect(page.getByRole('list', { name: 'Photos' }).getByRole('listitem')).toHaveCount(1)
  await tab(page, 'Shelf').click()
  await page.getByRole('radio', { name: 'Oatly' }).check({ force: true })
  await expect(page.getByText('How Oatly looks')).toBeHidden()
  await page.getByRole('radio', { name: 'Arla' }).check({ force: true })
  const pictures = region(page, 'Pictures of Arla')
  const show = button(pictures, 'Show Packs of this year')
  const width = () => pictures.locator('img').evaluate(({ naturalWidth }: HTMLImageElement) => naturalWidth)
  await expect.poll(width).toBe(300)
  await lookAt(device, 'visits-brand-pictures')
  await show.click()
  await expect(page.getByRole('dialog').getByRole('img', { name: 'Packs of this year' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(show).toBeFocused()
})

type Chosen = readonly [name: string, bytes: Uint8Array, ...rest: unknown[]]

/** Files to choose, where a person has theirs; until the tests are over. */
async function onDisk(files: readonly Chosen[]): Promise<string[]> {
  folder ??= await mkdtemp(join(tmpdir(), 'fieldbook-chosen-'))
  const paths = files.map(([name]) => join(folder!, name))
  for (const [index, [, bytes]] of files.entries()) await writeFile(paths[index]!, bytes)
  return paths
}
let folder: string | null = null
test.afterAll(async () => {
  if (folder) await rm(folder, { recursive: true })
})

const script = '<script>alert("inside")</script>'
const archive = 'PK\x03\x04\x14\x00\x00\x00notes.txt'

/** Files that are refused, each with what its note begins to say. */
function hostileFiles(jpeg: Uint8Array): [name: string, bytes: Uint8Array, words: string][] {
  const noPicture = 'This is not a picture that can be kept. Choose a JPEG, PNG or WebP picture.'
  const empty = 'This file is empty. Copy it once more, or choose another.'
  const noEnd = 'The end of this picture is missing. Copy it once more, or choose another.'
  const several = 'This file holds more than a picture. Save the picture on its own, or choose another.'
  const tooMany = 'This picture has too many pixels. Choose or make a smaller one.'
  const damaged = 'This picture is damaged. Copy it once more, or choose another.'
  const data = pngChunk('IDAT', deflateSync(Buffer.alloc(1000)))
  const wrongSum = tinyPng()
  wrongSum[wrongSum.length - 1]! ^= 1
  return [
    ['nothing.jpg', new Uint8Array(), empty],
    ['half.jpg', jpeg.subarray(0, jpeg.length / 2), noEnd],
    ['archive.jpg', joined(jpeg, archive), several],
    ['page.jpg', joined(jpeg, `<!doctype html>${script}`), several],
    ['poster.png', joined(pngMagic, pngHeader(50_000, 50_000), data, pngChunk('IEND')), tooMany],
    ['animation.jpg', joined('GIF89a', [1, 0, 1, 0, 0, 0, 0, 0x3b]), noPicture],
    ['invoice.jpg', joined('%PDF-1.7\n%%EOF\n'), noPicture],
    ['drawing.jpg', joined(`<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`), noPicture],
    ['sum.png', wrongSum, damaged],
    ['film.jpg', joined(jpeg, new Uint8Array(25 * 1024 * 1024)), 'This picture has more than 25 MB.'],
  ]
}

test('what is no picture, or more than one, is refused with its reason and leaves nothing; a completed visit stays as it is', async ({
  cable,
  computer,
}) => {
  test.setTimeout(300_000)
  const device = await computer(cable.url)
  const page = await startAs(device, 'agent')
  const surprises: string[] = []
  page.on('pageerror', ({ message }) => surprises.push(message))
  page.on('dialog', async (dialog) => {
    surprises.push(dialog.message())
    await dialog.dismiss()
  })

  // No place on earth, neither by hand nor past the form.
  const start = await begin(page, gate)
  await button(start, 'Enter coordinates').click()
  const coordinates = start.getByRole('textbox', { name: 'Latitude and longitude' })
  for (const nowhere of ['91, 200', '52.5, 181', '-90.5, 13']) {
    await coordinates.fill(nowhere)
    await button(start, 'Start visit').click()
    await expect(start.getByRole('alert')).toHaveText('Write degrees as 52.5219, 13.4132')
  }
  const { siteId } = await ask(page, 'session.get', {})
  const position = { latitude: 91, longitude: 200, accuracy: null, source: 'entered' } as const
  const refused = await refusal(page, 'visits.start', {
    siteId: siteId!,
    shopId: null,
    surveyId: null,
    visitType: 'routine',
    position,
    timezone: 'Europe/Berlin',
  })
  expect(refused).toMatchObject({ code: 'VALIDATION_ERROR' })
  expect(refused!.details).toContainEqual({ field: 'position.latitude', message: 'Must be 90 or less' })
  await coordinates.fill('52.52, 13.4')
  await button(start, 'Start visit').click()
  await page.getByRole('textbox', { name: facings.text }).fill('7')
  await expect(saved(page)).toHaveText('saved', { timeout: 60_000 })
  const { id } = (await visitTo(page, gate)).visit

  await tab(page, 'Photos').click()
  const files = page.locator('input[type=file]')
  const hostile = hostileFiles(await shelfPicture(page, 1, {}))
  await files.setInputFiles(await onDisk(hostile))
  await expect(page.getByRole('alert')).toHaveCount(hostile.length, { timeout: 60_000 })
  await expect(page.getByRole('alert')).toContainText(
    hostile.map(([name, , words]) => `${name} was not added. ${words}`),
  )
  await expect(page.getByRole('heading', { name: 'There are no photos yet' })).toBeVisible()
  await lookAt(device, 'visits-refused')
  for (const [name] of hostile) await button(page, `Dismiss the note about ${name}`).click()
  await expect(page.getByRole('alert')).toHaveCount(0)
  expect((await openOn(page, id)).photos).toEqual([])
  expect((await filesBelow(device.folder)).filter(({ path }) => /[\\/]photos[\\/]/.test(path))).toEqual([])
  await upToDate(page)
  expect((await visitOnServer(id)).photos).toEqual([])

  // What hides in a picture goes when it is drawn anew; a good one is taken as ever.
  await files.setInputFiles(
    await onDisk([
      ['comment.jpg', withSegment(await shelfPicture(page, 2, {}), 0xfe, script)],
      ['text.png', tinyPng({ chunks: [pngChunk('tEXt', `Comment\0${script}`)] })],
      ['twin.jpg', joined(await shelfPicture(page, 3, {}), await shelfPicture(page, 4, {}), archive)],
      ['small.webp', realWebp],
      ['good.jpg', await shelfPicture(page, 5, {})],
    ]),
  )
  const photos = page.getByRole('list', { name: 'Photos' })
  await expect(photos.getByRole('listitem')).toHaveCount(5)
  await expect(photos.getByText('Sent', { exact: true })).toHaveCount(5, { timeout: 60_000 })
  await upToDate(page)
  const whole = await arrived(admin, await openOn(page, id))
  for (const photo of whole.photos) {
    for (const part of ['content', 'thumbnail']) {
      const bytes = await admin.bytes(`/photos/${photo.id}/${part}`)
      expect(readPhotoBytes(bytes)).toMatchObject({ type: 'image/jpeg', hasMetadata: false })
      for (const hidden of ['<script', 'alert(', archive])
        expect(bytes.includes(hidden, 0, 'latin1')).toBe(false)
    }
  }

  // Completed, it is read; nothing of it can be changed, whoever asks.
  const { brands } = await ask(page, 'field.lookups', {})
  const block = {
    id: uuidv7(),
    brandId: brands[0]!.id,
    polygon: [
      { x: 0.1, y: 0.1 },
      { x: 0.9, y: 0.1 },
      { x: 0.5, y: 0.9 },
    ],
  }
  const marked = { id: whole.photos[0]!.id, shelf: null, quadrants: [block] }
  await ask(page, 'photos.mark', marked)
  await tab(page, 'Notes').click()
  await page.getByRole('textbox', { name: 'Notes' }).fill('By the back door')
  await button(page, 'Complete visit').click()
  await expect(page.getByText(`${gate}: the visit is completed.`)).toBeVisible()
  await upToDate(page)
  const visits = await show(page, 'Visits')
  await button(visits, gate).click()
  const visit = region(page, 'Visit')
  await expect(visit).toContainText('Completed')
  await lookAt(device, 'visits-completed')
  for (const name of ['Complete visit', 'More']) await expect(button(visit, name)).toBeHidden()
  for (const role of ['textbox', 'radio'] as const) await expect(visit.getByRole(role)).toHaveCount(0)
  await tab(page, 'Photos').click()
  await expect(photos.getByRole('listitem')).toHaveCount(5)
  await expect(visit.getByRole('button', { name: /^Remove/ })).toHaveCount(0)
  await tab(page, 'Shelf').click()
  await expect(page.getByRole('application', { name: 'Shelf photo with its marks' })).toBeVisible()
  await expect(button(visit, 'Put one in the middle')).toBeHidden()
  await tab(page, 'Notes').click()
  await expect(visit.getByRole('textbox', { name: 'Notes', exact: true })).toBeHidden()

  const before = await openOn(page, id)
  const stays = 'The visit is completed: it can be added to, and not changed'
  for (const [changes, field] of [
    [{ answers: { [facings.id]: 8 } }, `answers.${facings.id}`],
    [{ answers: { [facings.id]: null } }, `answers.${facings.id}`],
    [{ notes: 'By the front door' }, 'notes'],
    [{ shopId: null }, 'shopId'],
    [{ position: null }, 'position'],
  ] as const)
    expect((await refusal(page, 'visits.edit', { id, ...changes }))?.details).toEqual([
      { field, message: stays },
    ])
  expect((await refusal(page, 'visits.complete', { id }))?.details).toEqual([
    { field: 'completedAt', message: stays },
  ])
  expect(await refusal(page, 'visits.cancel', { id })).toMatchObject({ message: 'The visit is over.' })
  expect(await refusal(page, 'photos.remove', { id: marked.id })).toMatchObject({
    message: 'The visit is over: its photos stay.',
  })
  expect(await refusal(page, 'photos.mark', { ...marked, quadrants: [] })).toMatchObject({
    message: 'The visit is completed: what is marked stays as it is',
  })
  expect(await openOn(page, id)).toEqual(before)
  await upToDate(page)
  expect(surprises).toEqual([])
})
