import type { Locator, Page } from '@playwright/test'
import { expect, startAs, syncStatus, test } from './support/journey.ts'
import { lookAt } from './support/looks.ts'

test.use({ serverOf: 'teams-admin' })

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const dialog = (page: Page) => page.getByRole('dialog')
const question = (page: Page) => page.getByRole('alertdialog')
const panel = (page: Page) => page.getByRole('complementary', { name: 'Team' })
const item = (page: Page, name: string) => page.getByRole('treeitem', { name: new RegExp(`^${name}\\b`) })

async function show(page: Page): Promise<Locator> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Teams' }).click()
  const region = page.getByRole('region', { name: 'Teams' })
  await expect(region).toBeVisible()
  return region
}

async function addTeam(page: Page, name: string, level: string, below?: string) {
  await button(page, 'Add team').click()
  await dialog(page).getByRole('textbox', { name: 'Name' }).fill(name)
  await dialog(page).getByLabel('Level').selectOption(level)
  if (below)
    await dialog(page)
      .getByRole('radio', { name: new RegExp(`^${below}`) })
      .check()
  await dialog(page).getByRole('button', { name: 'Add', exact: true }).click()
  await expect(item(page, name)).toBeVisible()
}

test('teams are made, moved and filled; a place that cannot be says why; keys lead through the tree', async ({
  server,
  cable,
  computer,
}) => {
  test.setTimeout(600_000)
  // The demo has one, with a goal.
  await server.sql('DELETE FROM goal_assignments')
  await server.sql('DELETE FROM user_teams')
  await server.sql('DELETE FROM teams')
  const device = await computer(cable.url)
  const page = await startAs(device, 'admin', 'Marketing')
  const screen = await show(page)
  await expect(screen.getByRole('heading', { name: 'There are no teams yet' })).toBeVisible()
  await lookAt(device, 'teams-none')

  await addTeam(page, 'Germany', 'nation')
  await addTeam(page, 'North', 'region', 'Germany')
  await addTeam(page, 'South', 'region', 'Germany')
  await addTeam(page, 'Coast', 'area', 'North')
  await addTeam(page, 'Harbour streets', 'team', 'Coast')
  await expect(item(page, 'Harbour streets')).toHaveAttribute('aria-level', '4')

  // A name that is taken comes back to its field.
  await button(page, 'Add team').click()
  await dialog(page).getByRole('textbox', { name: 'Name' }).fill('NORTH')
  await dialog(page).getByRole('button', { name: 'Add', exact: true }).click()
  await expect(dialog(page).getByRole('alert')).toHaveText('There is a team of this name already')
  await dialog(page).getByRole('button', { name: 'Cancel' }).click()
  await question(page).getByRole('button', { name: 'Discard' }).click()

  // What cannot be above is there, with the reason.
  await item(page, 'North').click()
  await panel(page).getByRole('button', { name: 'Change…' }).click()
  await expect(dialog(page).getByText('It is below North itself')).toHaveCount(2)
  await expect(dialog(page).getByRole('radio', { name: /^South/ })).toBeDisabled()
  await expect(dialog(page).getByText('A region belongs below a nation, and this is a region')).toBeVisible()
  await dialog(page).getByRole('textbox', { name: 'Leader' }).fill('leo')
  await dialog(page)
    .getByRole('button', { name: /Leo Quay/ })
    .click()
  await lookAt(device, 'teams-change')
  await dialog(page).getByRole('button', { name: 'Save' }).click()
  await expect(item(page, 'North')).toContainText('Leo Quay')

  // Moving takes what is below along.
  await item(page, 'Coast').click()
  await panel(page).getByRole('button', { name: 'Change…' }).click()
  await dialog(page)
    .getByRole('radio', { name: /^South/ })
    .check()
  await dialog(page).getByRole('button', { name: 'Save' }).click()
  await expect(panel(page)).toContainText('South')
  await panel(page).getByRole('button', { name: 'Change…' }).click()
  await dialog(page)
    .getByRole('radio', { name: /^North/ })
    .check()
  await dialog(page).getByRole('button', { name: 'Save' }).click()
  await expect(panel(page)).toContainText('North')

  await item(page, 'Harbour streets').click()
  await expect(panel(page).getByRole('heading', { name: 'Nobody is in it yet' })).toBeVisible()
  await panel(page).getByRole('button', { name: 'Add people…' }).click()
  await dialog(page).getByRole('searchbox', { name: 'Find people' }).fill('nobody at all')
  await expect(dialog(page).getByText('Nobody found who is not in it already.')).toBeVisible()
  await dialog(page).getByRole('searchbox', { name: 'Find people' }).fill('agnes')
  await dialog(page).getByRole('button', { name: 'Add Agnes Pier' }).click()
  await expect(dialog(page).getByText('Added')).toBeVisible()
  await lookAt(device, 'teams-add-people')
  await dialog(page).getByRole('button', { name: 'Close' }).click()
  await expect(panel(page).getByRole('list', { name: 'People of Harbour streets' })).toContainText(
    'Agnes Pier',
  )
  await expect(item(page, 'Harbour streets')).toContainText('1 person')
  await lookAt(device, 'teams')
  await panel(page).getByRole('button', { name: 'Remove Agnes Pier' }).click()
  await expect(page.getByText('Agnes Pier is no longer in Harbour streets.')).toBeVisible()
  await button(page, 'Undo').click()
  await expect(panel(page).getByRole('list', { name: 'People of Harbour streets' })).toContainText(
    'Agnes Pier',
  )

  await page.keyboard.press('Escape')
  await item(page, 'Germany').focus()
  await page.keyboard.press('ArrowDown')
  await expect(item(page, 'North')).toBeFocused()
  await page.keyboard.press('ArrowLeft')
  await expect(item(page, 'North')).toHaveAttribute('aria-expanded', 'false')
  await expect(item(page, 'Coast')).toBeHidden()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect(item(page, 'Coast')).toBeFocused()
  await page.keyboard.press('End')
  await expect(item(page, 'South')).toBeFocused()
  await page.keyboard.press('h')
  await expect(item(page, 'Harbour streets')).toBeFocused()
  await page.keyboard.press('ArrowLeft')
  await expect(item(page, 'Coast')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(panel(page).getByRole('heading', { name: 'Coast' })).toBeVisible()
  await panel(page).getByRole('button', { name: 'Take out of use' }).click()
  await expect(panel(page).getByRole('alert')).toContainText('Harbour streets is below it')

  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await expect(screen.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
  await lookAt(device, 'teams-offline')
  await cable.plugIn()
  await expect(item(page, 'Germany')).toBeVisible({ timeout: 60_000 })

  // Their leader sees their branch, puts people in, and makes no teams.
  const leader = await startAs(await computer(), 'leader')
  await show(leader)
  await expect(leader.getByRole('treeitem')).toHaveCount(3)
  await expect(item(leader, 'North')).toHaveAttribute('aria-level', '1')
  await expect(button(leader, 'Add team')).toBeHidden()
  await item(leader, 'Harbour streets').click()
  await expect(panel(leader).getByRole('button', { name: 'Change…' })).toBeHidden()
  await panel(leader).getByRole('button', { name: 'Add people…' }).click()
  await dialog(leader).getByRole('searchbox', { name: 'Find people' }).fill('vic')
  await dialog(leader).getByRole('button', { name: 'Add Victor Lane' }).click()
  await dialog(leader).getByRole('button', { name: 'Close' }).click()
  await expect(panel(leader).getByRole('list', { name: 'People of Harbour streets' })).toContainText(
    'Victor Lane',
  )
})
