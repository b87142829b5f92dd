import type { Locator, Page } from '@playwright/test'
import { standardTypes } from '#db/seeds/demo'
import { answerLater } from './support/answers.ts'
import { expect, meeting, startAs, syncStatus, test } from './support/journey.ts'
import { lookAt } from './support/looks.ts'

test.use({ serverOf: 'audit-admin' })

const button = (page: Page | Locator, name: string) => page.getByRole('button', { name, exact: true })

async function show(page: Page, screen: string): Promise<Locator> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: screen }).click()
  const region = page.getByRole('region', { name: screen, exact: true })
  await expect(region).toBeVisible()
  return region
}

test('the audit tells who did what, and what the values were before', async ({ server, cable, computer }) => {
  const admin = await server.signIn('admin')
  const landing = meeting('Zeppelin landing', { notes: 'In the morning.', location: 'Friedrichshafen' })
  const record = await admin.create('Marketing', landing)
  await admin.update('Marketing', record, { title: 'Zeppelin departure', location: 'Lakehurst' })

  const device = await computer()
  const page = await startAs(device, 'admin', 'Marketing')
  const screen = await show(page, 'Audit')
  const rows = screen.getByRole('table', { name: 'Entries' }).getByRole('row')
  await expect(rows.filter({ hasText: 'Zeppelin landing' })).toContainText('Added an interaction')
  const change = rows.filter({ hasText: 'Changed an interaction' }).filter({ hasText: 'Zeppelin' })
  await change.getByRole('button').click()
  const panel = page.getByRole('complementary', { name: 'Entry' })
  await expect(panel).toContainText('Ada Harbour changed an interaction')
  const title = panel.locator('dl > div').filter({ has: page.locator('dt', { hasText: /^Title$/ }) })
  await expect(title.locator('s')).toHaveText('Zeppelin landing')
  await expect(title).toContainText('Zeppelin departure')
  await expect(panel.getByText('Lakehurst')).toBeVisible()
  await expect(panel).not.toContainText('In the morning.')
  await lookAt(device, 'audit-entry')

  await button(panel, 'Copy the id of this entry').click()
  await expect(panel.getByRole('status')).toHaveText('Copied.')
  await button(panel, 'All that was done to “Zeppelin departure”').click()
  await expect(rows).toHaveCount(3)
  await button(page, 'Remove filter About Zeppelin departure').click()
  await expect(button(screen, 'Filters')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()

  // What is chosen stands beside the button, and goes away there.
  await button(screen, 'Filters').click()
  const filters = page.getByRole('dialog', { name: 'Filters' })
  await filters.getByLabel('What').selectOption('Sign-ins')
  await filters.getByRole('combobox', { name: 'Who' }).fill('ada')
  await page.getByRole('option', { name: 'Ada Harbour' }).click()
  await lookAt(device, 'audit-filters')
  await button(filters, 'Done').click()
  const tags = screen.getByRole('group', { name: 'Filters in force' })
  await expect(tags).toContainText('Sign-ins')
  await expect(tags).toContainText('By Ada Harbour')
  await expect(rows.nth(1)).toContainText('Signed in')
  await expect(rows.filter({ hasText: 'interaction' })).toHaveCount(0)
  await screen.getByRole('button', { name: /^Filters/ }).click()
  await filters.getByLabel('What').selectOption('Teams')
  await button(filters, 'Done').click()
  await expect(screen.getByRole('heading', { name: 'Nothing found' })).toBeVisible()
  await lookAt(device, 'audit-nothing')
  await button(tags, 'Clear all').click()
  await expect(rows.filter({ hasText: 'Zeppelin departure' }).first()).toBeVisible()

  // By keyboard: down the list, open, and back.
  await rows.nth(1).getByRole('button').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(panel.getByRole('button', { name: 'Close' })).toBeFocused()
  await rows.nth(2).getByRole('button').focus()
  await page.keyboard.press('Enter')
  await expect(panel.getByRole('button', { name: 'Close' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()
  await expect(rows.nth(2).getByRole('button')).toBeFocused()

  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await expect(screen.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
})

test('a name narrows the audit as soon as it is known whose it is', async ({ server, computer }) => {
  await server.sql(
    `INSERT INTO users (tenant_id, id, username, email, display_name)
     SELECT tenant_id, gen_random_uuid(), 'edith2', 'edith2@harbour-vale.example', 'Edith Vale'
     FROM users WHERE username = 'admin'`,
  )
  await server.signIn('editor')
  const device = await computer()
  const page = await startAs(device, 'admin', 'Marketing')
  const screen = await show(page, 'Audit')
  const filters = page.getByRole('dialog', { name: 'Filters' })
  const who = filters.getByRole('combobox', { name: 'Who' })
  const tags = screen.getByRole('group', { name: 'Filters in force' })
  const openFilters = () => screen.getByRole('button', { name: /^Filters/ }).click()

  // Two of one name are told apart by their address, and neither is meant by the name alone.
  await openFilters()
  await who.fill('edith')
  await expect(page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option')).toHaveText([
    'Edith Vale · edith2@harbour-vale.example',
    'Edith Vale · editor@harbour-vale.example',
  ])
  await lookAt(device, 'audit-who')
  await who.fill('Edith Vale')
  await page.keyboard.press('Escape')
  await button(filters, 'Done').click()
  await expect(
    screen.getByText('“Edith Vale” is nobody’s whole name, or more than one person’s'),
  ).toBeVisible()
  await expect(tags).toBeHidden()
  await lookAt(device, 'audit-who-unknown')
  await openFilters()
  await expect(who).toHaveValue('Edith Vale')
  await who.fill('edith')
  await page.getByRole('option', { name: /editor@/ }).click()
  await button(filters, 'Done').click()
  await expect(tags).toContainText('By Edith Vale · editor@harbour-vale.example')
  await expect(screen.getByRole('row').filter({ hasText: 'Signed in' }).first()).toContainText('Edith Vale')
  await expect(screen.getByRole('row').filter({ hasText: 'Ada Harbour' })).toHaveCount(0)

  // Cleared is what was typed, too.
  for (const place of [filters, tags]) {
    await openFilters()
    await filters.getByLabel('What').selectOption('Sign-ins')
    await who.fill('nobody at all')
    if (place === tags) await button(filters, 'Done').click()
    await button(place, 'Clear all').click()
    if (place === tags) await openFilters()
    await expect(who).toHaveValue('')
    await button(filters, 'Done').click()
    await expect(tags).toBeHidden()
    await expect(screen.getByText('nobody’s whole name')).toBeHidden()
  }

  // Typed, and the filters closed, before anybody is known.
  const { id } = (await server.signIn('agent')).session.user
  const release = await answerLater(device, 'people.find', {
    people: [{ id, displayName: 'Agnes Pier', detail: 'agent@harbour-vale.example' }],
  })
  await openFilters()
  await who.fill('agnes pier')
  await button(filters, 'Done').click()
  await expect(filters).toBeHidden()
  await expect(tags).toBeHidden()
  await release()
  await expect(tags).toContainText('By Agnes Pier')
})

test('a long audit comes page by page, and activity counts what is in it', async ({ server, computer }) => {
  const admin = await server.signIn('admin')
  for (let n = 0; n < 60; n++) await admin.create('Sales', meeting(`Balloon ${n}`))
  const device = await computer()
  const page = await startAs(device, 'admin', 'Sales')
  const audit = await show(page, 'Audit')
  const rows = audit.getByRole('table', { name: 'Entries' }).getByRole('row')
  await expect(rows).toHaveCount(51)
  await lookAt(device, 'audit')
  await button(audit, 'Show earlier').click()
  await expect.poll(() => rows.count()).toBeGreaterThan(60)

  const screen = await show(page, 'Activity')
  const ada = screen.getByRole('table', { name: 'People' }).getByRole('row', { name: /Ada Harbour/ })
  await expect(ada).toBeVisible()
  await expect(screen.getByRole('img', { name: /Changes from/ })).toBeVisible()
  expect(Number(await ada.getByRole('cell').nth(2).innerText())).toBeGreaterThanOrEqual(60)
  await lookAt(device, 'activity')
  await button(screen, 'Show as a table').click()
  await expect(screen.getByRole('table', { name: 'Days on which something happened' })).toBeVisible()
  await lookAt(device, 'activity-table')
  await screen.getByRole('searchbox', { name: 'Search people' }).fill('nobody at all')
  await expect(screen.getByRole('heading', { name: 'Nobody found' })).toBeVisible()
})

test('whoever looks after a site sees that site alone, everybody else nothing; failures are said', async ({
  server,
  computer,
}) => {
  await server.load({
    name: 'Pier & Sons',
    slug: 'pier-sons',
    sites: { Pier: [], Mole: [] },
    types: standardTypes,
    people: [
      { username: 'pieradmin', displayName: 'Petra Pier', sites: { Pier: 'administrator', Mole: 'editor' } },
    ],
  })
  const petra = await server.signIn('pieradmin')
  await petra.create('Pier', meeting('At the pier'))
  await petra.create('Mole', meeting('On the mole'))
  const theirs = await startAs(await computer(), 'pieradmin', 'Pier')
  await expect(button(theirs, 'Activity')).toBeHidden()
  const ofSite = (await show(theirs, 'Audit')).getByRole('table', { name: 'Entries' }).getByRole('row')
  await expect(ofSite).toHaveCount(2)
  await expect(ofSite.nth(1)).toContainText('At the pier')

  const editor = await startAs(await computer(), 'editor', 'Marketing')
  await expect(button(editor, 'Audit')).toBeHidden()
  await expect(button(editor, 'Activity')).toBeHidden()

  const device = await computer()
  const page = await startAs(device, 'admin', 'Marketing')
  await device.app.evaluate(({ ipcMain }) => {
    const problem = { code: 'INTERNAL_ERROR', message: 'It failed.', reference: '4711', details: [] }
    for (const name of ['audit.list', 'activity.read']) {
      ipcMain.removeHandler(name)
      ipcMain.handle(name, () => ({ ok: false, problem }))
    }
  })
  for (const name of ['Audit', 'Activity']) {
    const screen = await show(page, name)
    await expect(screen.getByRole('alert')).toContainText('Reference 4711')
    await expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible()
  }
})
