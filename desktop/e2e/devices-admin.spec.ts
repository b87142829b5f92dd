import type { Locator, Page } from '@playwright/test'
import { parse } from 'csv-parse/sync'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addInteraction, expect, meeting, startAs, syncStatus, test, upToDate } from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import { mailedCode } from './support/mailed-code.ts'
import type { TestServer } from './support/server.ts'
import { chooseFile } from './support/sync-centre.ts'

test.use({ serverOf: 'devices-admin' })

const newPassword = 'Lantern.Quay 47'
const button = (page: Page | Locator, name: string) => page.getByRole('button', { name, exact: true })
const question = (page: Page) => page.getByRole('alertdialog')
const found = (screen: Locator) => screen.getByRole('status').first()
const dataRows = (screen: Locator) => screen.getByRole('table', { name: 'Devices' }).getByRole('row')
const rowOf = (screen: Locator, ...words: string[]) =>
  words.reduce((rows, hasText) => rows.filter({ hasText }), dataRows(screen))

async function show(page: Page, screen: string): Promise<Locator> {
  await button(page.getByRole('navigation', { name: 'Screens' }), screen).click()
  const region = page.getByRole('region', { name: screen, exact: true })
  await expect(region).toBeVisible()
  return region
}

async function search(screen: Locator, text: string): Promise<void> {
  await screen.getByRole('searchbox').fill(text)
  await screen.page().keyboard.press('Enter')
}

/** People by the thousand in the organisation of the demo, each with a device or two, some long unseen or stuck. */
const addMany = (server: TestServer, people: number) =>
  server.sql(
    `WITH added AS (
       INSERT INTO users (tenant_id, id, username, email, display_name)
       SELECT tenant_id, gen_random_uuid(), 'd' || n, 'd' || n || '@harbour-vale.example',
         (ARRAY['Ana','Ben','Cleo','Dilan','Eva','Finn','Greta','Hugo','Ines','Jonas'])[1 + n % 10] || ' ' ||
         (ARRAY['Adler','Brandt','Castro','Dvořák','Ekström','Fischer','García'])[1 + n % 7] || ' ' || n
       FROM users, generate_series(1, $1::int) n WHERE username = 'admin'
       RETURNING tenant_id, id, substr(username, 2)::int AS n
     )
     INSERT INTO sessions (tenant_id, id, user_id, device_name, token_hash, lifetime, expires_at, created_at,
       last_used_at, reported_at, app_version, platform, waiting, oldest_waiting_at, last_error, last_error_at)
     SELECT tenant_id, gen_random_uuid(), id,
       CASE WHEN kind = 2 THEN 'iPad of the depot ' || n
            WHEN n % 9 = 0 THEN 'HV-NOTEBOOK-WITH-A-NAME-THAT-IS-LONGER-THAN-ITS-COLUMN-' || n ELSE 'HV-LAPTOP-' || n END,
       '', interval '30 days', now() + CASE WHEN n % 25 = 15 THEN interval '-5 days' ELSE interval '25 days' END,
       now() - interval '50 days', now() - CASE WHEN n % 25 = 15 THEN interval '35 days' ELSE n * interval '1 minute' END,
       now() - n * interval '1 minute', CASE WHEN n % 3 = 0 THEN '0.9.12' ELSE '1.0.0' END,
       CASE WHEN n % 4 = 0 THEN 'macOS 15.1' ELSE 'Windows 10.0.26100' END,
       CASE WHEN n % 20 = 0 THEN n / 20 ELSE 0 END, CASE WHEN n % 20 = 0 THEN now() - n * interval '3 hours' END,
       CASE WHEN n % 30 = 0 THEN 'STORAGE_UNWRITABLE' WHEN n % 20 = 0 THEN 'INTERNAL_ERROR' END,
       CASE WHEN n % 30 = 0 OR n % 20 = 0 THEN now() - n * interval '1 hour' END
     FROM added, generate_series(1, 2) kind WHERE kind = 1 OR n % 5 = 0`,
    [people],
  )

test('a lost device is found and signed out; what it had not sent is kept, and goes out after another password', async ({
  server,
  cable,
  otherCable,
  computer,
}) => {
  test.setTimeout(240_000)
  const lost = await computer(cable.url)
  const theirs = await startAs(lost, 'editor', 'Marketing')
  const device = await computer(otherCable.url)
  const page = await startAs(device, 'admin', 'Marketing')
  await expect(button(theirs, 'Devices')).toBeHidden()
  const screen = await show(page, 'Devices')
  const own = rowOf(screen, 'Ada Harbour', 'This device')
  await expect(own).toContainText(/\d+\.\d+\.\d+/)
  await expect(own.getByRole('button')).toBeHidden()
  await search(screen, 'edith')
  await expect(found(screen)).toHaveText('1 found')
  const row = rowOf(screen, 'Edith Vale')
  await expect(row).toContainText('Linux')
  await expect(row).toContainText('Nothing')

  await cable.pull()
  await addInteraction(theirs, 'Regatta, written on the lost laptop')
  await row.getByRole('button', { name: /^Sign out .* of Edith Vale…$/ }).click()
  await expect(question(page)).toContainText(
    'is kept on it, encrypted, and goes out once Edith Vale signs in',
  )
  await expect(button(question(page), 'Cancel')).toBeFocused()
  await lookAt(device, 'devices-sign-out')
  await page.keyboard.press('Escape')
  await expect(dataRows(screen)).toHaveCount(2)
  await row.getByRole('button').click()
  await button(question(page), 'Sign out').click()
  await expect(page.getByText(/ of Edith Vale is signed out\.$/)).toBeVisible()
  await expect(screen.getByRole('heading', { name: 'No device found' })).toBeVisible()

  await cable.plugIn()
  await expect(theirs.getByText('You have been signed out of the server.')).toBeVisible({ timeout: 60_000 })
  await expect(syncStatus(theirs)).toHaveText(/1 waiting$/)
  const admin = await server.signIn('admin')
  expect(await admin.count('Marketing', 'regatta')).toBe(0)

  // They do not know their password either.
  await button(theirs, 'Sign in again').click()
  const dialog = theirs.getByRole('dialog', { name: 'Sign in again' })
  await lookAt(lost, 'sign-in-again')
  await button(dialog, 'Forgot your password?').click()
  const forgot = theirs.getByRole('dialog', { name: 'Forgot your password?' })
  await expect(forgot.getByRole('textbox', { name: 'User name or e-mail' })).toHaveValue('editor')
  await lookAt(lost, 'sign-in-again-forgot')
  await button(forgot, 'Back to sign in').click()
  await button(dialog, 'Forgot your password?').click()
  await button(forgot, 'Send me a code').click()
  const choose = theirs.getByRole('dialog', { name: 'Choose a new password' })
  await expect(choose.getByText('If there is an account for “editor”')).toBeVisible()
  await choose.getByLabel('Code from the mail').fill(await mailedCode(server, 'editor'))
  await choose.getByLabel('New password', { exact: true }).fill(newPassword)
  await lookAt(lost, 'sign-in-again-choose')
  await button(choose, 'Set the password').click()
  await expect(dialog.getByText('Your password is changed. Sign in with the new one.')).toBeVisible()
  await dialog.getByLabel('Password', { exact: true }).fill(newPassword)
  await button(dialog, 'Sign in').click()
  await expect(dialog).toBeHidden()
  await upToDate(theirs)
  expect(await admin.count('Marketing', 'regatta')).toBe(1)

  const audit = await show(page, 'Audit')
  await expect(audit.getByRole('row').filter({ hasText: 'Signed a device out' })).toBeVisible()
  await server.sql(
    `UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE username = 'admin') WHERE username = 'editor'`,
  )
})

test('among the devices of ten thousand people one is found at once, and a page at a time is read', async ({
  server,
  cable,
  computer,
}) => {
  test.setTimeout(300_000)
  await addMany(server, 10_000)
  const device = await computer()
  const page = await startAs(device, 'admin', 'Marketing')
  const began = Date.now()
  const screen = await show(page, 'Devices')
  await expect(dataRows(screen)).toHaveCount(26)
  expect(Date.now() - began, 'it opens while somebody waits for it').toBeLessThan(5_000)
  await expect(found(screen)).toHaveText(/^12,0\d\d devices$/)
  await lookAt(device, 'devices')
  await search(screen, 'garcia 6544')
  await expect(found(screen)).toHaveText('1 found')
  await expect(dataRows(screen).nth(1)).toContainText('García 6544')
  await search(screen, 'depot 6545')
  await expect(dataRows(screen).nth(1)).toContainText('iPad of the depot 6545')
  await search(screen, '')
  await expect(dataRows(screen)).toHaveCount(26)

  await screen.getByLabel('Devices', { exact: true }).selectOption('With unsent work')
  await expect(found(screen)).toHaveText('1,000 found')
  await button(screen, 'Not sent').click()
  await expect(screen.getByRole('columnheader', { name: 'Not sent' })).toHaveAttribute(
    'aria-sort',
    'ascending',
  )
  await expect(dataRows(screen).nth(1)).toContainText('500 edits')
  await lookAt(device, 'devices-waiting')
  await dataRows(screen).nth(1).getByRole('button').click()
  await expect(question(page)).toContainText('500 edits had not been sent when it last told')
  await lookAt(device, 'devices-sign-out-waiting')
  await page.keyboard.press('Escape')
  await button(screen, 'Next page').click()
  await expect(screen.getByText('2 of 40')).toBeVisible()
  await screen.getByLabel('Devices', { exact: true }).selectOption('Not seen for 7 days')
  await expect(found(screen)).toHaveText('800 found')
  await expect(dataRows(screen).nth(1)).toContainText('Signed out by itself')
  await lookAt(device, 'devices-unseen')
  await search(screen, 'nobody of this name')
  await expect(screen.getByRole('heading', { name: 'No device found' })).toBeVisible()
  await lookAt(device, 'devices-nothing')
  await button(screen, 'Clear filter').first().click()
  await expect(screen.getByText('No device or person fits this search.')).toBeVisible()

  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await expect(screen.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
  await lookAt(device, 'devices-offline')
  await cable.plugIn()
  await expect(screen.getByText('No device or person fits this search.')).toBeVisible({ timeout: 60_000 })
  await device.app.evaluate(({ ipcMain }) => {
    const problem = { code: 'INTERNAL_ERROR', message: 'It failed.', reference: '4711', details: [] }
    ipcMain.removeHandler('devices.list')
    ipcMain.handle('devices.list', () => ({ ok: false, problem }))
  })
  await show(page, 'Audit')
  await show(page, 'Devices')
  await expect(screen.getByRole('alert')).toContainText('Reference 4711')
  await lookAt(device, 'devices-failed')
})

test('the last page gives way to the one before it once it is empty, and in a narrow window there are fewer columns', async ({
  server,
  computer,
}) => {
  await server.sql(
    `INSERT INTO sessions (tenant_id, id, user_id, device_name, token_hash, lifetime, expires_at)
     SELECT tenant_id, gen_random_uuid(), id, 'Spare ' || n, '', interval '1 day', now() + interval '1 day'
     FROM users, generate_series(1, 26) n WHERE username = 'viewer'`,
  )
  const device = await computer()
  const page = await startAs(device, 'admin', 'Marketing')
  const screen = await show(page, 'Devices')
  await search(screen, 'spare')
  await expect(found(screen)).toHaveText('26 found')
  await button(screen, 'Next page').click()
  await expect(dataRows(screen)).toHaveCount(2)
  await dataRows(screen).nth(1).getByRole('button').click()
  await button(question(page), 'Sign out').click()
  await expect(found(screen)).toHaveText('25 found')
  await expect(dataRows(screen)).toHaveCount(26)
  await expect(screen.getByRole('navigation', { name: 'Pages' })).toBeHidden()

  const zoom = (factor: number) =>
    device.app.evaluate(
      ({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]!.webContents.setZoomFactor(to),
      factor,
    )
  const errors = screen.getByRole('columnheader', { name: 'Last error' })
  await expect(errors).toBeVisible()
  await zoom(2)
  await expect(errors).toBeHidden()
  await expect(screen.getByRole('columnheader', { name: 'App version' })).toBeHidden()
  await expect(dataRows(screen).nth(1).getByRole('button')).toBeInViewport({ ratio: 1 })
})

test('how long passwords last and devices do without the server is decided for the organisation', async ({
  server,
  cable,
  computer,
}) => {
  test.setTimeout(180_000)
  const device = await computer()
  const page = await startAs(device, 'admin', 'Marketing')
  const screen = await show(page, 'Site settings')
  const days = screen.getByLabel('Passwords have to be changed after so many days')
  const said = screen.getByRole('status', { name: 'Organisation settings' })
  await expect(days).toHaveValue('90')
  await days.fill('a month')
  await page.keyboard.press('Enter')
  await expect(screen.getByRole('alert')).toHaveText('Enter whole days, from 0 for never to 3,650')
  await expect(days).toHaveAttribute('aria-invalid', 'true')
  await days.scrollIntoViewIfNeeded()
  await lookAt(device, 'organisation-settings-problem')
  await page.keyboard.press('Escape')
  await expect(days).toHaveValue('90')
  await expect(screen.getByRole('alert')).toBeHidden()
  await days.fill('30')
  await page.keyboard.press('Enter')
  await expect(said).toHaveText('Saved')
  await expect(days).toBeFocused()
  // Each leaves the other as it is.
  await screen.getByLabel('Archive interactions nobody has changed for').selectOption('5 years')
  await expect(said).toHaveText('Saved')
  const [kept] = await server.sql<{ settings: object }>(
    `SELECT settings FROM tenants t JOIN users u ON u.tenant_id = t.id WHERE u.username = 'admin'`,
  )
  expect(kept!.settings).toEqual({ archiveAfterYears: 5, passwordMaxAgeDays: 30 })
  const offline = screen.getByLabel('Devices open without the server for so many days')
  await expect(offline).toHaveValue('30')
  await offline.fill('400')
  await page.keyboard.press('Enter')
  await expect(screen.getByRole('alert')).toHaveText('Enter whole days, from 1 to 365')
  await offline.fill('3')
  await page.keyboard.press('Enter')
  await expect(said).toHaveText('Saved')
  expect((await server.signIn('agent')).session.user.offlineDays).toBe(3)
  await lookAt(device, 'organisation-settings')

  await server.sql(
    `UPDATE users SET password_changed_at = now() - interval '40 days' WHERE username IN ('viewer', 'agent')`,
  )
  expect((await server.signIn('viewer')).session.user.mustChangePassword).toBe(true)
  await days.fill('0')
  await page.keyboard.press('Tab')
  await expect(said).toHaveText('Saved')
  expect((await server.signIn('agent')).session.user.mustChangePassword).toBe(false)

  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await expect(days).toBeDisabled()
  await expect(days).toHaveValue('0')
})

test('the audit is written into a file as it is narrowed, and tells of that', async ({
  server,
  computer,
}) => {
  await server.sql(`UPDATE users SET display_name = '=1+1 Vale' WHERE username = 'editor'`)
  const editor = await server.signIn('editor')
  await editor.create('Marketing', meeting('At the harbour'))
  const admin = await server.signIn('admin')
  await admin.create('Marketing', meeting('=1+1 at the fair'))
  const device = await computer()
  const page = await startAs(device, 'admin', 'Marketing')
  const screen = await show(page, 'Audit')
  await screen.getByRole('button', { name: /^Filters/ }).click()
  const filters = page.getByRole('dialog', { name: 'Filters' })
  await filters.getByLabel('What').selectOption('Interactions')
  await button(filters, 'Done').click()
  const rows = screen.getByRole('table', { name: 'Entries' }).getByRole('row')
  await expect(rows.filter({ hasNotText: 'interaction' })).toHaveCount(1)
  const file = join(device.folder, 'audit.csv')
  await chooseFile(device, file)
  await button(screen, 'Export as CSV…').click()
  await expect(page.getByText('The audit is exported. It tells of that, too.')).toBeVisible()
  await lookAt(device, 'audit-exported')
  const table = parse<Record<string, string>>(await readFile(file), { bom: true, columns: true })
  expect(table).toHaveLength((await rows.count()) - 1)
  expect(table[0]).toMatchObject({ Who: 'Ada Harbour', Where: 'Marketing', Action: 'interaction.created' })
  // Nothing in it is run as a formula, and nothing is lost.
  expect(table[1]).toMatchObject({ Who: `'=1+1 Vale`, Action: 'interaction.created' })
  expect(JSON.parse(table[0]!.After!)).toMatchObject({ title: '=1+1 at the fair' })
  expect(table.flatMap((row) => Object.values(row)).filter((cell) => /^[=+@]/.test(cell))).toEqual([])
  await screen.getByRole('button', { name: /^Filters/ }).click()
  await filters.getByLabel('What').selectOption('Exports')
  await button(filters, 'Done').click()
  await expect(rows.nth(1)).toContainText('Exported the audit')
})
