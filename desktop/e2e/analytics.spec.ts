import type { Page } from '@playwright/test'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answerWith, failure } from './support/answers.ts'
import type { Device } from './support/device.ts'
import { addBrandsAndCycles, addVisits, dayFromToday } from './support/field-history.ts'
import { expect, startAs, syncStatus, test } from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import { button, region, show } from './support/visits.ts'

test.use({ serverOf: 'analytics' })

const figures = (page: Page) => page.getByRole('list', { name: 'Main figures' })
const figure = (page: Page, name: string) => figures(page).getByRole('listitem').filter({ hasText: name })
const pick = (page: Page, label: string) =>
  page.getByRole('group', { name: 'What the figures are about' }).getByLabel(label, { exact: true })

/** From now on the person saves there. */
const saveTo = (device: Device, filePath: string) =>
  device.app.evaluate(({ dialog }, path) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: path })
  }, filePath)

async function choose(page: Page, card: string, item: string): Promise<void> {
  await button(page, `More for ${card}`).click()
  await page.getByRole('menuitem', { name: item }).click()
}

/** Every card has its figures, and nothing is counted any more. */
async function counted(page: Page): Promise<void> {
  await expect(page.getByRole('status', { name: /^Counting/ })).toHaveCount(0)
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
}

test('figures are counted, narrowed, read as tables and saved; each opens the rows behind it', async ({
  server,
  cable,
  computer,
}) => {
  test.setTimeout(300_000)
  const folder = await mkdtemp(join(tmpdir(), 'fieldbook-figures-'))
  const device = await computer(cable.url)
  const page = await startAs(device, 'admin', 'Sales')
  await show(page, 'Analytics')
  await counted(page)

  const completed = await addVisits(server, { days: 28, perDay: 5 })
  await button(page, 'Refresh').click()
  const visits = figure(page, 'Visits completed').getByRole('button')
  await expect
    .poll(async () => Number((await visits.textContent())!.replace(',', '')))
    .toBeGreaterThanOrEqual(completed)
  await counted(page)
  await lookAt(device, 'analytics')
  const all = Number((await visits.textContent())!.replace(',', ''))

  // The number and the list are the same visits.
  await visits.click()
  await expect(region(page, 'Visits').getByRole('status').filter({ hasText: 'found' })).toHaveText(
    `${all} found`,
  )
  await show(page, 'Analytics')
  await figure(page, 'Shops visited').getByRole('button').click()
  const dialog = page.getByRole('dialog', { name: 'Shops visited' })
  await expect(dialog.getByRole('row')).toHaveCount(26)
  await lookAt(device, 'analytics-shops')
  await page.keyboard.press('Escape')

  // As a table, which a spreadsheet takes, and as a picture.
  const daily = region(page, 'Visits a day')
  await choose(page, 'Visits a day', 'Show as table')
  await expect(daily.getByRole('row')).toHaveCount(31)
  await saveTo(device, join(folder, 'visits.csv'))
  await choose(page, 'Visits a day', 'Save as CSV…')
  await expect(page.getByText('Visits a day is saved.')).toBeVisible()
  const file = await readFile(join(folder, 'visits.csv'), 'utf8')
  const rows = file.trim().split('\r\n')
  expect(file).toMatch(/^\ufeffDays,Completed,Started,Cancelled,Far from the shop,With a survey\r\n/)
  expect(rows).toHaveLength(31)
  expect(rows.slice(1).reduce((sum, row) => sum + Number(row.split(',')[1]), 0)).toBe(all)
  await choose(page, 'Visits a day', 'Show as chart')
  await saveTo(device, join(folder, 'visits.png'))
  await choose(page, 'Visits a day', 'Save as picture…')
  const drawn = join(folder, 'visits.png')
  const kind = () => readFile(drawn).then((bytes) => bytes.subarray(1, 4).toString())
  await expect.poll(() => kind().catch(() => null)).toBe('PNG')
  await rm(folder, { recursive: true })

  // Narrowed to a brand, a person and own days; it stays while one looks at something else.
  await pick(page, 'Brand').selectOption({ label: 'Alpro' })
  await pick(page, 'Team').selectOption({ label: 'Berlin' })
  await expect(figure(page, 'Shelf share, Alpro')).toContainText('%')
  await expect(region(page, 'Shops by shelf share of Alpro').getByRole('row')).not.toHaveCount(0)
  await counted(page)
  await region(page, 'Goals').scrollIntoViewIfNeeded()
  await lookAt(device, 'analytics-brand')
  await pick(page, 'Days').selectOption({ label: 'Own days' })
  await pick(page, 'First day').fill(dayFromToday(0))
  await pick(page, 'Last day').fill(dayFromToday(0))
  await expect(region(page, 'Visits a day')).not.toContainText('No visits')
  await counted(page)
  await lookAt(device, 'analytics-one')
  await pick(page, 'Last day').fill('2020-01-01')
  await expect(page.getByRole('alert')).toHaveText('The last day is before the first.')
  await pick(page, 'First day').fill('2020-01-01')
  await expect(region(page, 'Visits a day')).toContainText('No visits in these days.')
  await counted(page)
  await lookAt(device, 'analytics-none')
  await show(page, 'Finder')
  await show(page, 'Analytics')
  await expect(pick(page, 'First day')).toHaveValue('2020-01-01')
  await button(page, 'Clear filters').click()
  await pick(page, 'Days').selectOption({ label: 'Last 12 months' })

  // Interactions open in the Finder, narrowed to what was counted; those of several sites by site.
  await counted(page)
  const interactions = page.getByRole('region', { name: /^Interactions/ })
  const byType = async () => {
    await button(interactions, 'Type').click()
    await choose(page, 'Interactions by type', 'Show as table')
  }
  await byType()
  const first = interactions.getByRole('row').nth(1)
  const type = await first.getByRole('rowheader').textContent()
  const filters = page.getByRole('group', { name: 'Filters in force' })
  await first.getByRole('button').first().click()
  const bySite = page.getByRole('dialog', { name: `Interactions: ${type}` })
  const inMarketing = bySite.getByRole('row', { name: /^Marketing/ }).getByRole('button')
  await expect(inMarketing).toBeVisible()
  await lookAt(device, 'analytics-sites')
  const count = await inMarketing.textContent()
  await inMarketing.click()
  await expect(filters).toContainText(type!)
  await expect(page.getByRole('status', { name: 'Interactions found' })).toContainText(count!)
  await show(page, 'Analytics')
  await pick(page, 'Site').selectOption({ label: 'Sales' })
  await byType()
  await counted(page)
  await first.getByRole('button').first().click()
  await expect(filters).toContainText(type!)

  // What cannot be counted says so, card by card, and without the server once.
  await answerWith(device, 'analytics.shelfShare', failure)
  await answerWith(device, 'analytics.shops', null)
  await show(page, 'Analytics')
  await button(page, 'Refresh').click()
  await expect(region(page, 'Shelf share by brand')).toContainText(`Reference ${failure.reference}`)
  await expect(page.getByRole('status', { name: 'Counting for Shops by visits' })).toBeVisible()
  await lookAt(device, 'analytics-failed')
  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await expect(page.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
  await lookAt(device, 'analytics-offline')
})

test('of years, many brands and many people the figures can still be read', async ({ server, computer }) => {
  test.setTimeout(300_000)
  await addBrandsAndCycles(server, { brands: 17, people: 60 })
  await addVisits(server, { days: 400, perDay: 12, brands: 20 })
  const device = await computer()
  const page = await startAs(device, 'admin', 'Sales')
  await show(page, 'Analytics')
  await pick(page, 'Days').selectOption({ label: 'Last 12 months' })
  await counted(page)
  await lookAt(device, 'analytics-many')
  await page.getByRole('region', { name: /^Interactions/ }).scrollIntoViewIfNeeded()
  await lookAt(device, 'analytics-many-end')
  await pick(page, 'Days').selectOption({ label: 'Own days' })
  await pick(page, 'First day').fill(dayFromToday(-1800))
  await pick(page, 'Last day').fill(dayFromToday(0))
  await counted(page)
  await lookAt(device, 'analytics-years')
  // Half a year of coverage can be asked for at once: it is of the last of these days.
  await expect(region(page, 'Call cycles kept')).toContainText('kept in all')

  // Types beyond the most frequent are one number, which opens by type, and of several sites by site.
  await choose(page, 'Interactions a month', 'Show as table')
  const months = region(page, 'Interactions a month')
  await expect(months.getByRole('columnheader').last()).toHaveText('Other types')
  await months.locator('td:last-child').getByRole('button').first().click()
  const others = page.getByRole('dialog', { name: 'Other types' })
  await expect(others.getByRole('row')).not.toHaveCount(1)
  await lookAt(device, 'analytics-others')
  await others.getByRole('row').nth(1).getByRole('button').click()
  await expect(page.getByRole('dialog', { name: /^Interactions: / }).getByRole('row')).not.toHaveCount(1)
})

test('an agent sees their own figures, and how others keep their cycles only those who lead them', async ({
  computer,
}) => {
  const agent = await startAs(await computer(), 'agent')
  await show(agent, 'Analytics')
  await counted(agent)
  await expect(figure(agent, 'Visits completed')).toBeVisible()
  await expect(region(agent, 'Call cycles kept')).toHaveCount(0)
  const viewer = await startAs(await computer(), 'viewer')
  await show(viewer, 'Analytics')
  await expect(viewer.getByRole('region', { name: /^Interactions/ })).toBeVisible()
  await expect(figures(viewer)).toHaveCount(0)
})
