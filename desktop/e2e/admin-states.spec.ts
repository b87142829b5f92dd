import type { Locator, Page } from '@playwright/test'
import type { Problem, RequestName } from '#desktop/bridge/channels'
import { answerWith, failure } from './support/answers.ts'
import { expect, test } from './support/journey.ts'
import { lookAt } from './support/looks.ts'

test.use({ serverOf: 'admin-states' })

/** The screens that a super admin has in an organisation, and what each asks for first. */
const lists = {
  Organisations: 'tenants.list',
  People: 'people.list',
  Sites: 'sites.list',
  Teams: 'teams.list',
  Devices: 'devices.list',
  Audit: 'audit.list',
  Activity: 'activity.read',
  Settings: 'tenant.settings',
} as const satisfies Record<string, RequestName>

const button = (page: Page | Locator, name: string) => page.getByRole('button', { name, exact: true })
const rail = (page: Page) => page.getByRole('navigation', { name: 'Screens' })

async function show(page: Page, name: string): Promise<Locator> {
  await button(rail(page), name).click()
  const screen = page.getByRole('region', { name, exact: true })
  await expect(screen).toBeVisible()
  return screen
}

test('the screens for looking after things while they wait, fail and are offline, and on the way into an organisation', async ({
  server,
  cable,
  computer,
}) => {
  test.setTimeout(600_000)
  const admin = await server.signIn('admin')
  for (const device of ['editor', 'viewer', 'agent']) await server.signIn(device)
  await server.sql(
    `INSERT INTO teams (tenant_id, id, name, level, leader_id)
     SELECT tenant_id, gen_random_uuid(), 'Harbour streets', 'team', id FROM users WHERE username = 'leader'`,
  )
  const device = await computer(cable.url)
  const page = await device.start()
  await device.giveCredentials('root')
  const question = page.getByRole('alertdialog')
  const heading = (name: string) => page.getByRole('heading', { name, exact: true })
  await expect(heading('Organisations')).toBeVisible({ timeout: 60_000 })

  // On the platform nobody’s names are told.
  await show(page, 'Audit')
  await button(page, 'Filters').click()
  await expect(page.getByLabel('What', { exact: true })).toBeVisible()
  await expect(page.getByRole('combobox', { name: 'Who' })).toBeHidden()
  await button(page, 'Done').click()
  const organisations = await show(page, 'Organisations')

  // What is typed is asked about; then the keyboard is where it was.
  const add = button(page, 'Add organisation')
  await add.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.type('Northwind')
  await page.keyboard.press('Escape')
  await expect(question).toContainText('Discard what you typed?')
  await lookAt(device, 'organisations-add-discard')
  await button(question, 'Discard').click()
  await expect(add).toBeFocused()

  // Somebody else was faster.
  await button(organisations, 'Harbour & Vale').click()
  const panel = page.getByRole('complementary', { name: 'Organisation' })
  await panel.getByRole('textbox', { name: 'Name', exact: true }).fill('Harbour and Vale')
  await server.sql(`UPDATE tenants SET version = version + 1, slug = 'harbour' WHERE name = 'Harbour & Vale'`)
  await page.keyboard.press('Control+s')
  await expect(panel.getByText('Somebody else has just changed it.')).toBeVisible()
  await expect(panel.getByRole('textbox', { name: 'Short name' })).toHaveValue('harbour')
  await lookAt(device, 'organisations-conflict')
  await panel.getByRole('textbox', { name: 'Name', exact: true }).fill('Harbour & Vale')

  // In, and out again: said, and the keyboard is on the screen one comes to.
  await button(panel, 'Enter').click()
  await expect(heading('People')).toBeFocused()
  const news = page.getByRole('status').filter({ hasText: 'as super admin' })
  await expect(news).toHaveText('You are acting in Harbour & Vale as super admin.')
  await button(page, 'Leave').click()
  await expect(heading('Organisations')).toBeFocused()
  await expect(page.getByText('You are no longer acting in Harbour & Vale.')).toBeAttached()
  await button(organisations, 'Harbour & Vale').click()
  await button(panel, 'Enter').click()
  await expect(heading('People')).toBeFocused()

  for (const [name, shown] of [
    ['Sites', page.getByRole('row', { name: /^Support/ })],
    ['Teams', page.getByRole('treeitem', { name: /^Harbour streets/ })],
    ['Devices', page.getByRole('row', { name: new RegExp(admin.session.user.displayName) }).first()],
    ['Interaction types', page.getByRole('list', { name: 'Types' }).getByRole('listitem').first()],
  ] as const) {
    await show(page, name)
    await expect(shown).toBeVisible()
    await lookAt(device, `entered-${name.toLowerCase().replace(' ', '-')}`)
  }

  const away: Problem = { ...failure, code: 'SERVICE_UNAVAILABLE', reference: null }
  for (const [name, channel] of Object.entries(lists)) {
    const picture = `states-${name.toLowerCase()}`
    const again = async (problem: Problem | null) => {
      await show(page, 'Interaction types')
      await answerWith(device, channel, problem)
      return show(page, name)
    }
    const waiting = await again(null)
    await expect(waiting.getByRole('status', { name: /^Reading the / })).toBeVisible()
    await lookAt(device, `${picture}-loading`)
    const failed = await again(failure)
    await expect(failed.getByRole('alert')).toContainText('Reference 01990000-4711')
    await lookAt(device, `${picture}-failed`)
    const offline = await again(away)
    await expect(offline.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
    await lookAt(device, `${picture}-offline`)
  }
})
