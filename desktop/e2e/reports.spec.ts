import type { Locator, Page } from '@playwright/test'
import { expect, startAs, syncStatus, test } from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import type { TestServer } from './support/server.ts'

test.use({ serverOf: 'reports' })

const button = (page: Page | Locator, name: string) => page.getByRole('button', { name, exact: true })
const screenOf = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const show = (page: Page, screen: string) =>
  button(page.getByRole('navigation', { name: 'Screens' }), screen).click()
const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true })
const form = (page: Page) => page.getByRole('form', { name: 'Scheduled report' })
const rows = (page: Page) => page.getByRole('table', { name: 'Scheduled reports' }).getByRole('row')

/** Two surveys, with visits of the last weeks, and some devices that are not well. */
async function addWork(server: TestServer) {
  await server.sql(`
    WITH person AS (SELECT tenant_id, id FROM users WHERE username = 'editor'), survey AS (
      INSERT INTO surveys (tenant_id, id, name, published_number, has_changes)
      SELECT tenant_id, gen_random_uuid(), name, 1, false
      FROM person, (VALUES ('Shelf check of the harbour shops'), ('Opening')) names (name)
      RETURNING tenant_id, id, name
    ), version AS (
      INSERT INTO survey_versions (tenant_id, survey_id, number, id, name, description, questions)
      SELECT tenant_id, id, 1, gen_random_uuid(), name, '', '[]' FROM survey RETURNING tenant_id, survey_id
    )
    INSERT INTO visits (tenant_id, site_id, id, agent_id, survey_id, survey_number, visit_type, status, started_at,
      completed_at, timezone)
    SELECT p.tenant_id, (SELECT id FROM sites s WHERE s.tenant_id = p.tenant_id AND s.name = 'Marketing'),
      gen_random_uuid(), p.id, v.survey_id, 1, 'routine',
      CASE WHEN n <= 60 THEN 'completed' WHEN n <= 70 THEN 'cancelled' ELSE 'in_progress' END,
      now() - n * interval '6 hours', CASE WHEN n <= 60 THEN now() END, 'UTC'
    FROM person p, version v JOIN survey USING (tenant_id), generate_series(1, 80) n
    WHERE survey.id = v.survey_id AND survey.name LIKE 'Shelf%'`)
  await server.sql(`
    INSERT INTO sessions (tenant_id, id, user_id, device_name, token_hash, lifetime, expires_at, last_used_at, reported_at,
      app_version, platform, waiting, oldest_waiting_at, last_error, last_error_at)
    SELECT tenant_id, gen_random_uuid(), id, 'HV-LAPTOP-' || n, '', interval '30 days', now() + interval '20 days',
      now() - n * interval '6 hours', now(), CASE WHEN n % 3 = 0 THEN '0.9.12' ELSE '1.0.0' END,
      CASE WHEN n % 4 = 0 THEN 'macOS 15.1' ELSE 'Windows 10.0.26100' END, CASE WHEN n % 8 = 0 THEN n ELSE 0 END,
      CASE WHEN n % 8 = 0 THEN now() - n * interval '5 hours' END,
      CASE WHEN n % 10 = 0 THEN 'STORAGE_UNWRITABLE' END, CASE WHEN n % 10 = 0 THEN now() - n * interval '6 hours' END
    FROM users, generate_series(1, 40) n WHERE username = 'editor'`)
}

test('a report is looked at, scheduled, mailed at once, paused and deleted; a leader has their own', async ({
  server,
  cable,
  computer,
}) => {
  await addWork(server)
  const device = await computer()
  const page = await startAs(device, 'admin', 'Marketing')
  await show(page, 'Reports')
  const surveys = screenOf(page, 'Reports').getByRole('table', { name: 'Surveys' })
  const shelf = surveys.getByRole('row').filter({ hasText: 'Shelf check of' })
  await expect(shelf).toContainText('75%')
  await expect(shelf.getByRole('cell').nth(1)).toHaveText('80')
  await lookAt(device, 'reports-surveys')
  await page.getByRole('combobox', { name: 'Days' }).selectOption('Last 7 days')
  await expect(shelf).toContainText('100%')

  await tab(page, 'Devices').click()
  const figures = page.getByRole('list', { name: 'Devices' })
  const waiting = figures.getByRole('button', { name: 'With unsent work: 5. Show them' })
  await expect(figures).toContainText('120 edits')
  await lookAt(device, 'reports-devices')
  await waiting.click()
  await expect(page.getByRole('combobox', { name: 'Devices' })).toHaveValue('waiting')
  await expect(screenOf(page, 'Devices').getByText('5 found')).toBeVisible()

  await show(page, 'Reports')
  await tab(page, 'Scheduled reports').click()
  await expect(page.getByRole('heading', { name: 'No report is scheduled yet' })).toBeVisible()
  await lookAt(device, 'reports-none')
  await button(page, 'Schedule report').first().click()
  await button(form(page), 'Schedule').click()
  await expect(form(page).getByText('Is required')).toBeVisible()
  await form(page).getByRole('textbox', { name: 'Name' }).fill('Visits of the week')
  await form(page).getByRole('combobox', { name: 'Report' }).selectOption('Survey completion')
  await form(page).getByRole('combobox', { name: 'At' }).selectOption('18:00')
  await form(page).getByRole('searchbox', { name: 'Goes to' }).fill('edith')
  await form(page).getByRole('button', { name: 'Edith Vale' }).click()
  await lookAt(device, 'reports-schedule')
  await page.keyboard.press('Control+s')
  await expect(page.getByText('Visits of the week is scheduled.')).toBeVisible()
  await expect(rows(page).filter({ hasText: 'Every Monday at 18:00' })).toContainText('Edith Vale')

  await button(form(page), 'Send now').click()
  await expect(page.getByText(/is on its way to Ada Harbour and Edith Vale\.$/)).toBeVisible()
  await expect(rows(page).nth(1)).toContainText('Last')
  await expect
    .poll(async () => (await server.mailsTo('editor@harbour-vale.example')).join(), { timeout: 30_000 })
    .toContain('Visits of the week')

  await form(page).getByRole('checkbox', { name: 'Send it by itself' }).uncheck()
  await button(form(page), 'Save').click()
  await expect(rows(page).nth(1)).toContainText('Paused')
  await server.sql(
    `UPDATE report_schedules SET last_problem = 'Not sent to Edith Vale, who cannot sign in any more.'`,
  )
  await page.keyboard.press('Escape')
  await tab(page, 'Devices').click()
  await tab(page, 'Scheduled reports').click()
  await rows(page).nth(1).getByRole('button').click()
  await expect(form(page).getByText('Not sent to Edith Vale')).toBeVisible()
  await lookAt(device, 'reports-paused')
  await button(form(page), 'Delete…').click()
  await button(page.getByRole('alertdialog'), 'Delete').click()
  await expect(page.getByText('Visits of the week is deleted.')).toBeVisible()

  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await tab(page, 'Survey completion').click()
  await expect(page.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
  await cable.plugIn()
  await expect(shelf).toBeVisible({ timeout: 60_000 })

  const leader = await startAs(await computer(), 'leader')
  await show(leader, 'Reports')
  await expect(leader.getByRole('tab')).toHaveCount(0)
  await expect(leader.getByRole('heading', { name: 'No report is scheduled yet' })).toBeVisible()
  await button(leader, 'Schedule report').first().click()
  await expect(form(leader).getByRole('combobox', { name: 'Report' }).getByRole('option')).toHaveCount(4)
})
