import type { Locator, Page } from '@playwright/test'
import type { Device } from './support/device.ts'
import {
  ask,
  expect,
  meeting,
  open,
  rowOf,
  save,
  search,
  signOut,
  startAs,
  syncStatus,
  test,
  upToDate,
} from './support/journey.ts'

const formOf = (page: Page) => page.getByRole('form', { name: /interaction$/ })
const field = (page: Page, name: string) => formOf(page).getByRole('textbox', { name })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const question = (page: Page) => page.getByRole('alertdialog')

async function openFound(page: Page, title: string): Promise<Locator> {
  await search(page, title)
  await expect(rowOf(page, title).first()).toBeVisible({ timeout: 30_000 })
  return open(page, title)
}

async function startNew(page: Page): Promise<Locator> {
  await button(page, 'New').click()
  const form = page.getByRole('form', { name: 'New interaction' })
  await expect(form).toBeVisible()
  return form
}

const windows = (device: Device) =>
  device.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)

test('date, time and zone: a 24-hour clock, the hour that is skipped and the hour that comes twice', async ({
  server,
  computer,
}) => {
  const admin = await server.signIn('admin')
  await admin.create('Marketing', meeting('Clockwork review'))
  const page = await startAs(await computer(), 'editor', 'Marketing')
  const form = await openFound(page, 'Clockwork review')
  const startTime = form.getByLabel('Start time')
  await expect(startTime).toHaveValue('14:00')
  for (const [typed, shown] of [
    ['9', '09:00'],
    ['930', '09:30'],
    ['09.45', '09:45'],
    ['23:05', '23:05'],
  ] as const) {
    await startTime.fill(typed)
    await startTime.press('Tab')
    await expect(startTime).toHaveValue(shown)
  }
  // The end keeps the length of two hours, into the next day.
  await expect(form.getByLabel('End date')).toHaveValue('2026-08-23')
  await expect(form.getByLabel('End time')).toHaveValue('01:05')
  await startTime.fill('25:00')
  await startTime.press('Tab')
  await expect(form.getByRole('alert')).toHaveText('Write the time as 14:30')

  await form.getByLabel('Start date').fill('2026-03-29')
  await startTime.fill('2.30')
  await startTime.press('Tab')
  await expect(form.getByRole('alert').first()).toHaveText(
    'On 29 Mar 2026 clocks in Europe/Berlin go from 02:00 to 03:00: 02:30 does not exist. ' +
      'Choose 01:59 or earlier, or 03:00 or later.',
  )
  await button(page, 'Save').click()
  await expect(form.getByLabel('Start date')).toBeFocused()

  await form.getByLabel('Start date').fill('2026-10-25')
  await form.getByLabel('End date').fill('2026-10-25')
  await form.getByLabel('End time').fill('5')
  const which = form.getByRole('group', { name: /02:30 comes twice/ })
  await expect(which.getByRole('radio', { name: /first \(GMT\+2\)/ })).toBeChecked()
  await which.getByRole('radio', { name: /second \(GMT\+1\)/ }).check()
  await expect(form.getByText('Your time: 01:30 – 04:00, UTC')).toBeVisible()
  await save(page)
  await upToDate(page)
  expect(await admin.find('Marketing', 'clockwork')).toMatchObject([
    { startDateTime: '2026-10-25T01:30:00.000Z', endDateTime: '2026-10-25T04:00:00.000Z' },
  ])
})

test('the life of a record, from a draft to the archive and back, in words that say what is missing', async ({
  server,
  computer,
}) => {
  const admin = await server.signIn('admin')
  const page = await startAs(await computer(), 'editor', 'Marketing')
  const isStatus = async (status: string) => {
    await expect(formOf(page).getByRole('img', { name: `Status: ${status}` })).toBeVisible()
    await upToDate(page)
    expect(await admin.find('Marketing', 'northern lighthouse')).toMatchObject([{ status }])
  }
  const form = await startNew(page)
  await form.getByRole('textbox', { name: 'Title' }).fill('Northern lighthouse')
  await button(page, 'Save as draft').click()
  await isStatus('draft')
  await button(page, 'Save as incomplete').click()
  await isStatus('incomplete')

  await button(page, 'Complete').click()
  await expect(formOf(page).getByLabel('Type')).toBeFocused()
  await expect(formOf(page).getByRole('alert')).toHaveText('Is required')
  await isStatus('incomplete')
  await formOf(page).getByLabel('Type').selectOption('Visit')
  await button(page, 'Complete').click()
  await isStatus('complete')
  await button(page, 'Activate').click()
  await isStatus('active')
  await button(page, 'Archive').click()
  await isStatus('archived')
  await expect(button(page, 'Activate')).toBeHidden()
  await button(page, 'Unarchive').click()
  await isStatus('complete')
})

test('a copy starts unsaved with the same values; a title that is there already on that day is pointed out', async ({
  server,
  computer,
}) => {
  const admin = await server.signIn('admin')
  await admin.create('Marketing', meeting('Harpsichord tuning', { notes: 'Bring the fork' }))
  const page = await startAs(await computer(), 'editor', 'Marketing')
  const form = await openFound(page, 'Harpsichord tuning')
  await expect(form.getByRole('status', { name: 'Same title' })).toBeEmpty()
  await button(page, 'More').click()
  await page.getByRole('menuitem', { name: 'Duplicate' }).click()
  const copy = page.getByRole('form', { name: 'New interaction' })
  await expect(copy.getByRole('textbox', { name: 'Title' })).toBeFocused()
  await expect(copy.getByRole('textbox', { name: 'Notes' })).toHaveValue('Bring the fork')
  await expect(copy.getByRole('status', { name: 'Same title' })).toContainText(
    '1 other interaction has this title on that day',
  )
  await upToDate(page)
  expect(await admin.count('Marketing', 'harpsichord')).toBe(1)
  await copy.getByRole('status', { name: 'Same title' }).getByRole('button').click()
  await expect(form.getByRole('textbox', { name: 'Notes' })).toHaveValue('Bring the fork')
  await expect(form.getByRole('status', { name: 'Same title' })).toBeEmpty()

  await button(page, 'More').click()
  await page.getByRole('menuitem', { name: 'Duplicate' }).click()
  await copy.getByRole('textbox', { name: 'Location' }).fill('Hall')
  await save(page)
  await upToDate(page)
  expect((await admin.find('Marketing', 'harpsichord')).map(({ location }) => location).toSorted()).toEqual([
    '',
    'Hall',
  ])
})

test('what was typed outlives kill -9, for a new record and for one that was open, until it is discarded', async ({
  server,
  computer,
}) => {
  const admin = await server.signIn('admin')
  const plan = await admin.create('Marketing', meeting('Thunderstorm plan'))
  const device = await computer()
  let page = await startAs(device, 'editor', 'Marketing')
  await openFound(page, 'Thunderstorm plan')
  await field(page, 'Notes').pressSequentially('Candles, and a radio')
  await keptDraft(page, plan.id, 'Candles, and a radio')
  await device.kill()

  page = await device.start()
  await upToDate(page)
  await openFound(page, 'Thunderstorm plan')
  await expect(field(page, 'Notes')).toHaveValue('Candles, and a radio')
  await expect(page.getByText(/^You had not saved this/)).toBeVisible()
  await save(page)
  await button(page, 'Close').click()
  await startNew(page)
  await field(page, 'Title').pressSequentially('Thunderstorm, the second')
  await field(page, 'Description').fill('Written as the lights went out')
  await keptDraft(page, null, 'Written as the lights went out')
  await device.kill()

  page = await device.start()
  await upToDate(page)
  expect(await admin.find('Marketing', 'thunderstorm')).toMatchObject([{ notes: 'Candles, and a radio' }])
  await openFound(page, 'Thunderstorm plan')
  await expect(page.getByText(/^You had not saved this/)).toBeHidden()
  await startNew(page)
  await expect(field(page, 'Title')).toHaveValue('Thunderstorm, the second')
  await expect(field(page, 'Description')).toHaveValue('Written as the lights went out')
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect(field(page, 'Title')).toHaveValue('')
  await button(page, 'Close').click()
  await startNew(page)
  await expect(field(page, 'Title')).toHaveValue('')
})

/** Waits until the disk has this text of an open form; `id` is null for a new record. */
async function keptDraft(page: Page, id: string | null, text: string): Promise<void> {
  const { siteId } = await ask(page, 'session.get', {})
  const kept = async () => JSON.stringify(await ask(page, 'draft.read', { siteId: siteId!, id }))
  await expect.poll(kept).toContain(text)
}

test('unsaved changes are asked about wherever they would be left behind, closing the window included', async ({
  server,
  computer,
}) => {
  const admin = await server.signIn('admin')
  for (const title of ['Lantern one', 'Lantern two']) await admin.create('Marketing', meeting(title))
  const device = await computer()
  let page = await startAs(device, 'editor', 'Marketing')
  await openFound(page, 'Lantern one')
  await search(page, 'lantern')
  await expect(rowOf(page, 'Lantern two')).toBeVisible()
  await field(page, 'Location').fill('Pier')

  const ways: Record<string, () => Promise<unknown>> = {
    'another row': () => rowOf(page, 'Lantern two').click(),
    'closing the panel': () => button(page, 'Close').click(),
    'a new record': () => button(page, 'New').click(),
    'another site': async () => {
      await page.getByRole('button', { name: 'Site: Marketing' }).click()
      await page.getByRole('menuitemradio', { name: /Sales/ }).click()
    },
    'signing out': () => signOut(page),
    'closing the window': () => device.closeWindow(),
  }
  for (const [way, go] of Object.entries(ways)) {
    await go()
    await expect(question(page), way).toContainText('Save your changes?')
    await question(page).getByRole('button', { name: 'Keep editing' }).click()
    await expect(field(page, 'Location'), way).toHaveValue('Pier')
  }
  // Sync centre leaves the form as it is, and closing finds it there.
  await button(page, 'Sync centre').click()
  await expect(question(page)).toBeHidden()
  await device.closeWindow()
  await question(page).getByRole('button', { name: 'Keep editing' }).click()
  await expect(field(page, 'Location')).toHaveValue('Pier')

  await rowOf(page, 'Lantern two').click()
  await question(page).getByRole('button', { name: 'Discard' }).click()
  await expect(field(page, 'Title')).toHaveValue('Lantern two')
  await field(page, 'Title').fill('')
  await device.closeWindow()
  await question(page).getByRole('button', { name: 'Save' }).click()
  // What cannot be saved keeps the window.
  await expect(formOf(page).getByRole('alert')).toHaveText('Is required')
  await field(page, 'Title').fill('Lantern two, lit')
  const closed = page.waitForEvent('close')
  await device.closeWindow()
  await question(page).getByRole('button', { name: 'Save' }).click()
  await closed
  await device.quit()

  page = await device.start()
  await upToDate(page)
  await openFound(page, 'Lantern two, lit')
  await expect(page.getByText(/^You had not saved this/)).toBeHidden()
  await openFound(page, 'Lantern one')
  await expect(field(page, 'Location')).toHaveValue('')
  // With nothing unsaved it closes at once.
  const gone = page.waitForEvent('close')
  await device.closeWindow()
  await gone
  expect((await admin.find('Marketing', 'lantern')).map(({ title }) => title).toSorted()).toEqual([
    'Lantern one',
    'Lantern two, lit',
  ])
})

test('the history says who changed what, and earlier values come back as an edit of one’s own', async ({
  server,
  cable,
  computer,
}) => {
  const admin = await server.signIn('admin')
  const first = await admin.create('Marketing', meeting('Observatory visit', { location: 'Dome' }))
  const second = await admin.update('Marketing', first, { location: 'Basement', notes: 'Dark' })
  await admin.update('Marketing', second, { startDateTime: '2026-08-22T11:00:00.000Z' })
  const page = await startAs(await computer(), 'editor', 'Marketing')
  await openFound(page, 'Observatory visit')
  await button(page, 'History').click()
  const history = page.getByRole('region', { name: 'History' })
  await expect(history.getByRole('heading', { level: 3 })).toHaveText([
    'Ada Harbour changed it',
    'Ada Harbour changed it',
    'Ada Harbour added it',
  ])
  await expect(history.getByRole('listitem').nth(1)).toContainText(/Before: Dome.*After: Basement/)

  await history.getByRole('button', { name: 'Restore this value of Location: Dome' }).click()
  await expect(field(page, 'Location')).toHaveValue('Dome')
  await expect(field(page, 'Notes')).toHaveValue('Dark')
  await save(page)
  await upToDate(page)
  const editor = (await server.signIn('editor')).session.user.id
  expect(await admin.find('Marketing', 'observatory')).toMatchObject([
    { location: 'Dome', notes: 'Dark', updatedBy: editor },
  ])

  await button(page, 'History').click()
  await expect(history.getByRole('heading', { level: 3 }).first()).toHaveText(/changed it/)
  await expect(history.getByRole('listitem')).toHaveCount(4)
  await history
    .getByRole('listitem')
    .nth(3)
    .getByRole('button', { name: /^Restore all of this version/ })
    .click()
  await expect(field(page, 'Notes')).toHaveValue('')
  await expect(formOf(page).getByLabel('Start time')).toHaveValue('14:00')
  await save(page)
  await upToDate(page)
  expect(await admin.find('Marketing', 'observatory')).toMatchObject([
    { location: 'Dome', notes: '', startDateTime: first.startDateTime },
  ])

  // What cannot be saved is shown, also when one looks at the history.
  await field(page, 'Title').fill('')
  await button(page, 'History').click()
  await page.keyboard.press('Control+s')
  await expect(formOf(page).getByRole('alert')).toHaveText('Is required')
  await field(page, 'Title').fill('Observatory visit')

  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await field(page, 'Location').fill('Offline dome')
  await save(page)
  await button(page, 'History').click()
  await expect(history.getByText('What others did is shown when you are online.')).toBeVisible()
  await expect(history.getByRole('listitem').first()).toContainText('Offline dome')
})

test('with the keyboard alone: sign in, find, open, edit, save, delete and restore', async ({
  server,
  computer,
}) => {
  const admin = await server.signIn('admin')
  await admin.create('Marketing', meeting('Keyboard recital'))
  const device = await computer()
  const page = await device.start()
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const type = (text: string) => page.keyboard.type(text)
  /** Tabs until something is in front, as one does who does not see the mouse. */
  const tabTo = async (target: Locator) => {
    for (let steps = 0; steps < 80; steps++) {
      if (await target.evaluate((element) => element === document.activeElement)) return
      await press('Tab')
    }
    await expect(target).toBeFocused()
  }
  await tabTo(page.getByRole('textbox', { name: 'User name or e-mail' }))
  await type('admin')
  await press('Tab')
  await type('Fieldbook!2026')
  await press('Enter')
  await expect(page.getByRole('heading', { name: 'Where are you working?' })).toBeVisible()
  await tabTo(page.getByRole('button', { name: /^Marketing/ }))
  await press('Enter')
  await upToDate(page)

  await press('/')
  await type('keyboard recital')
  await expect(rowOf(page, 'Keyboard recital')).toBeVisible()
  await press('Enter')
  await expect(page.locator('[role=gridcell]:focus')).toContainText('Keyboard recital')
  await press('Enter')
  await expect(field(page, 'Title')).toBeFocused()
  await tabTo(field(page, 'Location'))
  await type('Front row')
  await press('Control+s')
  await expect(page.getByRole('status', { name: 'Form status' })).toHaveText('Saved')
  await tabTo(button(page, 'Archive'))
  await press('Enter')
  await expect(formOf(page).getByRole('img', { name: 'Status: archived' })).toBeVisible()
  await tabTo(button(page, 'Delete'))
  await press('Enter')
  await expect(question(page)).toContainText('Delete “Keyboard recital”?')
  await tabTo(question(page).getByRole('button', { name: 'Delete' }))
  await press('Enter')
  await expect(page.getByText('“Keyboard recital” is deleted. You can restore it for 30 days.')).toBeVisible()
  await upToDate(page)
  expect(await admin.count('Marketing', 'keyboard recital')).toBe(0)

  await tabTo(page.getByRole('main').getByRole('button', { name: 'Deleted records' }))
  await press('Enter')
  await tabTo(page.getByRole('button', { name: 'Restore Keyboard recital' }))
  await press('Enter')
  await expect(page.getByText('“Keyboard recital” is back in Finder.')).toBeVisible()
  expect(await admin.find('Marketing', 'keyboard recital')).toMatchObject([
    { location: 'Front row', status: 'archived' },
  ])
  expect(await windows(device)).toBe(1)
})
