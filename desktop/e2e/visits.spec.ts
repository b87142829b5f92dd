import type { Locator, Page } from '@playwright/test'
import { createHash } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { Question, Survey } from '#common/contract/surveys'
import type { ListedVisit, WholeVisit } from '#common/contract/visits'
import { readPhotoBytes } from '#common/rules/image-bytes'
import { answerWith, failure } from './support/answers.ts'
import type { Device } from './support/device.ts'
import { expect, rowOf, search, startAs, syncStatus, test, upToDate } from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import type { ApiClient, TestServer } from './support/server.ts'
import { shelfPicture } from './support/shelf-picture.ts'
import { showCentre } from './support/sync-centre.ts'

test.use({ serverOf: 'visits' })
test.describe.configure({ mode: 'serial' })

const shopName = 'Harbour Market Alexanderplatz'
const otherShop = 'Harbour Market Güntzelstraße'
const button = (at: Page | Locator, name: string | RegExp) => at.getByRole('button', { name, exact: true })
const tab = (page: Page, name: string) => page.getByRole('tab', { name: new RegExp(`^(Done: )?${name}`) })
const saved = (page: Page) => page.getByRole('status', { name: 'Saved', exact: true })
const question = (page: Page) => page.getByRole('alertdialog')
const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

async function show(page: Page, name: string): Promise<Locator> {
  await button(page.getByRole('navigation', { name: 'Screens' }), name).click()
  return region(page, name)
}

const asked = (type: Question['type'], text: string, more: Partial<Question> = {}): Question => ({
  id: uuidv7(),
  type,
  text,
  help: '',
  required: false,
  options: [],
  min: null,
  max: null,
  showIf: null,
  ...more,
})
const promotion = asked('yes_no', 'Is the promotion up?', { required: true })
const place = asked('single', 'Where does it stand?', {
  options: ['At the entrance', 'At the till'].map((label) => ({ id: uuidv7(), label })),
  showIf: { questionId: promotion.id, is: 'equal', value: true },
})
const facings = asked('number', 'How many facings are there?', { required: true, min: 0, max: 100 })
const contact = asked('text', 'Who did you speak to?')
const tags = asked('photo', 'The price tags', { required: true, max: 2 })

/** Two shops and a survey beside those of the demo, whose agent is in the team of its leader. */
async function prepare(server: TestServer): Promise<ApiClient> {
  const admin = await server.signIn('admin')
  const add = (path: string, body: object) => admin.ask('POST', path, 'Sales', body)
  for (const [name, address, latitude, longitude] of [
    [shopName, 'Alexanderplatz 1, Berlin', 52.5219, 13.4132],
    [otherShop, 'Güntzelstraße 10, Berlin', 52.491, 13.322],
  ])
    await add('/shops', { name, address, reference: null, latitude, longitude })
  const { survey } = (await add('/surveys', {
    name: 'Promotion check',
    description: '',
    questions: [promotion, place, facings, contact, tags],
  })) as { survey: Survey }
  await add(`/surveys/${survey.id}/publish`, { version: survey.version })
  // A leader of another team, with nobody in it.
  await server.sql(`
    WITH leader AS (SELECT tenant_id, id FROM users WHERE username = 'viewer'),
         team AS (
           INSERT INTO teams (tenant_id, id, name, level, leader_id)
           SELECT tenant_id, gen_random_uuid(), 'Hill streets', 'team', id FROM leader)
    INSERT INTO user_roles (tenant_id, user_id, role) SELECT tenant_id, id, 'team_leader' FROM leader`)
  return admin
}

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

const ids: { visit?: string } = {}

test('a visit is made without the network and through two restarts, and the server has it once', async ({
  server,
  cable,
  computer,
}) => {
  test.setTimeout(600_000)
  const admin = await prepare(server)
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
  await page.getByRole('radio', { name: 'No' }).focus()
  await page.keyboard.press('ArrowLeft')
  await expect(page.getByText(place.text)).toBeVisible()
  await page.getByRole('radio', { name: 'At the till' }).check()
  await page.getByRole('textbox', { name: facings.text }).fill('500')
  await expect(page.getByRole('alert')).toHaveText('Must be 100 or less. It is not saved yet.')
  await expect(saved(page)).toHaveText('1 answer not saved')
  await lookAt(device, 'visits-survey')
  await page.getByRole('textbox', { name: facings.text }).fill('12')
  await page.getByRole('textbox', { name: contact.text }).fill('Frau Müller')
  await expect(saved(page)).toHaveText('saved on this device')

  // As the power goes.
  await device.kill()
  await again()
  await expect(page.getByRole('textbox', { name: contact.text })).toHaveValue('Frau Müller')
  await expect(page.getByRole('radio', { name: 'At the till' })).toBeChecked()

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
  await page.locator('input[type=file]').setInputFiles({
    name: 'door.jpg',
    mimeType: 'image/jpeg',
    buffer: await shelfPicture(page, 2, { orientation: 6 }),
  })
  const photos = page.getByRole('list', { name: 'Photos' })
  await expect(photos.getByRole('listitem')).toHaveCount(2)
  await expect(photos.getByText('Waiting to be sent')).toHaveCount(2)
  await lookAt(device, 'visits-photos')
  await button(page, 'Photo 1, shelf: show').click()
  await expect(page.getByRole('dialog')).toContainText('Taken 30 Nov 2026')
  await expect(page.getByRole('dialog')).toContainText('1600 × 900')
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('dialog')).toContainText('900 × 1600')
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
    .setInputFiles({ name: 'tags.jpg', mimeType: 'image/jpeg', buffer: await shelfPicture(page, 3, {}) })
  await expect(page.getByText('Nothing is missing any more.')).toBeVisible()
  await button(page, 'Complete visit').click()
  await expect(page.getByText(`${shopName}: the visit is completed.`)).toBeVisible()
  const today = region(page, 'Today')
  await expect(today.getByText('No visit is in progress.')).toBeVisible()
  await expect(today.getByText('3 photos to send')).toBeVisible()

  // The Finder knows it already, and leads to it.
  await show(page, 'Finder')
  await search(page, shopName)
  await rowOf(page, `Visit: ${shopName}`).click()
  await button(page, 'Open the visit').click()
  await expect(region(page, 'Visit')).toContainText('Completed')
  const centre = await showCentre(page, 'Waiting')
  await expect(centre.getByText('New visit').first()).toBeVisible()
  await lookAt(device, 'visits-sync-centre')

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
  expect(visits[0]).toMatchObject({ isFar: true, photos: 3 })
  ids.visit = visits[0]!.id
  const whole = (await admin.ask('GET', `/visits/${ids.visit}`, 'Sales')) as WholeVisit
  expect(whole.visit).toMatchObject({
    status: 'completed',
    answers: { [promotion.id]: true, [place.id]: place.options[1]!.id, [facings.id]: 12 },
  })
  const photo = whole.photos.find(({ purpose }) => purpose === 'shelf')!
  expect(photo).toMatchObject({ takenAt: '2026-11-30T09:15:00.000Z', latitude: 52.5219, hasThumbnail: true })
  expect(photo.quadrants).toHaveLength(3)
  expect(whole.photos.map(({ storedAt }) => storedAt)).not.toContain(null)
  const bytes = await admin.bytes(`/photos/${photo.id}/content`)
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(photo.sha256)
  expect(readPhotoBytes(bytes)).toMatchObject({ width: 1600, height: 900, hasMetadata: false })
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
  await expect(photos.getByRole('listitem')).toHaveCount(3)
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

  for (const [name, site] of [
    ['viewer', 'Marketing'],
    ['outsider', 'Head office'],
  ] as const) {
    const other = await server.signIn(name)
    expect(await other.ask('GET', '/visits', site)).toMatchObject({ total: 0 })
    await expect(other.ask('GET', `/visits/${ids.visit}`, site)).rejects.toThrow('404')
  }
})

test('a later survey is shown before it is gone on to; a visit is cancelled; every state is drawn', async ({
  server,
  cable,
  computer,
}) => {
  test.setTimeout(300_000)
  const admin = await server.signIn('admin')
  const device = await computer(cable.url)
  const page = await startAs(device, 'agent')
  await show(page, 'Today')
  await page.getByRole('button', { name: new RegExp(otherShop) }).click()
  await page.getByRole('dialog').getByLabel('Survey').selectOption('Promotion check')
  const where = page.getByRole('group', { name: 'Where you are' })
  await expect(where.getByRole('status')).toContainText('the place of the shop')
  await button(page.getByRole('dialog'), 'Start visit').click()
  await page.getByRole('textbox', { name: contact.text }).fill('Herr Schmidt')
  await page.getByRole('radio', { name: 'Yes' }).check({ force: true })
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
  await expect(page.getByRole('radio', { name: 'Yes' })).toBeChecked()

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
