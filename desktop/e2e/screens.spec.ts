import type { Event } from '#desktop/bridge/channels'
import {
  addInteraction,
  expect,
  open,
  rowOf,
  save,
  search,
  signOut,
  syncStatus,
  test,
  upToDate,
} from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import { stoppedEdits } from './support/stopped-edits.ts'
import { editOf, showCentre, showQueue, tellWindow } from './support/sync-centre.ts'

const fetching: Event<'sync.changed'> = {
  online: true,
  readOnly: false,
  waiting: 0,
  needsAttention: 0,
  reasons: 0,
  working: true,
  upToDateAt: null,
  firstSync: { stored: 12_400, remaining: 87_600 },
}

const round = 'We walked through every aisle and compared the shelf with the plan, item by item. '
const report = `Shelf share in the north fell by two points. ${round.repeat(6)}Next visit in March.`

test('every screen is accessible, and its picture taken', async ({ server, cable, computer }) => {
  test.setTimeout(900_000)
  const device = await computer(cable.url)
  const page = await device.start()
  const screen = (name: string) => lookAt(device, name)

  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
  await screen('sign-in')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await screen('sign-in-errors')
  await device.giveCredentials('editor')
  await expect(page.getByRole('heading', { name: 'Where are you working?' })).toBeVisible()
  await screen('site-choice')
  await page.getByRole('button', { name: 'Marketing' }).click()
  await upToDate(page)
  await expect(page.getByRole('row').nth(5)).toBeVisible()
  await screen('finder')
  await page.getByRole('button', { name: 'Columns' }).click()
  await expect(page.getByRole('dialog', { name: 'Columns' })).toBeVisible()
  await screen('finder-columns')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Filters' }).click()
  await page
    .getByRole('group', { name: 'Created', exact: true })
    .getByLabel('Created from')
    .fill('2020-01-01')
  await page.getByRole('checkbox', { name: 'Meeting' }).check()
  await screen('finder-filters')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'View: All interactions' }).click()
  await page.getByRole('menuitem', { name: 'Save as…' }).click()
  const view = page.getByRole('dialog', { name: 'Save as a view' })
  await view.getByRole('textbox', { name: 'Name' }).fill('Meetings')
  await screen('finder-save-view')
  await view.getByRole('button', { name: 'Save view' }).click()
  await search(page, 'harrow review')
  await page.getByRole('button', { name: /^View: Meetings.*changed$/ }).click()
  await screen('finder-views')
  await page.keyboard.press('Escape')
  await page.getByRole('gridcell', { name: 'Harrow' }).first().click({ button: 'right' })
  await screen('finder-row-menu')
  await page.keyboard.press('Escape')
  await page.getByRole('checkbox', { name: 'Choose the page' }).check()
  await screen('finder-chosen')
  await page.getByRole('button', { name: 'Edit…' }).click()
  const dialog = page.getByRole('dialog', { name: /^Edit/ })
  await dialog.getByRole('checkbox', { name: 'Lead' }).check()
  await dialog.getByRole('checkbox', { name: 'Time zone' }).check()
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await screen('finder-bulk-edit')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Edit…' }).click()
  await dialog.getByRole('checkbox', { name: 'Status' }).check()
  await dialog.getByRole('combobox', { name: 'Status' }).selectOption('Active')
  await dialog.getByRole('button', { name: 'Continue' }).click()
  const plan = page.getByRole('dialog', { name: /^Change/ })
  await expect(plan.getByRole('list')).toBeVisible()
  await screen('finder-bulk-plan')
  await plan.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Choose nothing' }).click()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('harrow')
  await expect(page.getByRole('option', { name: /Harrow/ }).first()).toBeVisible()
  await screen('palette-records')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('s')
  await screen('palette')
  await page.keyboard.press('Escape')
  await page.keyboard.press('F1')
  await screen('help')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^View:/ }).click()
  await page.getByRole('menuitemradio', { name: 'All interactions' }).click()
  await tellWindow(device, 'sync.changed', fetching)
  await expect(page.getByRole('progressbar', { name: 'Records fetched' })).toBeVisible()
  await screen('first-sync')
  await tellWindow(device, 'sync.changed', { ...fetching, online: false })
  await expect(page.getByText('The rest comes by itself')).toBeVisible()
  await screen('first-sync-offline')
  await showCentre(page, 'Sent')
  await expect(page.getByRole('heading', { name: 'Nothing has been sent yet' })).toBeVisible()
  await screen('sync-centre-nothing-sent')
  await page.getByRole('button', { name: 'Finder', exact: true }).click()
  await search(page, 'harrow')
  await expect(page.getByText(/found on this device/)).toBeVisible()
  await expect(page.getByRole('row').nth(1)).toContainText('Harrow')
  await page.getByRole('row').nth(1).click()
  await expect(page.getByRole('form', { name: 'Edit interaction' })).toBeVisible()
  await screen('finder-form')
  await page.getByRole('button', { name: 'Close' }).click()
  await search(page, 'nothing has this name')
  await expect(page.getByText('0 found on this device')).toBeVisible()
  await screen('finder-nothing-found')

  const title = 'Aisle seven, north wing'
  const admin = await server.signIn('admin')
  const created = await admin.create('Marketing', {
    title,
    type: 'Visit',
    lead: 'James Smith',
    startDateTime: '2030-03-01T09:00:00.000Z',
    endDateTime: '2030-03-01T10:00:00.000Z',
    timezone: 'Europe/Berlin',
    location: 'Conference Room A',
    description: report,
  })
  await search(page, title)
  await expect(rowOf(page, title)).toBeVisible({ timeout: 30_000 })
  await cable.pull()
  const form = await open(page, title)
  await form.getByRole('textbox', { name: 'Location' }).fill('Conference Room B')
  await form.getByLabel('Start time').fill('10:30')
  await form
    .getByRole('textbox', { name: 'Description' })
    .fill(report.replace('two points', 'nearly three points').replace('in March', 'on 14 March, in Berlin'))
  await form.getByRole('textbox', { name: 'Notes' }).fill('Bring the pictures')
  await save(page)
  await addInteraction(page, 'Offline note')
  await search(page, '')
  await expect(syncStatus(page)).toHaveText('Offline · 2 waiting')
  await screen('offline')
  const centre = await showCentre(page)
  await screen('sync-centre-waiting')
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await screen('sync-centre-menu')
  await page.getByRole('menuitem', { name: 'Export unsent work…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Choose where…' }).click()
  await screen('export')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await signOut(page)
  await expect(page.getByRole('alertdialog')).toContainText('2 edits have not reached the server')
  await screen('sign-out-unsent')
  await page.getByRole('button', { name: 'Stay signed in' }).click()

  await admin.update('Marketing', created, {
    location: 'Virtual',
    startDateTime: '2030-03-01T09:15:00.000Z',
    description: report.replace('in March', 'in April'),
  })
  await cable.plugIn()
  await expect(syncStatus(page)).toHaveText('1 needs attention', { timeout: 60_000 })
  await centre.getByRole('tab', { name: 'Needs attention' }).click()
  await expect(page.getByRole('heading', { name: /Two people changed/ })).toBeVisible()
  await screen('conflict')
  await centre.getByRole('radio', { name: /^Location, yours/ }).check()
  await centre.getByRole('button', { name: 'Edit Start – end' }).click()
  await centre.getByLabel('End time').fill('08:00')
  await centre.getByRole('button', { name: 'All theirs' }).click()
  await centre.getByRole('button', { name: 'Edit Start – end' }).click()
  await centre.getByRole('button', { name: 'Save this version' }).click()
  await expect(centre.getByRole('alert')).toHaveText('Must be after the start')
  await screen('conflict-edited')
  await centre.getByRole('radio', { name: /^Start – end, yours/ }).check()
  await centre.getByRole('radio', { name: /^Location, yours/ }).check()
  await centre.getByRole('button', { name: 'Save this version' }).click()
  await upToDate(page)
  await screen('sync-centre-nothing-stopped')
  await centre.getByRole('tab', { name: 'Sent' }).click()
  await expect(centre.getByRole('table', { name: 'The conflict it settled' })).toBeVisible()
  await screen('sync-centre-sent')

  await showQueue(device, stoppedEdits(admin.site('Marketing')))
  await centre.getByRole('tab', { name: 'Needs attention' }).click()
  for (const [name, edit] of [
    ['blocked', 'Waits for an earlier edit'],
    ['refused', 'Refused as well'],
    ['gone', 'Gone'],
    ['unreadable', 'From a newer version'],
    ['site-taken-away', 'Fair in Cologne'],
  ] as const) {
    await editOf(centre, edit).click()
    await expect(editOf(centre, edit)).toHaveAttribute('aria-current', 'true')
    await screen(`sync-centre-${name}`)
  }
  await centre.getByRole('button', { name: 'Discard all 2…' }).click()
  await screen('discard-all')
})
