import type { Locator, Page } from '@playwright/test'
import { demoPassword } from '#db/seeds/demo'
import type { Outcome, RequestName } from '#desktop/bridge/channels'
import { failure } from './support/answers.ts'
import { decryptedFiles, filesBelow, filesWith } from './support/disk.ts'
import type { Device } from './support/device.ts'
import { ask, expect, signOut, test } from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import type { TestServer } from './support/server.ts'

test.use({ serverOf: 'tenants-admin' })

const button = (page: Page | Locator, name: string) => page.getByRole('button', { name, exact: true })
const question = (page: Page) => page.getByRole('alertdialog')
const screenOf = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const panelOf = (page: Page) => page.getByRole('complementary', { name: 'Organisation' })
const bar = (page: Page) => page.getByRole('region', { name: 'Acting in an organisation' })
const rail = (page: Page) => page.getByRole('navigation', { name: 'Screens' })
const organisationRow = (page: Page, name: string) =>
  screenOf(page, 'Organisations')
    .getByRole('row')
    .filter({ has: page.getByRole('button', { name, exact: true }) })

async function startAsRoot(device: Device): Promise<Page> {
  const page = await device.start()
  await device.giveCredentials('root')
  await expect(screenOf(page, 'Organisations')).toBeVisible({ timeout: 60_000 })
  return page
}

async function show(page: Page, screen: string): Promise<Locator> {
  await button(rail(page), screen).click()
  await expect(screenOf(page, screen)).toBeVisible()
  return screenOf(page, screen)
}

async function openOrganisation(page: Page, name: string): Promise<Locator> {
  const screen = await show(page, 'Organisations')
  await screen.getByRole('searchbox', { name: 'Search organisations' }).fill(name)
  await button(screen, name).click()
  await expect(panelOf(page).getByRole('heading', { name, exact: true })).toBeVisible()
  return panelOf(page)
}

async function enter(page: Page, name: string): Promise<void> {
  await button(await openOrganisation(page, name), 'Enter').click()
  await expect(bar(page)).toContainText(`You are acting in ${name} as super admin`)
  await expect(screenOf(page, 'People')).toBeVisible()
}

type Main = typeof globalThis & {
  held: { asked: unknown[]; answer: (outcome: Outcome<unknown>) => void }
}

/** From now on main leaves what is asked under this name unanswered; what it answers then is the last that was asked. */
async function holdBack({ app }: Device, name: RequestName) {
  await app.evaluate(({ ipcMain }, name) => {
    const held: Main['held'] = { asked: [], answer: () => undefined }
    Object.assign(globalThis, { held })
    ipcMain.removeHandler(name)
    ipcMain.handle(name, (_, request: unknown) => {
      held.asked.push(request)
      return new Promise((resolve) => {
        held.answer = resolve
      })
    })
  }, name)
  return {
    asked: () => app.evaluate(() => (globalThis as Main).held.asked),
    answer: (outcome: Outcome<unknown>) =>
      app.evaluate((_, outcome) => (globalThis as Main).held.answer(outcome), outcome),
  }
}

const entriesOf = (server: TestServer, action: string, since: Date) =>
  server.sql<{ feed: string; by: string | null }>(
    `SELECT t.name AS feed, coalesce(a.username, e.username) AS by FROM audit_logs l
     JOIN tenants t ON t.id = l.feed_id LEFT JOIN users a ON a.id = l.actor_id LEFT JOIN users e ON e.id = l.entered_by
     WHERE l.action = $1 AND l.at > $2 ORDER BY t.name`,
    [action, since],
  )

test('a super admin comes to the organisations, adds one by keyboard, renames, suspends and resumes it', async ({
  server,
  computer,
}) => {
  test.setTimeout(180_000)
  const device = await computer()
  const page = await startAsRoot(device)
  const screen = screenOf(page, 'Organisations')
  await expect(organisationRow(page, 'Brightmart')).toContainText('Active')
  await expect(page.getByRole('searchbox', { name: 'Search every field' })).toBeHidden()
  await expect(button(rail(page), 'Finder')).toBeHidden()

  await button(page, 'Add organisation').focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Add an organisation' })
  await expect(dialog.getByRole('textbox', { name: 'Organisation' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('alert')).toHaveCount(4)
  await expect(dialog.getByRole('textbox', { name: 'Organisation' })).toBeFocused()
  await page.keyboard.type('Brightmart')
  await page.keyboard.press('Tab')
  await page.keyboard.type('Aarhus')
  await page.keyboard.press('Tab')
  await page.keyboard.type('Nora Wind')
  await page.keyboard.press('Tab')
  await page.keyboard.type('admin')
  await page.keyboard.press('Tab')
  await page.keyboard.type('nora@northwind.example')
  await page.keyboard.press('Enter')
  // The user name is somebody's: said where it belongs, and nothing is lost.
  const username = dialog.getByRole('textbox', { name: 'User name' })
  await expect(username).toHaveAttribute('aria-invalid', 'true')
  await expect(username).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(question(page)).toContainText('Discard what you typed?')
  await expect(question(page).locator(':focus')).toHaveCount(1)
  await page.keyboard.press('Escape')
  await expect(question(page)).toBeHidden()
  await username.fill('nora')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(page.getByText('An invitation is on its way to nora@northwind.example.')).toBeVisible()
  await expect.poll(() => server.mailsTo('nora@northwind.example')).toHaveLength(1)
  const panel = panelOf(page)
  await expect(panel.getByRole('textbox', { name: 'Short name' })).toHaveValue(/^brightmart-[0-9a-f]{6}$/)
  await expect(panel).toContainText('1 site in use')

  await panel.getByRole('textbox', { name: 'Short name' }).fill('brightmart')
  await panel.getByRole('textbox', { name: 'Name', exact: true }).fill('Northwind')
  await page.keyboard.press('Control+s')
  await expect(panel.getByRole('textbox', { name: 'Short name' })).toHaveAttribute('aria-invalid', 'true')
  await panel.getByRole('textbox', { name: 'Short name' }).fill('North Wind')
  await page.keyboard.press('Control+s')
  await expect(panel.getByText('Use lower-case letters, digits and single hyphens')).toBeVisible()
  await panel.getByRole('textbox', { name: 'Short name' }).fill('northwind')
  await server.sql(`UPDATE tenants SET version = version + 1 WHERE slug LIKE 'brightmart-%'`)
  await page.keyboard.press('Control+s')
  await expect(panel.getByText('Somebody else has just changed it.')).toBeVisible()
  await expect(panel.getByRole('textbox', { name: 'Short name' })).toHaveValue('northwind')
  await page.keyboard.press('Control+s')
  await expect(panel.getByRole('status', { name: 'Form status' })).toHaveText('Saved')
  await expect(organisationRow(page, 'Northwind')).toContainText('northwind')

  // Not on the page that is shown, it is read again all the same.
  const searched = screen.getByRole('searchbox', { name: 'Search organisations' })
  await searched.fill('harbour')
  await expect(organisationRow(page, 'Northwind')).toBeHidden()
  await panel.getByRole('textbox', { name: 'Short name' }).fill('north-wind')
  await server.sql(`UPDATE tenants SET version = version + 1 WHERE slug = 'northwind'`)
  await page.keyboard.press('Control+s')
  await expect(panel.getByText('Somebody else has just changed it.')).toBeVisible()
  await page.keyboard.press('Control+s')
  await expect(panel.getByRole('status', { name: 'Form status' })).toHaveText('Saved')
  await searched.fill('')
  await expect(organisationRow(page, 'Northwind')).toContainText('north-wind')

  await button(panel, 'Suspend…').click()
  await expect(question(page)).toContainText('signed out with their next request')
  await page.keyboard.press('Escape')
  await expect(organisationRow(page, 'Northwind')).toContainText('Active')
  await button(panel, 'Suspend…').click()
  await button(question(page), 'Suspend').click()
  await expect(organisationRow(page, 'Northwind')).toContainText('Suspended')
  await button(panel, 'Resume…').click()
  await button(question(page), 'Resume').click()
  await expect(organisationRow(page, 'Northwind')).toContainText('Active')

  // Esc gives the keyboard back to the row, arrows go on from there.
  await panel.getByRole('textbox', { name: 'Name', exact: true }).focus()
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()
  await expect(button(screen, 'Northwind')).toBeFocused()
  await page.keyboard.press('ArrowUp')
  await expect(button(screen, 'Harbour & Vale')).toBeFocused()

  // What they did is in the platform's own audit.
  const audit = await show(page, 'Audit')
  await expect(audit).toContainText('Who did what on the platform')
  const suspended = audit.getByRole('row').filter({ hasText: 'Suspended the organisation' })
  await expect(suspended).toContainText('Northwind')
  await expect(suspended).toContainText('The platform')
  await lookAt(device, 'platform-audit')
  const activity = await show(page, 'Activity')
  await expect(activity.getByRole('table', { name: 'People' }).getByRole('rowheader')).toHaveText(['Root'])
  await lookAt(device, 'platform-activity')

  await page.getByRole('button', { name: /^User menu/ }).click()
  await page.getByRole('menuitem', { name: 'Your account' }).click()
  await expect(screenOf(page, 'Your account')).toContainText('Super administrator')
  await expect(page.getByRole('list', { name: 'Devices' })).toContainText('This device')
  await expect(page.getByRole('form', { name: 'Change password' })).toBeVisible()
  await signOut(page)
  await expect(button(page, 'Sign in')).toBeVisible()
})

test('a super admin acts in an organisation, which is said all the time, and nothing of it stays on the disk', async ({
  server,
  computer,
}) => {
  test.setTimeout(180_000)
  const [{ since } = { since: new Date() }] = await server.sql<{ since: Date }>('SELECT now() AS since')
  await server.sql(`UPDATE users SET display_name = 'Canary Person Zx' WHERE username = 'viewer'`)
  await server.sql(`UPDATE sites SET description = 'Canary site Zx' WHERE name = 'Support'`)
  const device = await computer()
  const page = await startAsRoot(device)
  await enter(page, 'Harbour & Vale')
  const people = screenOf(page, 'People')
  await people.getByRole('searchbox', { name: 'Search people' }).fill('canary')
  await button(people, 'Canary Person Zx').click()
  const person = page.getByRole('form', { name: 'Person' })
  await person.getByLabel('Role in Marketing').selectOption('editor')
  // Unsaved work is asked about before one leaves.
  await button(bar(page), 'Leave').click()
  await expect(question(page)).toContainText('Save your changes?')
  await button(question(page), 'Keep editing').click()
  await page.keyboard.press('Control+s')
  await expect(person.getByRole('status', { name: 'Form status' })).toHaveText('Saved')

  const sites = await show(page, 'Sites')
  await expect(sites.getByRole('row', { name: /^Support/ })).toContainText('Canary site Zx')
  await button(page, 'Add site').click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name', exact: true }).fill('Warehouse')
  await button(page.getByRole('dialog'), 'Add').click()
  await expect(page.getByText('Warehouse is added.')).toBeVisible()
  await show(page, 'Teams')
  await show(page, 'Interaction types')
  await expect(page.getByRole('list', { name: 'Types' })).toContainText('Meeting')
  const settings = await show(page, 'Settings')
  await expect(settings.getByRole('heading', { name: 'Harbour & Vale' })).toBeVisible()
  await show(page, 'Activity')
  const audit = await show(page, 'Audit')
  await expect(button(audit, 'Added a site').first()).toBeVisible()
  await expect(audit.getByRole('row', { name: /Added a site/ }).first()).toContainText('A super admin')
  await button(page, 'Filters').click()
  await page.getByLabel('Where').selectOption('Warehouse')
  await page.getByRole('combobox', { name: 'Who' }).fill('canary')
  await page.getByRole('option', { name: 'Canary Person Zx' }).click()
  await button(page, 'Done').click()
  await expect(page.getByText('By Canary Person Zx')).toBeVisible()
  for (const name of ['Finder', 'Sync centre', 'Import', 'Deleted records', 'Site settings'])
    await expect(button(rail(page), name)).toBeHidden()
  await expect(bar(page)).toBeVisible()

  const files = [...(await filesBelow(device.folder)), ...(await decryptedFiles(device))]
  expect(files.length).toBeGreaterThan(0)
  expect(filesWith(await decryptedFiles(device), 'Root').length).toBeGreaterThan(0)
  for (const text of ['Canary Person', 'Canary site', 'Warehouse', 'Agnes Pier', 'agent@harbour-vale'])
    expect(filesWith(files, text), text).toEqual([])

  // Another organisation has other people, without a way home in between.
  await enter(page, 'Brightmart')
  await expect(screenOf(page, 'People').getByRole('table')).toContainText('Oscar Bright')
  await expect(screenOf(page, 'People').getByRole('table')).not.toContainText('Ada Harbour')
  await button(bar(page), 'Leave').click()
  await expect(screenOf(page, 'Organisations')).toBeVisible()
  await expect(bar(page)).toBeHidden()
  await expect(button(rail(page), 'People')).toBeHidden()
  expect(await entriesOf(server, 'tenant.entered', since)).toEqual([
    { feed: 'Brightmart', by: 'root' },
    { feed: 'Fieldbook', by: 'root' },
    { feed: 'Fieldbook', by: 'root' },
    { feed: 'Harbour & Vale', by: 'root' },
  ])

  // Entered again, it ends with the app.
  await enter(page, 'Brightmart')
  await device.quit()
  const again = await device.start()
  await expect(screenOf(again, 'Organisations')).toBeVisible()
  await expect(bar(again)).toBeHidden()
})

test('a suspended organisation can be entered, one is suspended meanwhile, and who is no super admin any more is out', async ({
  server,
  computer,
}) => {
  test.setTimeout(180_000)
  await server.sql(`UPDATE tenants SET status = 'suspended', version = version + 1 WHERE name = 'Brightmart'`)
  const device = await computer()
  const page = await startAsRoot(device)
  await enter(page, 'Brightmart')
  await expect(bar(page)).toContainText('It is suspended')
  await expect(screenOf(page, 'People').getByRole('table')).toContainText('Oscar Bright')
  await lookAt(device, 'entered-suspended')
  await button(bar(page), 'Leave').click()
  await button(await openOrganisation(page, 'Brightmart'), 'Resume…').click()
  await button(question(page), 'Resume').click()
  await expect(organisationRow(page, 'Brightmart')).toContainText('Active')

  await enter(page, 'Brightmart')
  await expect(bar(page)).not.toContainText('It is suspended')
  await server.sql(`UPDATE tenants SET status = 'suspended', version = version + 1 WHERE name = 'Brightmart'`)
  await show(page, 'Sites')
  await button(page, 'Add site').click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name', exact: true }).fill('Annexe')
  await button(page.getByRole('dialog'), 'Add').click()
  await expect(bar(page)).toContainText('It is suspended')

  await server.sql(`DELETE FROM user_roles WHERE user_id = (SELECT id FROM users WHERE username = 'root')`)
  await button(rail(page), 'People').click()
  await expect(bar(page)).toBeHidden({ timeout: 30_000 })
  await expect(page.getByText('You no longer act in Brightmart')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'You look after no organisation any more' })).toBeVisible()
  await expect(button(rail(page), 'Organisations')).toBeHidden()
  await lookAt(device, 'entered-revoked')
  await server.sql(
    `INSERT INTO user_roles (tenant_id, user_id, role)
     SELECT tenant_id, id, 'super_admin' FROM users WHERE username = 'root'`,
  )
  await button(page, 'Check again').click()
  await expect(screenOf(page, 'Organisations')).toBeVisible({ timeout: 30_000 })
  await server.sql(`UPDATE tenants SET status = 'active', version = version + 1 WHERE name = 'Brightmart'`)

  // The session ends on the server while they are in: what is typed stays until they have given their password.
  await enter(page, 'Harbour & Vale')
  await show(page, 'Sites')
  await button(page, 'Add site').click()
  const dialog = page.getByRole('dialog', { name: 'Add a site' })
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Boathouse')
  await server.sql(
    `UPDATE sessions SET revoked_at = now() WHERE user_id = (SELECT id FROM users WHERE username = 'root')`,
  )
  await button(dialog, 'Add').click()
  const password = page.getByRole('dialog', { name: 'Sign in again' })
  await expect(password).toBeVisible({ timeout: 60_000 })
  await expect(page.getByText('What you have typed stays: sign in again, then save it.')).toBeVisible()
  await expect(password.getByLabel('Password', { exact: true })).toBeFocused()
  await lookAt(device, 'entered-sign-in-again')
  await password.getByLabel('Password', { exact: true }).fill(demoPassword)
  await button(password, 'Sign in').click()
  await expect(password).toBeHidden()
  await button(dialog, 'Add').click()
  await expect(page.getByText('Boathouse is added.')).toBeVisible()
  await expect(bar(page)).toContainText('You are acting in Harbour & Vale')
})

test('an organisation and its settings are saved once and in turn, and what is not saved is not shown as if it were', async ({
  server,
  cable,
  computer,
}) => {
  test.setTimeout(180_000)
  const device = await computer()
  const page = await startAsRoot(device)
  await enter(page, 'Brightmart')
  const settings = await show(page, 'Settings')
  const archive = settings.getByLabel('Archive interactions nobody has changed for')
  const passwords = settings.getByLabel('Passwords have to be changed after so many days')
  const said = settings.getByRole('status', { name: 'Organisation settings' })
  const kept = async () =>
    (await server.sql<{ settings: object }>(`SELECT settings FROM tenants WHERE name = 'Brightmart'`))[0]!
      .settings
  await expect(passwords).toHaveValue('90')
  // Somebody else decides another one meanwhile.
  await server.sql(`UPDATE tenants SET settings = '{"offlineDays": 7}' WHERE name = 'Brightmart'`)
  await passwords.fill('60')
  await page.keyboard.press('Enter')
  await expect(said).toHaveText('Saved')
  await expect(settings.getByLabel('Devices open without the server for so many days')).toHaveValue('7')
  expect(await kept()).toEqual({ offlineDays: 7, passwordMaxAgeDays: 60 })

  // It arrives, and its answer does not.
  const swallowed = cable.swallowAnswerTo('PUT /api/v1/tenant/settings')
  await archive.selectOption('5 years')
  await swallowed
  await cable.pull()
  await expect(settings.getByRole('alert')).toContainText('“Archive interactions nobody has changed for”')
  await expect(archive).toHaveValue('2')
  await expect(settings.getByText('They can be changed once you are online.')).toBeVisible({
    timeout: 60_000,
  })
  await expect(passwords).toBeDisabled()
  await lookAt(device, 'entered-settings-offline')
  await cable.plugIn()
  await expect.poll(kept).toEqual({ offlineDays: 7, passwordMaxAgeDays: 60, archiveAfterYears: 5 })
  await expect(archive).toHaveValue('5', { timeout: 60_000 })
  await expect(settings.getByRole('alert')).toBeHidden()

  const changes = await holdBack(device, 'tenant.changeSettings')
  await archive.selectOption('3 years')
  await passwords.fill('30')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await expect(passwords).not.toBeFocused()
  await expect.poll(changes.asked).toEqual([{ settings: { archiveAfterYears: 3 } }])
  await changes.answer({ ok: true, value: { settings: { passwordMaxAgeDays: 60, archiveAfterYears: 3 } } })
  await expect.poll(changes.asked).toHaveLength(2)
  await changes.answer({ ok: false, problem: { ...failure, code: 'SERVICE_UNAVAILABLE' } })
  await expect(settings.getByRole('alert')).toContainText('“Passwords have to be changed after so many days”')
  await expect(passwords).toHaveValue('60')
  expect(await changes.asked()).toEqual([
    { settings: { archiveAfterYears: 3 } },
    { settings: { passwordMaxAgeDays: 30 } },
  ])
  await lookAt(device, 'entered-settings-not-saved')

  const panel = await openOrganisation(page, 'Brightmart')
  const { tenants } = await ask(page, 'tenants.list', { search: 'Brightmart', page: 1 })
  const renames = await holdBack(device, 'tenants.update')
  await panel.getByRole('textbox', { name: 'Name', exact: true }).fill('Brightmart Group')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await expect.poll(renames.asked).toHaveLength(1)
  const [tenant] = tenants
  await renames.answer({
    ok: true,
    value: { tenant: { ...tenant!, name: 'Brightmart Group', version: tenant!.version + 1 } },
  })
  await expect(panel.getByRole('status', { name: 'Form status' })).toHaveText('Saved')
  expect(await renames.asked()).toHaveLength(1)
})

test('what is typed about a new organisation is asked about before the window closes', async ({
  computer,
}) => {
  const device = await computer()
  const page = await startAsRoot(device)
  await button(page, 'Add organisation').click()
  const name = page.getByRole('dialog', { name: 'Add an organisation' }).getByLabel('Organisation')
  await name.fill('Northwind')
  await device.closeWindow()
  await expect(question(page)).toContainText('Discard what you typed?')
  await button(question(page), 'Keep editing').click()
  await expect(question(page)).toBeHidden()
  await expect(name).toHaveValue('Northwind')
  await device.closeWindow()
  const closed = page.waitForEvent('close')
  await button(question(page), 'Discard').click()
  await closed
})

test('somebody without a site can reach their account and sign out, and comes to a site once they are given one', async ({
  server,
  computer,
}) => {
  await server.sql(
    `WITH org AS (SELECT tenant_id, password_hash FROM users WHERE username = 'admin')
     INSERT INTO users (tenant_id, id, username, email, display_name, password_hash)
     SELECT tenant_id, gen_random_uuid(), 'siteless', 'sid@harbour-vale.example', 'Sid Quay', password_hash FROM org`,
  )
  const device = await computer()
  const page = await device.start()
  await device.giveCredentials('siteless')
  await expect(page.getByRole('heading', { name: 'You have no site yet' })).toBeVisible({ timeout: 60_000 })
  await expect(screenOf(page, 'Start')).toContainText('Ask an administrator of Harbour & Vale')
  await lookAt(device, 'no-site')
  await button(screenOf(page, 'Start'), 'Your account').click()
  await expect(screenOf(page, 'Your account')).toContainText('Sid Quay')
  await lookAt(device, 'no-site-account')
  await page.keyboard.press('Control+2')
  await expect(screenOf(page, 'Sync centre')).toBeVisible()
  await page.keyboard.press('Control+1')
  await expect(page.getByRole('heading', { name: 'You have no site yet' })).toBeVisible()
  await signOut(page)
  await device.giveCredentials('siteless')
  await expect(page.getByRole('heading', { name: 'You have no site yet' })).toBeVisible()
  await button(page, 'Check again').click()
  await expect(page.getByText('Checked: nothing has changed yet.')).toBeVisible({ timeout: 60_000 })
  await server.sql(
    `INSERT INTO user_sites (tenant_id, user_id, site_id, role)
     SELECT u.tenant_id, u.id, s.id, 'editor' FROM users u JOIN sites s ON s.tenant_id = u.tenant_id AND s.name = 'Sales'
     WHERE u.username = 'siteless'`,
  )
  await button(page, 'Check again').click()
  await expect(page.getByRole('heading', { name: 'Interactions', exact: true })).toBeVisible({
    timeout: 60_000,
  })
})

test('an admin of an organisation without a site adds one and comes to it', async ({ server, computer }) => {
  await server.sql(
    `UPDATE sites SET active = false WHERE tenant_id = (SELECT id FROM tenants WHERE name = 'Brightmart')`,
  )
  const device = await computer()
  const page = await device.start()
  await device.giveCredentials('outsider')
  await expect(page.getByRole('heading', { name: 'Brightmart has no site in use' })).toBeVisible({
    timeout: 60_000,
  })
  await lookAt(device, 'no-site-admin')
  await button(page, 'Go to Sites').click()
  await button(page, 'Add site').click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name', exact: true }).fill('Pier')
  await button(page.getByRole('dialog'), 'Add').click()
  await expect(page.getByRole('button', { name: 'Site: Pier' })).toBeVisible({ timeout: 60_000 })
  await server.sql(`UPDATE sites SET active = true WHERE name = 'Head office'`)
})

test('how organisations look', async ({ server, cable, computer }) => {
  test.setTimeout(300_000)
  await server.sql(
    `INSERT INTO tenants (id, name, slug, status)
     SELECT gen_random_uuid(), 'Branch office ' || n, 'branch-' || n, CASE WHEN n % 7 = 0 THEN 'suspended' ELSE 'active' END
     FROM generate_series(1, 60) n`,
  )
  const device = await computer()
  const page = await startAsRoot(device)
  const screen = screenOf(page, 'Organisations')
  await expect(screen.getByRole('row')).toHaveCount(26)
  await lookAt(device, 'organisations')
  await button(page, 'Next page').click()
  await expect(screen.getByRole('navigation', { name: 'Pages' })).toContainText('2 of 3')
  await screen.getByRole('searchbox', { name: 'Search organisations' }).fill('nobody at all')
  await expect(screen.getByRole('heading', { name: 'No organisation found' })).toBeVisible()
  await lookAt(device, 'organisations-none-found')
  await button(page, 'Add organisation').click()
  await button(page.getByRole('dialog'), 'Add and invite').click()
  await lookAt(device, 'organisations-add')
  await page.keyboard.press('Escape')
  await openOrganisation(page, 'Brightmart')
  await lookAt(device, 'organisations-one')
  await button(panelOf(page), 'Suspend…').click()
  await lookAt(device, 'organisations-suspend')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^User menu/ }).click()
  await lookAt(device, 'organisations-menu')
  await page.keyboard.press('Escape')
  await enter(page, 'Brightmart')
  await expect(screenOf(page, 'People').getByRole('table')).toContainText('Oscar Bright')
  await lookAt(device, 'entered-people')
  for (const name of ['Settings', 'Audit']) {
    await show(page, name)
    await lookAt(device, `entered-${name.toLowerCase()}`)
  }
  await cable.pull()
  await show(page, 'Organisations')
  await expect(screen.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible({
    timeout: 60_000,
  })
  await lookAt(device, 'organisations-offline')
  await cable.plugIn()
  await expect(screen.getByRole('row').first()).toBeVisible({ timeout: 60_000 })
  await server.sql(`DELETE FROM tenants WHERE slug LIKE 'branch-%'`)
})
