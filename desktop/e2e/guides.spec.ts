import type { Page } from '@playwright/test'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { addInteraction, expect, search, startAs, syncStatus, test, upToDate } from './support/journey.ts'
import { shelfPicture } from './support/shelf-picture.ts'
import { chooseFile, showCentre } from './support/sync-centre.ts'
import { button, show, tab } from './support/visits.ts'

/**
 * The ways that the user guide and the admin guide describe, with their pictures: in `out/screens/guides`, or in
 * `docs/images/guides` where `GUIDE_PICTURES` is `write`.
 */

test.use({ serverOf: 'guides' })

const project = resolve(import.meta.dirname, '../..')
const folder = join(
  project,
  process.env.GUIDE_PICTURES === 'write' ? 'docs/images/guides' : 'out/screens/guides',
)

/** Takes pictures, and in the end knows whether they are those that the guide shows. */
function cameraFor(guide: string) {
  const taken: string[] = []
  return {
    async take(page: Page, name: string): Promise<void> {
      taken.push(name)
      await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
    },
    async done(): Promise<void> {
      const text = await readFile(join(project, 'docs', guide), 'utf8')
      const shown = [...text.matchAll(/\(images\/guides\/([\w-]+)\.png\)/g)].map(([, name]) => name)
      expect(taken.toSorted()).toEqual(shown.toSorted())
    },
  }
}

test('the user guide, from signing in to a marked shelf', async ({ cable, computer }) => {
  test.setTimeout(300_000)
  const { take, done } = cameraFor('user-guide.md')
  const device = await computer(cable.url)
  const page = await device.start()
  await expect(button(page, 'Sign in')).toBeVisible()
  await take(page, 'sign-in')
  await device.signIn('agent')
  await upToDate(page)
  await expect(page.getByRole('row').nth(5)).toBeVisible()
  await take(page, 'finder')

  await button(page, 'Filters').click()
  await page.getByRole('checkbox', { name: 'Meeting' }).check()
  await page.getByRole('checkbox', { name: 'Call', exact: true }).check()
  await page.keyboard.press('Escape')
  await search(page, 'shelf plan')
  await expect(page.getByRole('button', { name: /^Remove filter/ })).toBeVisible()
  await expect(page.getByRole('row').nth(1)).toContainText('shelf plan')
  await take(page, 'finder-filters')
  await page.getByRole('row').nth(1).getByRole('gridcell').nth(1).click()
  await expect(page.getByRole('form', { name: 'Edit interaction' })).toBeVisible()
  await take(page, 'interaction')
  await page.keyboard.press('Escape')

  const today = await show(page, 'Today')
  await expect(today.getByRole('list', { name: 'Due', exact: true })).toBeVisible({ timeout: 60_000 })
  await take(page, 'today')
  await today.getByRole('list', { name: 'Due', exact: true }).getByRole('button').first().click()
  const start = page.getByRole('dialog')
  await start.getByLabel('Survey').selectOption('Dairy shelf check')
  await take(page, 'visit-start')
  await button(start, 'Start visit').click()
  await expect(tab(page, 'Survey')).toBeVisible()
  await take(page, 'visit-survey')
  await tab(page, 'Photos').click()
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'shelf.jpg', mimeType: 'image/jpeg', buffer: await shelfPicture(page, 1, {}) })
  await expect(page.getByRole('list', { name: 'Photos' }).getByRole('listitem')).toHaveCount(1)
  await tab(page, 'Shelf').click()
  const stage = page.getByRole('application')
  const box = (await stage.boundingBox())!
  const draw = async (key: string, from: readonly [number, number], to: readonly [number, number]) => {
    await stage.press(key)
    await page.mouse.move(box.x + box.width * from[0], box.y + box.height * from[1])
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * to[0], box.y + box.height * to[1])
    await page.mouse.up()
  }
  await draw('s', [0.04, 0.12], [0.96, 0.88])
  await draw('1', [0.06, 0.2], [0.45, 0.4])
  await draw('2', [0.5, 0.2], [0.9, 0.4])
  await draw('2', [0.2, 0.45], [0.6, 0.62])
  await expect(page.getByRole('list', { name: 'Shares' }).getByRole('listitem')).toHaveCount(3)
  await take(page, 'visit-shelf')
  await button(page, 'Pause').click()

  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await button(page, 'Finder').click()
  await search(page, '')
  await addInteraction(page, 'Shelf space for the spring range')
  const centre = await showCentre(page, 'Waiting')
  await centre.getByRole('listitem').first().getByRole('button').click()
  await take(page, 'offline')

  await cable.plugIn()
  await upToDate(page)
  await page.getByRole('button', { name: /^User menu/ }).click()
  await page.getByRole('menuitem', { name: 'Your account' }).click()
  await expect(page.getByRole('list', { name: 'Devices' })).toBeVisible()
  await take(page, 'account')
  await done()
})

test('the admin guide, from people to the audit', async ({ computer }) => {
  const { take, done } = cameraFor('admin-guide.md')
  const device = await computer()
  const page = await startAs(device, 'admin', 'Sales')
  const people = await show(page, 'People')
  await people.getByRole('row').filter({ hasText: 'Agnes Pier' }).click()
  await expect(page.getByRole('form')).toBeVisible()
  await take(page, 'people')
  await show(page, 'Shops')
  const list = join(device.folder, 'shops.csv')
  await writeFile(
    list,
    'Number,Shop,Street,City,Latitude,Longitude\nH1,Harbour Corner,Hafenstraße 1,Hamburg,53.5461,9.9663\nH2,Fish Market Hall,Große Elbstraße 9,Hamburg,53.5447,9.9519\n',
  )
  await chooseFile(device, list)
  await button(page, 'Import…').click()
  await expect(page.getByText('What do the columns hold?')).toBeVisible()
  await take(page, 'shops')
  const surveys = await show(page, 'Surveys')
  await surveys.getByText('Dairy shelf check').click()
  await expect(page.getByRole('complementary', { name: 'Preview' })).toBeVisible()
  await take(page, 'survey')
  for (const name of ['Devices', 'Audit']) {
    const screen = await show(page, name)
    await expect(screen.getByRole('row').nth(1)).toBeVisible()
    await take(page, name.toLowerCase())
  }
  await done()
})
