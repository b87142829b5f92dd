import type { Locator, Page } from '@playwright/test'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addInteraction, expect, open, startAs, syncStatus, test, upToDate } from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import { chooseFile } from './support/sync-centre.ts'

test.use({ serverOf: 'people-privacy' })

const button = (page: Page | Locator, name: string) => page.getByRole('button', { name, exact: true })

async function show(page: Page, screen: string): Promise<Locator> {
  await button(page.getByRole('navigation', { name: 'Screens' }), screen).click()
  const region = page.getByRole('region', { name: screen, exact: true })
  await expect(region).toBeVisible()
  return region
}

async function openPerson(page: Page, name: string): Promise<{ screen: Locator; panel: Locator }> {
  const screen = await show(page, 'People')
  await screen.getByRole('searchbox', { name: 'Search people' }).fill(name)
  await button(screen, name).click()
  const panel = page.getByRole('complementary', { name: 'Person' })
  await expect(panel.getByRole('heading', { name })).toBeVisible()
  return { screen, panel }
}

async function withFile(work: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldbook-copy-'))
  try {
    await work(join(folder, 'copy.json'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

const copyIn = async (path: string) =>
  JSON.parse(await readFile(path, 'utf8')) as {
    person: { displayName: string; username: string }
    interactions: { title: string }[]
  }

test('a person takes a copy of their data, and an admin one of somebody else’s', async ({ computer }) => {
  const theirs = await computer()
  const page = await startAs(theirs, 'viewer')
  await page.keyboard.press('ControlOrMeta+K')
  await page.keyboard.type('your account')
  await page.keyboard.press('Enter')
  await withFile(async (path) => {
    await chooseFile(theirs, path)
    await button(page, 'Copy of my data…').click()
    await expect(page.getByRole('status', { name: 'Copy of my data' })).toHaveText('The copy is saved.')
    expect((await copyIn(path)).person).toMatchObject({ username: 'viewer', displayName: 'Victor Lane' })
  })
  await button(page, 'Copy of my data…').scrollIntoViewIfNeeded()
  await lookAt(theirs, 'account-data')

  const device = await computer()
  const admin = await startAs(device, 'admin', 'Marketing')
  const { panel } = await openPerson(admin, 'Victor Lane')
  await withFile(async (path) => {
    await chooseFile(device, path)
    await button(panel, 'Copy of their data…').click()
    await expect(admin.getByText('A copy of what is kept about Victor Lane is saved.')).toBeVisible()
    expect((await copyIn(path)).person).toMatchObject({ username: 'viewer' })
  })
})

test('somebody is forgotten: no device knows them any more, what they wrote stays', async ({
  server,
  computer,
}) => {
  test.setTimeout(240_000)
  const theirs = await computer()
  const theirPage = await startAs(theirs, 'editor', 'Marketing')
  await addInteraction(theirPage, 'Visit that outlives its author')
  await upToDate(theirPage)

  const device = await computer()
  const page = await startAs(device, 'admin', 'Marketing')
  const { screen, panel } = await openPerson(page, 'Edith Vale')
  await button(panel, 'Forget this person…').scrollIntoViewIfNeeded()
  await lookAt(device, 'person-account')
  await button(panel, 'Forget this person…').focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Forget Edith Vale?' })
  const name = dialog.getByRole('textbox', { name: 'To confirm, type Edith Vale' })
  await expect(name).toBeFocused()
  await lookAt(device, 'person-forget')
  await page.keyboard.type('Edith')
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('alert')).toHaveText('Type “Edith Vale”, as it is written here')
  await expect(name).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await button(panel, 'Forget this person…').click()
  await name.fill('edith vale')
  await page.keyboard.press('Enter')
  await expect(page.getByText('The person is forgotten.')).toBeVisible()
  await expect(panel.getByText('Everything this person could be known by was removed')).toBeVisible()
  await expect(panel.getByRole('textbox')).toBeHidden()
  await screen.getByRole('searchbox', { name: 'Search people' }).fill('')
  await screen.getByLabel('Status').selectOption('Forgotten')
  await expect(screen.getByRole('row').filter({ hasText: 'Forgotten person' })).toHaveCount(1)
  await expect(screen.getByText('Edith Vale')).toBeHidden()
  await lookAt(device, 'person-forgotten')

  // Their own device asks for a password that no longer opens anything.
  await button(theirPage, 'Finder').click()
  await expect(
    theirPage.getByRole('button', { name: 'Sign in' }).or(syncStatus(theirPage).getByText('Sign in')).first(),
  ).toBeVisible({ timeout: 60_000 })

  await button(page, 'Finder').click()
  await page.getByRole('searchbox', { name: 'Search every field' }).fill('outlives its author')
  await open(page, 'Visit that outlives its author')
  await expect(page.getByText('Forgotten person').first()).toBeVisible()
  const [left] = await server.sql<{ count: number }>(
    `SELECT count(*)::int AS count FROM users u WHERE u::text ILIKE '%edith%'`,
  )
  expect(left).toEqual({ count: 0 })
})
