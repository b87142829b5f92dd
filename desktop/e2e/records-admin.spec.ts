import type { Locator, Page } from '@playwright/test'
import {
  addInteraction,
  expect,
  meeting,
  rowOf,
  save,
  search,
  startAs,
  syncStatus,
  test,
  upToDate,
} from './support/journey.ts'
import { tellWindow } from './support/sync-centre.ts'

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const question = (page: Page) => page.getByRole('alertdialog')

async function show(page: Page, screen: string): Promise<Locator> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: screen }).click()
  const region = page.getByRole('region', { name: screen })
  await expect(region).toBeVisible()
  return region
}

test('deleted records are listed, searched and restored by administrators alone, and only online', async ({
  server,
  cable,
  computer,
}) => {
  const admin = await server.signIn('admin')
  for (const title of ['Zeppelin landing', 'Zeppelin departure'])
    await admin.create('Marketing', meeting(title))
  const editorPage = await startAs(await computer(), 'editor', 'Marketing')
  await expect(button(editorPage, 'Deleted records')).toBeHidden()
  await expect(button(editorPage, 'Interaction types')).toBeHidden()
  await expect(button(editorPage, 'Site settings')).toBeHidden()
  await addInteraction(editorPage, 'Zeppelin of the editor')
  await editorPage.getByRole('form').getByRole('button', { name: 'Delete' }).click()
  await question(editorPage).getByRole('button', { name: 'Delete' }).click()
  await upToDate(editorPage)

  const page = await startAs(await computer(), 'admin', 'Marketing')
  for (const title of ['Zeppelin landing', 'Zeppelin departure']) {
    await search(page, title)
    await expect(rowOf(page, title)).toBeVisible()
    await rowOf(page, title).click()
    await page.getByRole('form').getByRole('button', { name: 'Delete' }).click()
    await question(page).getByRole('button', { name: 'Delete' }).click()
    await expect(page.getByText(`“${title}” is deleted.`)).toBeVisible()
  }
  await upToDate(page)
  const screen = await show(page, 'Deleted records')
  await screen.getByRole('searchbox', { name: 'Search deleted records' }).fill('zeppelin')
  await expect(screen.getByRole('row')).toHaveCount(4)
  await expect(screen.getByRole('row', { name: /Zeppelin landing/ })).toContainText('Ada Harbour')
  await screen.getByRole('button', { name: 'Restore Zeppelin landing' }).click()
  await expect(page.getByText('“Zeppelin landing” is back in Finder.')).toBeVisible()
  await expect(screen.getByRole('button', { name: 'Restore Zeppelin landing' })).toBeHidden()
  expect(await admin.find('Marketing', 'zeppelin')).toMatchObject([{ title: 'Zeppelin landing' }])
  await search(page, 'zeppelin')
  await expect(rowOf(page, 'Zeppelin landing')).toBeVisible()

  await show(page, 'Deleted records')
  await screen.getByRole('searchbox', { name: 'Search deleted records' }).fill('no zeppelin at all')
  await expect(screen.getByRole('heading', { name: 'Nothing found' })).toBeVisible()
  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await expect(screen.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
  await cable.plugIn()
  await expect(screen.getByRole('heading', { name: 'Nothing found' })).toBeVisible({ timeout: 60_000 })
})

test('types are added, named, put in order, taken out of use and deleted; the form offers what is in use', async ({
  computer,
}) => {
  const device = await computer()
  const page = await startAs(device, 'admin', 'Sales')
  const screen = await show(page, 'Interaction types')
  const names = () =>
    screen
      .getByRole('listitem')
      .evaluateAll((items) => items.map((item) => item.querySelector('span')!.innerText))
  const menu = async (name: string, item: string) => {
    await screen.getByRole('button', { name: `More for ${name}` }).click()
    await page.getByRole('menuitem', { name: item }).click()
  }
  await expect(screen.getByRole('listitem').first()).toBeVisible()
  const before = await names()

  await button(page, 'Add type').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await expect(dialog.getByRole('alert')).toHaveText('Is required')
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toBeFocused()
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Meeting')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await expect(dialog.getByRole('alert')).toBeVisible()
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toBeFocused()
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Fare')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await expect.poll(names).toEqual([...before, 'Fare'])
  await menu('Fare', 'Rename…')
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Fair')
  await dialog.getByRole('button', { name: 'Rename' }).click()
  await expect.poll(names).toEqual([...before, 'Fair'])

  const up = screen.getByRole('button', { name: 'Move Fair up' })
  await up.focus()
  await page.keyboard.press('Enter')
  await expect.poll(names).toEqual([...before.slice(0, -1), 'Fair', ...before.slice(-1)])
  await expect(up).toBeFocused()
  await screen.getByRole('listitem').filter({ hasText: 'Fair' }).dragTo(screen.getByRole('listitem').first())
  await expect.poll(names).toEqual(['Fair', ...before])
  await page.reload()
  await show(page, 'Interaction types')
  await expect.poll(names).toEqual(['Fair', ...before])

  const offered = async () => {
    await button(page, 'Finder').click()
    await button(page, 'New').click()
    const options = await page.getByRole('form').getByLabel('Type').locator('option').allInnerTexts()
    await button(page, 'Close').click()
    await show(page, 'Interaction types')
    return options
  }
  await expect.poll(offered).toContain('Fair')
  await menu('Fair', 'Take out of use')
  await expect(screen.getByRole('listitem').first()).toContainText('Out of use')
  await expect.poll(offered).not.toContain('Fair')
  await menu('Fair', 'Use again')
  await expect(screen.getByRole('listitem').first()).not.toContainText('Out of use')
  await menu('Fair', 'Delete…')
  await question(page).getByRole('button', { name: 'Delete' }).click()
  await expect.poll(names).toEqual(before)
  await screen.getByRole('button', { name: 'More for Meeting' }).click()
  await expect(page.getByRole('menuitem', { name: /Delete/ })).toBeDisabled()
  await page.keyboard.press('Escape')
})

test('the settings of a site: its zone is that of new records, and leaving them unsaved is asked about', async ({
  server,
  computer,
}) => {
  const page = await startAs(await computer(), 'admin', 'Support')
  const screen = await show(page, 'Site settings')
  const zone = screen.getByRole('combobox', { name: 'Time zone of new interactions' })
  await zone.fill('Europe/Berlino')
  await zone.press('Escape')
  await button(page, 'Save').click()
  await expect(screen.getByRole('alert')).toHaveText('Must be a time zone such as Europe/Berlin')
  await zone.fill('tokyo')
  await page.getByRole('option', { name: 'Asia/Tokyo' }).click()
  await screen.getByLabel('Rows per page in Finder').selectOption('50')
  await button(page, 'Finder').click()
  await expect(question(page)).toContainText('Save your changes?')
  await question(page).getByRole('button', { name: 'Keep editing' }).click()
  await save(page)
  await upToDate(page)

  await button(page, 'Finder').click()
  await expect(
    page
      .getByRole('button', { name: /^50 per page/ })
      .or(page.getByLabel(/per page/))
      .first(),
  ).toContainText('50')
  await button(page, 'New').click()
  await expect(page.getByRole('combobox', { name: 'Time zone' })).toHaveValue('Asia/Tokyo')
  const admin = await server.signIn('admin')
  expect(admin.session.user.sites.find(({ name }) => name === 'Support')?.settings).toEqual({
    timezone: 'Asia/Tokyo',
    pageSize: 50,
  })
})

test('these screens say what went wrong, with the reference to give', async ({ computer }) => {
  const device = await computer()
  const page = await startAs(device, 'admin', 'Marketing')
  await device.app.evaluate(({ ipcMain }) => {
    const problem = {
      code: 'INTERNAL_ERROR',
      message: 'The server could not answer.',
      reference: '4711',
      details: [],
    }
    for (const name of ['deleted.list', 'types.list', 'interaction.history', 'site.settings']) {
      ipcMain.removeHandler(name)
      ipcMain.handle(name, () => ({ ok: false, problem }))
    }
  })
  for (const name of ['Deleted records', 'Interaction types']) {
    const screen = await show(page, name)
    await expect(screen.getByRole('alert')).toContainText('Reference 4711')
    await expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible()
  }
  const settings = await show(page, 'Site settings')
  await settings.getByLabel('Rows per page in Finder').selectOption('10')
  await button(page, 'Save').click()
  await expect(settings.getByRole('alert')).toContainText('Reference 4711')
  await tellWindow(device, 'sync.changed', {
    online: false,
    readOnly: false,
    waiting: 0,
    needsAttention: 0,
    reasons: 0,
    working: false,
    upToDateAt: null,
    firstSync: null,
  })
  await expect(settings.getByText('They can be saved once you are online.')).toBeVisible()
})
