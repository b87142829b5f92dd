import type { Locator, Page } from '@playwright/test'
import { v7 as uuidv7 } from 'uuid'
import { answerLater } from './support/answers.ts'
import { expect, startAs, syncStatus, test, upToDate } from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import type { TestServer } from './support/server.ts'

test.use({ serverOf: 'people-admin' })

const button = (page: Page | Locator, name: string) => page.getByRole('button', { name, exact: true })
const question = (page: Page) => page.getByRole('alertdialog')
const form = (page: Page) => page.getByRole('form', { name: 'Person' })

async function show(page: Page, screen: string): Promise<Locator> {
  await button(page.getByRole('navigation', { name: 'Screens' }), screen).click()
  const region = page.getByRole('region', { name: screen, exact: true })
  await expect(region).toBeVisible()
  return region
}

const personRow = (screen: Locator, name: string) =>
  screen.getByRole('row').filter({ has: screen.page().getByRole('button', { name, exact: true }) })

async function openPerson(screen: Locator, name: string): Promise<Locator> {
  await screen.getByRole('searchbox', { name: 'Search people' }).fill(name)
  await button(screen, name).click()
  await expect(form(screen.page()).getByRole('textbox', { name: 'Name', exact: true })).toHaveValue(name)
  return form(screen.page())
}

async function savePerson(page: Page): Promise<void> {
  await button(form(page), 'Save Ctrl S')
    .or(button(form(page), 'Save'))
    .click()
  await expect(form(page).getByRole('status', { name: 'Form status' })).toHaveText('Saved')
}

/** Gives somebody who was invited the password of the demo, as the code in their mail lets them. */
const choosePassword = (server: TestServer, username: string) =>
  server.sql(
    `UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE username = 'admin'),
       password_changed_at = now() + interval '1 second' WHERE username = $1`,
    [username],
  )

/** People by the thousand, in the organisation of the demo, all in Marketing and some in more. */
async function addMany(server: TestServer, first: number, last: number): Promise<void> {
  await server.sql(
    `WITH org AS (SELECT tenant_id, password_hash FROM users WHERE username = 'admin'),
       added AS (
         INSERT INTO users (tenant_id, id, username, email, display_name, password_hash, active, last_login_at)
         SELECT tenant_id, gen_random_uuid(), 'p' || n, 'p' || n || '@harbour-vale.example',
           (ARRAY['Ana','Ben','Cleo','Dilan','Eva','Finn','Greta','Hugo','Ines','Jonas'])[1 + n % 10] || ' ' ||
           (ARRAY['Adler','Brandt','Castro','Dvořák','Ekström','Fischer','García'])[1 + n % 7] || ' ' || n,
           password_hash, n % 40 <> 0, now() - n * interval '1 hour'
         FROM org, generate_series($1::int, $2::int) n
         RETURNING tenant_id, id
       )
     INSERT INTO user_sites (tenant_id, user_id, site_id, role)
     SELECT a.tenant_id, a.id, s.id, 'editor' FROM added a
     JOIN sites s ON s.tenant_id = a.tenant_id AND (s.name = 'Marketing' OR (s.name = 'Sales' AND a.id::text < '4'))`,
    [first, last],
  )
}

test('a person is added by keyboard alone, invited, changed and disabled, and their device signed out', async ({
  server,
  computer,
}) => {
  test.setTimeout(240_000)
  const page = await startAs(await computer(), 'admin', 'Marketing')
  const screen = await show(page, 'People')
  await screen.getByRole('searchbox', { name: 'Search people' }).fill('paula')
  await button(page, 'Add person').focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Add a person' })
  await expect(dialog.getByRole('textbox', { name: 'Name', exact: true })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('alert').first()).toHaveText('Is required')
  await expect(dialog.getByText('Give at least one site')).toBeVisible()
  await expect(dialog.getByRole('textbox', { name: 'Name', exact: true })).toBeFocused()
  await page.keyboard.type('Paula García')
  await page.keyboard.press('Tab')
  await page.keyboard.type('editor')
  await page.keyboard.press('Tab')
  await page.keyboard.type('paula@harbour-vale.example')
  await page.keyboard.press('Tab')
  await expect(dialog.getByRole('combobox', { name: 'Add a site' })).toBeFocused()
  await page.keyboard.press('Enter')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('list', { name: 'Sites of the person' }).getByRole('listitem')).toHaveCount(1)
  await dialog.getByRole('checkbox', { name: 'Agent' }).focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Enter')
  // The name is taken: said where it belongs, and nothing is lost.
  const username = dialog.getByRole('textbox', { name: 'User name' })
  await expect(username).toBeFocused()
  await expect(username).toHaveAttribute('aria-invalid', 'true')
  await expect(dialog.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('Paula García')
  await page.keyboard.press('Escape')
  await expect(question(page)).toContainText('Discard what you typed?')
  await expect(button(question(page), 'Keep editing')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(question(page)).toBeHidden()
  await username.fill('paula')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(page.getByText('An invitation is on its way to paula@harbour-vale.example.')).toBeVisible()
  await expect(personRow(screen, 'Paula García')).toContainText('Invited')
  await expect(form(page).getByRole('textbox', { name: 'User name' })).toHaveValue('paula')
  await button(page, 'Invite again…').click()
  await expect(question(page)).toContainText('paula@harbour-vale.example')
  await button(question(page), 'Invite again').click()
  await expect(page.getByText('Another invitation is on its way')).toBeVisible()

  await choosePassword(server, 'paula')
  const theirs = await computer()
  const theirPage = await startAs(theirs, 'paula')
  await expect(theirPage.getByRole('button', { name: /^Site: / })).toContainText('Marketing')
  await expect(button(theirPage, 'People')).toBeHidden()

  // Another role in their site, and another site.
  await form(page).getByLabel('Role in Marketing').selectOption('viewer')
  await form(page).getByLabel('Add a site').selectOption('Sales')
  await form(page).getByRole('checkbox', { name: 'Team leader' }).check()
  await button(page, 'Finder').click()
  await expect(question(page)).toContainText('Save your changes?')
  await button(question(page), 'Keep editing').click()
  await savePerson(page)
  await expect(personRow(screen, 'Paula García')).toContainText('Active')
  await expect(personRow(screen, 'Paula García')).toContainText('Marketing, Sales')
  await theirPage.reload()
  await expect(button(theirPage, 'New')).toBeHidden({ timeout: 60_000 })
  await expect(button(theirPage, 'People')).toBeVisible({ timeout: 60_000 })

  await button(page, 'Disable…').click()
  await expect(question(page)).toContainText('signed out everywhere')
  await button(question(page), 'Disable').click()
  await expect(personRow(screen, 'Paula García')).toContainText('Disabled')
  await button(theirPage, 'Finder').click()
  await expect(
    theirPage.getByRole('button', { name: 'Sign in' }).or(syncStatus(theirPage).getByText('Sign in')).first(),
  ).toBeVisible({ timeout: 60_000 })
  await button(page, 'Enable…').click()
  await button(question(page), 'Enable').click()
  await expect(personRow(screen, 'Paula García')).toContainText('Active')
})

test('refusals stand beside what they are about, and what somebody else changed meanwhile is not undone', async ({
  server,
  computer,
}) => {
  const page = await startAs(await computer(), 'admin', 'Marketing')
  const screen = await show(page, 'People')
  const person = await openPerson(screen, 'Ada Harbour')
  await person.getByRole('checkbox', { name: 'Organisation admin' }).uncheck()
  await expect(person.getByText('You take the rights of an admin from yourself')).toBeVisible()
  await page.keyboard.press('Control+s')
  await expect(person.getByText('This is the only admin of the organisation.')).toBeVisible()
  await person.getByRole('checkbox', { name: 'Organisation admin' }).check()
  await expect(button(person, 'Disable…')).toBeHidden()

  await openPerson(screen, 'Victor Lane')
  await person.getByRole('button', { name: 'Remove Marketing' }).click()
  await page.keyboard.press('Control+s')
  await expect(person.getByText('Give at least one site')).toBeVisible()
  await expect(person.getByLabel('Add a site')).toBeFocused()
  await person.getByLabel('Add a site').selectOption('Support')
  await person.getByRole('textbox', { name: 'E-mail' }).fill('editor@harbour-vale.example')
  await page.keyboard.press('Control+s')
  await expect(person.getByRole('textbox', { name: 'E-mail' })).toHaveAttribute('aria-invalid', 'true')
  await expect(person.getByLabel('Role in Support')).toBeVisible()
  await person.getByRole('textbox', { name: 'E-mail' }).fill('vic@harbour-vale.example')

  await server.sql(
    `UPDATE users SET display_name = 'Victor Lane-Pier', version = version + 1 WHERE username = 'viewer'`,
  )
  await page.keyboard.press('Control+s')
  await expect(person.getByText('Somebody else has just changed the name here.')).toBeVisible()
  await expect(person.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('Victor Lane-Pier')
  await expect(person.getByRole('textbox', { name: 'E-mail' })).toHaveValue('vic@harbour-vale.example')
  await savePerson(page)
  const [kept] = await server.sql<{ display_name: string; email: string; sites: string }>(
    `SELECT u.display_name, u.email,
     (SELECT string_agg(s.name, ', ') FROM user_sites m JOIN sites s ON s.id = m.site_id WHERE m.user_id = u.id) AS sites
   FROM users u WHERE u.username = 'viewer'`,
  )
  expect(kept).toEqual({
    display_name: 'Victor Lane-Pier',
    email: 'vic@harbour-vale.example',
    sites: 'Support',
  })
})

test('those who lead a team see who is in it, and do nothing; a site’s administrators look after its people', async ({
  server,
  computer,
}) => {
  await server.sql(
    `UPDATE user_sites SET role = 'administrator'
   WHERE user_id = (SELECT id FROM users WHERE username = 'leader')`,
  )
  await server.sql(
    `WITH led AS (
       INSERT INTO teams (tenant_id, id, name, level, leader_id)
       SELECT tenant_id, gen_random_uuid(), 'Harbour streets', 'team', id FROM users WHERE username = 'leader'
       RETURNING tenant_id, id
     )
     INSERT INTO user_teams (tenant_id, team_id, user_id)
     SELECT tenant_id, led.id, u.id FROM led JOIN users u USING (tenant_id) WHERE username = 'agent'`,
  )
  const page = await startAs(await computer(), 'leader')
  const people = await show(page, 'People')
  await expect(button(page, 'Add person')).toBeHidden()
  await expect(button(people.getByRole('table'), 'Agnes Pier')).toBeVisible()
  await expect(button(people.getByRole('table'), 'Edith Vale')).toBeHidden()
  await button(people.getByRole('table'), 'Agnes Pier').click()
  const card = page.getByRole('complementary', { name: 'Person' })
  await expect(card.getByRole('heading', { name: 'Agnes Pier' })).toBeVisible()
  await expect(card.getByRole('textbox')).toBeHidden()

  const sites = await show(page, 'Sites')
  await expect(button(page, 'Add site')).toBeHidden()
  await expect(sites.getByRole('row')).toHaveCount(2)
  await button(sites, 'Sales').click()
  const panel = page.getByRole('complementary', { name: 'Site' })
  await expect(panel.getByRole('list', { name: 'People of Sales' })).toContainText('Leo Quay')
  await expect(panel.getByRole('textbox', { name: 'Name', exact: true })).toBeHidden()
  await panel.getByRole('combobox', { name: 'Add somebody' }).fill('edi')
  await page.getByRole('option', { name: 'Edith Vale' }).click()
  await panel.getByLabel('Role of the person added').selectOption('viewer')
  await button(panel, 'Add').click()
  await expect(page.getByText('Edith Vale is a viewer in Sales.')).toBeVisible()
  await expect(panel.getByLabel('Role of Edith Vale')).toHaveValue('viewer')
})

test('the keyboard goes on where a dialog was opened, or beside it where that is gone', async ({
  server,
  computer,
}) => {
  await server.sql(
    `WITH added AS (
       INSERT INTO users (tenant_id, id, username, email, display_name, password_hash)
       SELECT tenant_id, gen_random_uuid(), 'quinn', 'quinn@harbour-vale.example', 'Quinn Rowe', password_hash
       FROM users WHERE username = 'admin' RETURNING tenant_id, id
     )
     INSERT INTO user_sites (tenant_id, user_id, site_id, role)
     SELECT a.tenant_id, a.id, s.id, 'viewer' FROM added a JOIN sites s USING (tenant_id) WHERE s.name = 'Support'`,
  )
  const device = await computer()
  const page = await startAs(device, 'admin', 'Marketing')
  const press = async (target: Locator) => {
    await target.focus()
    await page.keyboard.press('Enter')
  }
  const dialog = page.getByRole('dialog')
  const focusedHeading = (place: Locator) => place.getByRole('heading').and(page.locator(':focus'))

  // A dialog: by Esc, by its button, and after the question about what is typed.
  const screen = await show(page, 'People')
  const addPerson = button(page, 'Add person')
  await press(addPerson)
  await page.keyboard.press('Escape')
  await expect(addPerson).toBeFocused()
  await press(addPerson)
  await button(dialog, 'Cancel').click()
  await expect(addPerson).toBeFocused()
  await press(addPerson)
  await page.keyboard.type('Zo')
  await page.keyboard.press('Escape')
  await expect(button(question(page), 'Keep editing')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(dialog.getByRole('textbox', { name: 'Name', exact: true })).toBeFocused()
  await page.keyboard.press('Escape')
  await button(question(page), 'Discard').click()
  await expect(addPerson).toBeFocused()

  // A question, of which the answer takes the button away.
  const person = await openPerson(screen, 'Quinn Rowe')
  await press(button(person, 'Disable…'))
  await expect(button(question(page), 'Cancel')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(button(person, 'Disable…')).toBeFocused()
  await press(button(person, 'Disable…'))
  await button(question(page), 'Disable').focus()
  await page.keyboard.press('Enter')
  await expect(button(person, 'Enable…')).toBeVisible()
  await expect(focusedHeading(page.getByRole('complementary', { name: 'Person' }))).toHaveCount(1)

  // One that takes the row away.
  const sites = await show(page, 'Sites')
  await button(sites, 'Support').click()
  const panel = page.getByRole('complementary', { name: 'Site' })
  await press(button(panel, 'Remove Quinn Rowe'))
  await button(question(page), 'Remove').focus()
  await page.keyboard.press('Enter')
  await expect(button(panel, 'Remove Quinn Rowe')).toBeHidden()
  await expect(focusedHeading(panel)).toHaveText(/^People/)

  // What a menu or the palette opens.
  const types = await show(page, 'Interaction types')
  await button(page, 'Add type').click()
  await page.keyboard.type('Fair')
  await page.keyboard.press('Enter')
  const more = button(types, 'More for Fair')
  for (const deed of ['Rename…', 'Delete…']) {
    await press(more)
    await page.getByRole('menuitem', { name: deed }).click()
    await expect(dialog.or(question(page))).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(more).toBeFocused()
  }
  await press(more)
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await button(question(page), 'Delete').click()
  await expect(more).toBeHidden()
  await expect(types.getByRole('heading', { name: 'Interaction types' })).toBeFocused()
  await show(page, 'Sites')
  const addSite = button(page, 'Add site')
  for (const keys of ['Control+k', 'F1']) {
    await addSite.focus()
    await page.keyboard.press(keys)
    await expect(dialog).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(addSite).toBeFocused()
  }
  await page.keyboard.press('Control+k')
  await page.keyboard.type('add a site')
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('textbox', { name: 'Name', exact: true })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(addSite).toBeFocused()

  // While it is being sent there is nothing to discard: closing waits for the answer.
  const release = await answerLater(device, 'sites.add', {
    site: { id: uuidv7(), name: 'Quay', description: null, settings: {}, active: true, version: 1 },
  })
  await press(addSite)
  await page.keyboard.type('Quay')
  await page.keyboard.press('Enter')
  await expect(button(dialog, 'Add')).toBeDisabled()
  await expect(button(dialog, 'Cancel')).toBeDisabled()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeVisible()
  await expect(question(page)).toBeHidden()
  await release()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('Quay is added.')).toBeVisible()
})

test('a site is added and given, renamed, and taken out of use', async ({ server, computer }) => {
  const page = await startAs(await computer(), 'admin', 'Marketing')
  const screen = await show(page, 'Sites')
  await button(page, 'Add site').click()
  const dialog = page.getByRole('dialog', { name: 'Add a site' })
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('sales')
  await button(dialog, 'Add').click()
  await expect(dialog.getByRole('alert')).toBeVisible()
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('Trade fairs')
  await button(dialog, 'Add').click()
  const panel = page.getByRole('complementary', { name: 'Site' })
  await expect(panel.getByRole('heading', { name: 'Trade fairs' })).toBeVisible()
  await panel.getByRole('combobox', { name: 'Add somebody' }).fill('agnes')
  await page.getByRole('option', { name: /Agnes Pier/ }).click()
  await button(panel, 'Add').click()
  await expect(panel.getByLabel('Role of Agnes Pier')).toHaveValue('editor')
  await panel.getByLabel('Role of Agnes Pier').selectOption('administrator')
  await expect(page.getByText('Agnes Pier is an administrator in Trade fairs.')).toBeVisible()
  const agent = await server.signIn('agent')
  expect(agent.session.user.sites.map(({ name, role }) => `${name}: ${role}`)).toContain(
    'Trade fairs: administrator',
  )

  await panel.getByRole('textbox', { name: 'Name', exact: true }).fill('Fairs')
  await page.keyboard.press('Control+s')
  await expect(panel.getByRole('status', { name: 'Form status' })).toHaveText('Saved')
  await expect(screen.getByRole('row', { name: /^Fairs/ })).toContainText('In use')
  await expect(page.getByRole('button', { name: /^Site: / })).toContainText('Marketing')
  await button(panel, 'Take out of use…').click()
  await button(question(page), 'Take out of use').click()
  await expect(screen.getByRole('row', { name: /^Fairs/ })).toContainText('Out of use')
  await button(panel, 'Use again…').click()
  await button(question(page), 'Use again').click()
  await expect(screen.getByRole('row', { name: /^Fairs/ })).toContainText('In use')
  await button(panel, 'Remove Agnes Pier').click()
  await button(question(page), 'Remove').click()
  await expect(panel.getByText('Nobody yet but the admins of the organisation.')).toBeVisible()
})

test('among ten thousand people one is found at once, and a page at a time is read', async ({
  server,
  computer,
}) => {
  test.setTimeout(300_000)
  await addMany(server, 1, 10_000)
  const page = await startAs(await computer(), 'admin', 'Marketing')
  const screen = await show(page, 'People')
  await expect(screen.getByText(/^10,\d\d\d people$/)).toBeVisible()
  await expect(screen.getByRole('row')).toHaveCount(26)
  await screen.getByRole('searchbox', { name: 'Search people' }).fill('garcia 6544')
  await page.keyboard.press('Enter')
  await expect(screen.getByText('1 found')).toBeVisible()
  await expect(screen.getByRole('row').nth(1)).toContainText('García 6544')
  await screen.getByRole('searchbox', { name: 'Search people' }).fill('')
  await page.keyboard.press('Enter')
  await screen.getByLabel('Status').selectOption('Disabled')
  await expect(screen.getByText(/^25\d found$/)).toBeVisible()
  await button(screen, 'Next page').click()
  await expect(screen.getByText('2 of 11').or(screen.getByText('2 of 10'))).toBeVisible()
  await button(screen, 'Clear filters').click()
  await button(screen, 'Last sign-in').click()
  await expect(screen.getByRole('columnheader', { name: 'Last sign-in' })).toHaveAttribute(
    'aria-sort',
    'descending',
  )
  await expect(screen.getByText(/^1 of 4\d\d$/)).toBeVisible()
})

test('the screens in their states', async ({ server, cable, computer }) => {
  test.setTimeout(600_000)
  const device = await computer()
  const page = await startAs(device, 'admin', 'Marketing')
  await server.sql(`UPDATE users SET invited_at = now() + interval '1 second' WHERE username = 'agent'`)
  await addMany(server, 20_001, 20_300)
  const screen = await show(page, 'People')
  await expect(screen.getByRole('row')).toHaveCount(26)
  await lookAt(device, 'people')
  await button(page, 'Add person').click()
  const dialog = page.getByRole('dialog', { name: 'Add a person' })
  await dialog.getByLabel('Add a site').selectOption('Sales')
  await button(dialog, 'Add and invite').click()
  await expect(dialog.getByText('Is required').first()).toBeVisible()
  await lookAt(device, 'people-add')
  await page.keyboard.press('Escape')
  await lookAt(device, 'people-add-discard')
  await button(question(page), 'Discard').click()
  const person = await openPerson(screen, 'Agnes Pier')
  await lookAt(device, 'people-person')
  await person.getByText('Account').scrollIntoViewIfNeeded()
  await person.evaluate((element) => element.querySelector('.overflow-y-auto')!.scrollTo(0, 10_000))
  await lookAt(device, 'people-person-account')
  await button(person, 'Disable…').click()
  await lookAt(device, 'people-disable')
  await page.keyboard.press('Escape')
  await screen.getByRole('searchbox', { name: 'Search people' }).fill('nobody of this name')
  await expect(screen.getByRole('heading', { name: 'Nobody found' })).toBeVisible()
  await lookAt(device, 'people-nobody-found')

  const sites = await show(page, 'Sites')
  await expect(sites.getByRole('row')).not.toHaveCount(0)
  await lookAt(device, 'sites')
  await button(page, 'Add site').click()
  await lookAt(device, 'sites-add')
  await page.keyboard.press('Escape')
  await button(sites, 'Marketing').click()
  const panel = page.getByRole('complementary', { name: 'Site' })
  await expect(panel.getByRole('list', { name: 'People of Marketing' })).toBeVisible()
  await lookAt(device, 'sites-site')
  await button(panel, 'Take out of use…').click()
  await lookAt(device, 'sites-take-out')
  await page.keyboard.press('Escape')
  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await expect(sites.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
  await lookAt(device, 'sites-offline')
  await show(page, 'People')
  await expect(page.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
  await lookAt(device, 'people-offline')
  await cable.plugIn()
  await upToDate(page)
})
