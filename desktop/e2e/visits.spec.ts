import type { Page } from '@playwright/test'
import type { Survey } from '#common/contract/surveys'
import type { Answers, ListedVisit } from '#common/contract/visits'
import { readPhotoBytes } from '#common/rules/image-bytes'
import { answerWith, failure } from './support/answers.ts'
import type { Device } from './support/device.ts'
import { ask, expect, rowOf, search, startAs, syncStatus, test, upToDate } from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import type { ApiClient, TestServer } from './support/server.ts'
import { shelfPicture } from './support/shelf-picture.ts'
import { showCentre } from './support/sync-centre.ts'
import {
  addFieldWork,
  arrived,
  asked,
  button,
  choice,
  options,
  region,
  saved,
  show,
  shownDigests,
  tab,
  visitTo,
} from './support/visits.ts'

test.use({ serverOf: 'visits' })
test.describe.configure({ mode: 'serial' })

const shopName = 'Harbour Market Alexanderplatz'
const otherShop = 'Harbour Market Güntzelstraße'
const question = (page: Page) => page.getByRole('alertdialog')

const promotion = asked('yes_no', 'Is the promotion up?', { required: true })
const place = asked('single', 'Where does it stand?', {
  options: options('At the entrance', 'At the till'),
  showIf: { questionId: promotion.id, is: 'equal', value: true },
})
const reason = asked('text', 'Why is it not up?', {
  required: true,
  showIf: { questionId: promotion.id, is: 'equal', value: false },
})
const facings = asked('number', 'How many facings are there?', { required: true, min: 0, max: 100 })
const gaps = asked('number', 'How many places are empty?', { min: 0 })
const price = asked('number', 'What does a litre cost?', { min: 0 })
const material = asked('multiple', 'What is put up?', {
  options: options('Shelf stopper', 'Poster', 'Floor sticker'),
})
const clean = asked('rating', 'How clean is the shop?')
const bestBefore = asked('date', 'Which best-before date comes first?')
const delivery = asked('single', 'When does the next delivery come?', {
  options: options('Today', 'Tomorrow', 'Later'),
})
const briefed = asked('yes_no', 'Does the staff know the promotion?')
const contact = asked('text', 'Who did you speak to?')
const remarks = asked('text', 'Anything else?')
const tags = asked('photo', 'The price tags', { required: true, max: 2 })
const questions = [
  promotion,
  place,
  reason,
  facings,
  gaps,
  price,
  material,
  clean,
  bestBefore,
  delivery,
  briefed,
  contact,
  remarks,
  tags,
]

/** What is answered on the first visit: none to one question, which is not shown. */
const answers: Answers = {
  [promotion.id]: true,
  [place.id]: place.options[1]!.id,
  [facings.id]: 12,
  [gaps.id]: 0,
  [price.id]: 1.79,
  [material.id]: [material.options[0]!.id, material.options[2]!.id],
  [clean.id]: 4,
  [bestBefore.id]: '2026-12-24',
  [delivery.id]: delivery.options[1]!.id,
  [briefed.id]: false,
  [contact.id]: 'Frau Müller',
  [remarks.id]: 'The freezer is loud.\nThe second one too.',
}

/** Two shops and a survey beside those of the demo, whose agent is in the team of its leader. */
async function prepare(server: TestServer): Promise<ApiClient> {
  const admin = await server.signIn('admin')
  const shops = [
    { name: shopName, address: 'Alexanderplatz 1, Berlin', latitude: 52.5219, longitude: 13.4132 },
    { name: otherShop, address: 'Güntzelstraße 10, Berlin', latitude: 52.491, longitude: 13.322 },
  ]
  await addFieldWork(admin, shops, 'Promotion check', questions)
  // A leader of another team, with nobody in it.
  await server.sql(`
    WITH leader AS (SELECT tenant_id, id FROM users WHERE username = 'viewer'),
         team AS (
           INSERT INTO teams (tenant_id, id, name, level, leader_id)
           SELECT tenant_id, gen_random_uuid(), 'Hill streets', 'team', id FROM leader)
    INSERT INTO user_roles (tenant_id, user_id, role) SELECT tenant_id, id, 'team_leader' FROM leader`)
  return admin
}

let admin: ApiClient
test.beforeAll(async ({ server }) => {
  admin = await prepare(server)
})

/** The photo to mark, with a pointer at places that are parts of its size. */
async function drag(page: Page, from: [number, number], to: [number, number]): Promise<void> {
  const box = (await page.getByRole('application').boundingBox())!
  const at = ([x, y]: [number, number]) => [box.x + box.width * x, box.y + box.height * y] as const
  await page.mouse.move(...at(from))
  await page.mouse.down()
  await page.mouse.move(...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]))
  await page.mouse.move(...at(to))
  await page.mouse.up()
}

/** The key that is printed beside a brand. */
const keyOf = async (page: Page, brand: string): Promise<string> =>
  (await page.locator('label').filter({ hasText: brand }).locator('kbd').textContent())!

/** How often the server has each thing of a visit, counted in its tables. */
async function countsOf(server: TestServer, visit: string) {
  const counts = await server.sql(
    `SELECT (SELECT count(*)::int FROM visits JOIN shops ON shops.id = shop_id WHERE name = $2) AS visits,
       (SELECT count(*)::int FROM interactions WHERE title = 'Visit: ' || $2::text) AS interactions,
       (SELECT count(*)::int FROM visit_answers WHERE visit_id = $1) AS answers,
       (SELECT count(*)::int FROM photos WHERE visit_id = $1) AS photos,
       (SELECT count(*)::int FROM pictures WHERE visit_id = $1 AND stored_at IS NOT NULL) AS pictures,
       (SELECT count(*)::int FROM shelf_quadrants JOIN photos ON photos.id = photo_id WHERE visit_id = $1) AS blocks`,
    [visit, shopName],
  )
  return counts[0]
}

/** Of the first journey's visit, for the second. */
const ids = { visit: '', photo: '' }

test('a visit is made without the network and through two restarts, and the server has it once', async ({
  server,
  cable,
  computer,
}) => {
  test.setTimeout(600_000)
  const device = await computer(cable.url)
  let page = await startAs(device, 'agent')
  const again = async () => {
    page = await device.start()
    await expect(page.getByRole('heading', { name: 'Interactions', exact: true })).toBeVisible({
      timeout: 60_000,
    })
    const today = await show(page, 'Today')
    await today.getByRole('list', { name: 'Visits in progress' }).getByRole('button').click()
    await expect(page.getByRole('heading', { name: shopName })).toBeVisible()
  }
  await show(page, 'Today')
  await expect(page.getByRole('button', { name: new RegExp(shopName) })).toBeVisible({ timeout: 60_000 })
  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })

  // Far from the shop is said, and no reason not to begin.
  await lookAt(device, 'visits-today')
  await page.getByRole('searchbox', { name: 'Find a shop' }).fill('market alex')
  await expect(page.getByRole('list', { name: 'Shops' }).getByRole('listitem')).toHaveCount(1)
  await page.getByRole('searchbox', { name: 'Find a shop' }).press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Survey').selectOption('Promotion check')
  await button(dialog, 'Enter coordinates').click()
  await dialog.getByRole('textbox', { name: 'Latitude and longitude' }).fill('somewhere')
  await button(dialog, 'Start visit').click()
  await expect(dialog.getByRole('alert')).toHaveText('Write degrees as 52.5219, 13.4132')
  await dialog.getByRole('textbox', { name: 'Latitude and longitude' }).fill('52.5119, 13.4132')
  await expect(dialog).toContainText('1.1 km from the shop. You can start; the visit will be flagged.')
  await lookAt(device, 'visits-start')
  await button(dialog, 'Start visit').click()
  await expect(region(page, 'Visit')).toContainText('1.1 km from the shop')

  // What is shown follows from the answers; what is no answer is said, and not saved.
  await expect(page.getByText(place.text)).toBeHidden()
  await choice(page, promotion, 'No').focus()
  await page.keyboard.press('ArrowLeft')
  await expect(page.getByText(place.text)).toBeVisible()
  await expect(page.getByText(reason.text)).toBeHidden()
  await choice(page, place, 'At the till').check()
  await page.getByRole('textbox', { name: facings.text }).fill('500')
  await expect(page.getByRole('alert')).toHaveText('Must be 100 or less. It is not saved yet.')
  await expect(saved(page)).toHaveText('1 answer not saved')
  await lookAt(device, 'visits-survey')
  await page.getByRole('textbox', { name: facings.text }).fill('12')
  await page.getByRole('textbox', { name: gaps.text }).fill('0')
  await page.getByRole('textbox', { name: price.text }).fill('1,79')
  for (const name of ['Shelf stopper', 'Floor sticker']) await page.getByRole('checkbox', { name }).check()
  await choice(page, clean, '4').check({ force: true })
  await page.getByRole('textbox', { name: contact.text }).fill('Frau Müller')
  await expect(saved(page)).toHaveText('saved on this device')

  // As the power goes.
  await device.kill()
  await again()
  await expect(page.getByRole('textbox', { name: contact.text })).toHaveValue('Frau Müller')
  await expect(choice(page, place, 'At the till')).toBeChecked()
  await expect(tab(page, 'Survey')).toContainText('Survey 8/13')
  await page.getByLabel(bestBefore.text).fill('2026-12-24')
  await choice(page, delivery, 'Tomorrow').check()
  await choice(page, briefed, 'No').check({ force: true })
  await page.getByRole('textbox', { name: remarks.text }).fill(answers[remarks.id] as string)
  await expect(tab(page, 'Survey')).toContainText('Survey 12/13')

  // What hides a picture is refused by its name, and the others are added: upright, and small.
  await tab(page, 'Photos').click()
  const shelf = await shelfPicture(page, 1, {
    takenAt: '2026:11:30 10:15:00',
    offset: '+01:00',
    latitude: 52.5219,
    longitude: 13.4132,
  })
  await page.locator('input[type=file]').setInputFiles([
    { name: 'shelf.jpg', mimeType: 'image/jpeg', buffer: shelf },
    { name: 'trick.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<script>alert(1)</script>') },
  ])
  await expect(page.getByRole('alert')).toContainText('trick.jpg was not added.')
  await button(page, 'Dismiss the note about trick.jpg').click()
  await page.getByRole('radio', { name: 'Outside' }).check({ force: true })
  const jpeg = { mimeType: 'image/jpeg' }
  await page.locator('input[type=file]').setInputFiles([
    { ...jpeg, name: 'door.jpg', buffer: await shelfPicture(page, 2, { orientation: 6 }) },
    { ...jpeg, name: 'street.jpg', buffer: await shelfPicture(page, 3, {}) },
  ])
  await page.getByRole('radio', { name: 'Shelf' }).check({ force: true })
  await page
    .locator('input[type=file]')
    .setInputFiles({ ...jpeg, name: 'other shelf.jpg', buffer: await shelfPicture(page, 4, {}) })
  const photos = page.getByRole('list', { name: 'Photos' })
  await expect(photos.getByRole('listitem')).toHaveCount(4)
  await expect(photos.getByText('Waiting to be sent')).toHaveCount(4)
  await lookAt(device, 'visits-photos')
  await button(page, 'Photo 1, shelf: show').click()
  await expect(page.getByRole('dialog')).toContainText('Taken 30 Nov 2026')
  await expect(page.getByRole('dialog')).toContainText('1600 × 900')
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('dialog')).toContainText('900 × 1600')
  await expect(page.getByRole('dialog').getByText('Loading the photo…')).toBeHidden()
  await lookAt(device, 'visits-lightbox')
  await page.keyboard.press('Escape')
  await expect(button(page, 'Photo 1, shelf: show')).toBeFocused()

  await device.quit()
  await again()

  // Marked with the pointer and by keyboard; each step can be taken back.
  await tab(page, 'Shelf').click()
  const stage = page.getByRole('application')
  await stage.press('s')
  await drag(page, [0.05, 0.1], [0.95, 0.9])
  await page.getByRole('radio', { name: 'Arla' }).check({ force: true })
  await drag(page, [0.1, 0.2], [0.4, 0.4])
  await stage.press(await keyOf(page, 'Oatly'))
  const box = (await stage.boundingBox())!
  for (const [x, y] of [
    [0.5, 0.2],
    [0.8, 0.2],
    [0.82, 0.45],
    [0.5, 0.4],
  ] as const)
    await stage.click({ position: { x: box.width * x, y: box.height * y } })
  await stage.press('Enter')
  const shares = page.getByRole('list', { name: 'Shares' })
  await expect(shares.getByRole('listitem')).toHaveCount(3)
  await expect(shares).toContainText('Not marked')
  const marked = page.getByRole('region', { name: 'What is marked' })
  await expect(marked.getByRole('button', { name: /^Arla/ })).toBeVisible()
  await button(page, 'Put one in the middle').click()
  await expect(stage).toBeFocused()
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('c')
  await page.keyboard.press('ArrowLeft')
  await expect(page.getByText(/corner 1\. /)).toBeAttached()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Delete')
  await page.keyboard.press('Control+z')
  await expect(marked.getByRole('button', { name: /^Oatly, block 2/ })).toBeVisible()
  await lookAt(device, 'visits-shelf')
  await expect(saved(page)).toHaveText('saved on this device')

  // What is missing leads to where it is put right.
  await button(page, 'Complete visit').click()
  await expect(page.getByRole('alert')).toContainText('Before the visit can be completed:')
  await button(page.getByRole('alert'), tags.text).click()
  await expect(page.getByRole('group', { name: tags.text }).getByRole('alert')).toHaveText('Needs a photo')
  await page
    .getByRole('group', { name: tags.text })
    .locator('input[type=file]')
    .setInputFiles([
      { ...jpeg, name: 'tags.jpg', buffer: await shelfPicture(page, 5, {}) },
      { ...jpeg, name: 'more tags.jpg', buffer: await shelfPicture(page, 6, {}) },
    ])
  await expect(page.getByText('2 photos at most')).toBeVisible()
  await expect(page.getByText('Nothing is missing any more.')).toBeVisible()
  await button(page, 'Complete visit').click()
  await expect(page.getByText(`${shopName}: the visit is completed.`)).toBeVisible()
  const today = region(page, 'Today')
  await expect(today.getByText('No visit is in progress.')).toBeVisible()
  await expect(today.getByText('6 photos to send')).toBeVisible()

  // The Finder knows it already, and leads to it.
  await show(page, 'Finder')
  await search(page, shopName)
  await rowOf(page, `Visit: ${shopName}`).click()
  await button(page, 'Open the visit').click()
  await expect(region(page, 'Visit')).toContainText('Completed')
  const centre = await showCentre(page, 'Waiting')
  await expect(centre.getByText('New visit').first()).toBeVisible()
  await lookAt(device, 'visits-sync-centre')

  // All of it, as the device has it before the server hears of any.
  const kept = await visitTo(page, shopName)
  const { id } = kept.visit
  expect(kept.visit).toMatchObject({ version: null, status: 'completed' })
  expect(kept.visit.answers).toEqual(answers)
  expect(kept.photos.map(({ purpose }) => purpose).join(' ')).toBe(
    'shelf outside outside shelf question question',
  )
  expect(await shownDigests(page, kept.photos)).toEqual(kept.photos.map(({ sha256 }) => sha256))
  const [shelfPhoto] = kept.photos
  expect(shelfPhoto!.quadrants).toHaveLength(3)
  expect(await countsOf(server, id)).toMatchObject({ visits: 0, interactions: 0, photos: 0 })

  await cable.plugIn()
  await upToDate(page, 120_000)
  const { visits, total } = (await admin.ask(
    'GET',
    `/visits?search=${encodeURIComponent(shopName)}`,
    'Sales',
  )) as {
    visits: ListedVisit[]
    total: number
  }
  expect(total).toBe(1)
  expect(visits[0]).toMatchObject({ id, isFar: true, answers: 12, photos: 6 })
  expect(await countsOf(server, id)).toEqual({
    visits: 1,
    interactions: 1,
    answers: 12,
    photos: 6,
    pictures: 6,
    blocks: 3,
  })
  const whole = await arrived(admin, kept)
  expect(whole.visit).toMatchObject({ status: 'completed', completedAt: kept.visit.completedAt })
  expect(whole.visit.answers).toEqual(answers)

  // The marks and their shares are the device's own, to the last digit.
  const photo = whole.photos.find((each) => each.id === shelfPhoto!.id)!
  expect(photo.shelf).toEqual(shelfPhoto!.shelf)
  expect(photo.quadrants).toEqual(shelfPhoto!.quadrants)
  const stored = await server.sql(
    'SELECT id, area_percentage FROM shelf_quadrants WHERE photo_id = $1 ORDER BY position',
    [photo.id],
  )
  expect(stored).toEqual(
    shelfPhoto!.quadrants.map((block) => ({ id: block.id, area_percentage: block.areaPercentage })),
  )

  // Where and when it was taken is known of the photo, and is not in it.
  expect(photo).toMatchObject({ takenAt: '2026-11-30T09:15:00.000Z', latitude: 52.5219, hasThumbnail: true })
  const bytes = await admin.bytes(`/photos/${photo.id}/content`)
  expect(readPhotoBytes(bytes)).toMatchObject({ width: 1600, height: 900, hasMetadata: false })
  Object.assign(ids, { visit: id, photo: photo.id })
})

test('those who lead the agent read the visit, and nobody else does', async ({ server, cable, computer }) => {
  test.setTimeout(300_000)
  const device = await computer(cable.url)
  const page = await startAs(device, 'leader')
  const visits = await show(page, 'Visits')
  await expect(visits.getByRole('row', { name: new RegExp(shopName) })).toContainText('Agnes Pier')
  await expect(visits.getByRole('row', { name: new RegExp(shopName) })).toContainText('1.1 km')
  await lookAt(device, 'visits-team')
  await button(visits, shopName).click()
  await expect(region(page, 'Visit')).toContainText('by Agnes Pier')
  await expect(page.getByRole('group', { name: contact.text })).toContainText('Frau Müller')
  await lookAt(device, 'visits-others')
  await tab(page, 'Photos').click()
  const photos = page.getByRole('list', { name: 'Photos' })
  await expect(photos.getByRole('listitem')).toHaveCount(6)
  await expect
    .poll(() =>
      photos
        .locator('img')
        .first()
        .evaluate((image: HTMLImageElement) => image.naturalWidth),
    )
    .toBe(320)
  await tab(page, 'Shelf').click()
  await expect(page.getByRole('list', { name: 'Shares' })).toContainText('Not marked')
  await expect(button(page, 'Put one in the middle')).toBeHidden()
  await expect(page.getByRole('application')).toBeVisible()
  await expect(page.getByText('Loading the photo…')).toBeHidden()
  await button(page, 'Back to the list').click()

  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await expect(page.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
  await cable.plugIn()
  await expect(visits.getByRole('row', { name: new RegExp(shopName) })).toBeVisible({ timeout: 60_000 })

  // As what does not exist, to the leader of another team and to the admin of another organisation.
  for (const [name, site] of [
    ['viewer', 'Marketing'],
    ['outsider', 'Head office'],
  ] as const) {
    const other = await server.signIn(name)
    expect(await other.ask('GET', '/visits', site)).toMatchObject({ total: 0 })
    for (const path of [`/visits/${ids.visit}`, `/visits/${ids.visit}/photos`, `/photos/${ids.photo}`])
      await expect(other.ask('GET', path, site)).rejects.toThrow('answered 404')
    for (const file of ['content', 'thumbnail'])
      await expect(other.bytes(`/photos/${ids.photo}/${file}`)).rejects.toThrow('answered 404')
  }
  const outside = await computer(cable.url)
  const theirs = await startAs(outside, 'outsider')
  await search(theirs, shopName)
  await expect(theirs.getByRole('heading', { name: 'Nothing found' })).toBeVisible()
  const none = await show(theirs, 'Visits')
  await expect(none.getByRole('heading', { name: 'No visits yet' })).toBeVisible()
  await lookAt(outside, 'visits-none')
  await expect(ask(theirs, 'visits.read', { id: ids.visit })).rejects.toThrow()
})

test('a later survey is shown before it is gone on to; a visit is cancelled; every state is drawn', async ({
  cable,
  computer,
}) => {
  test.setTimeout(300_000)
  const device = await computer(cable.url)
  const page = await startAs(device, 'agent')
  await show(page, 'Today')
  await page.getByRole('button', { name: new RegExp(otherShop) }).click()
  await page.getByRole('dialog').getByLabel('Survey').selectOption('Promotion check')
  const where = page.getByRole('group', { name: 'Where you are' })
  await expect(where.getByRole('status')).toContainText('the place of the shop')
  await button(page.getByRole('dialog'), 'Start visit').click()
  await page.getByRole('textbox', { name: contact.text }).fill('Herr Schmidt')
  await choice(page, promotion, 'Yes').check({ force: true })
  await expect(saved(page)).toHaveText('saved', { timeout: 60_000 })

  const { surveys } = (await admin.ask('GET', '/surveys', 'Sales')) as {
    surveys: Survey[]
  }
  const survey = surveys.find(({ name }) => name === 'Promotion check')!
  const changed = [
    ...survey.questions.filter(({ id }) => id !== contact.id),
    asked('rating', 'How tidy is the shelf?'),
  ]
  const { survey: draft } = (await admin.ask('PUT', `/surveys/${survey.id}`, 'Sales', {
    questions: changed,
    version: survey.version,
  })) as { survey: Survey }
  await admin.ask('POST', `/surveys/${survey.id}/publish`, 'Sales', { version: draft.version })
  await button(page, 'See what changes').click({ timeout: 60_000 })
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('“Herr Schmidt” · is no longer asked')
  await expect(dialog).toContainText('How tidy is the shelf?')
  await lookAt(device, 'visits-upgrade')
  await button(dialog, 'Go on with version 2').click()
  await expect(page.getByRole('radiogroup', { name: 'How tidy is the shelf?' })).toBeVisible()
  await expect(page.getByRole('textbox', { name: contact.text })).toBeHidden()
  await expect(choice(page, promotion, 'Yes')).toBeChecked()

  await button(page, 'More').click()
  await page.getByRole('menuitem', { name: 'Cancel the visit…' }).click()
  await button(question(page), 'Cancel the visit').click()
  await expect(page.getByText(`${otherShop}: the visit is cancelled.`)).toBeVisible()

  const visits = await show(page, 'Visits')
  await expect(visits.getByRole('row', { name: new RegExp(otherShop) })).toContainText('Cancelled')
  await lookAt(device, 'visits-mine')
  await visits.getByLabel('Status').selectOption('completed')
  await expect(visits.getByRole('row', { name: new RegExp(otherShop) })).toBeHidden()
  await states(device, page)
})

/** Loading, failed and empty, on both lists. */
async function states(device: Device, page: Page): Promise<void> {
  await show(page, 'Finder')
  await answerWith(device, 'visits.mine', null)
  await expect((await show(page, 'Visits')).getByRole('status', { name: 'Reading the visits' })).toBeVisible()
  await lookAt(device, 'visits-loading')
  await show(page, 'Finder')
  await answerWith(device, 'visits.mine', failure)
  await expect((await show(page, 'Visits')).getByRole('alert')).toContainText('Reference 01990000-4711')
  await lookAt(device, 'visits-failed')
  await answerWith(device, 'shops.find', failure)
  await expect((await show(page, 'Today')).getByRole('alert')).toHaveCount(2)
}
