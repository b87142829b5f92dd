import { answerWith, failure } from './support/answers.ts'
import {
  ask,
  expect,
  meeting,
  open,
  rowOf,
  save,
  search,
  startAs,
  syncStatus,
  test,
  upToDate,
} from './support/journey.ts'
import { lookAt } from './support/looks.ts'

test('the keyboard is where filters are chosen once the last is taken away, also while rows are chosen', async ({
  computer,
}) => {
  const page = await startAs(await computer(), 'editor', 'Marketing')
  const filters = page.getByRole('button', { name: 'Filters', exact: true })
  await filters.click()
  await page.getByRole('dialog', { name: 'Filters' }).getByLabel('Title contains').fill('a')
  await page.getByRole('button', { name: 'Done' }).click()
  const tag = page.getByRole('button', { name: /^Remove filter/ })
  await expect(tag).toBeVisible()
  await page.getByRole('checkbox', { name: 'Choose the page' }).check()
  await expect(page.getByRole('toolbar', { name: 'Chosen records' })).toBeVisible()
  await expect(filters).toBeHidden()
  await tag.focus()
  await page.keyboard.press('Enter')
  await expect(tag).toBeHidden()
  await expect(filters).toBeFocused()
})

test('the screens of a record and of its upkeep are accessible, and their pictures taken', async ({
  server,
  cable,
  computer,
}) => {
  test.setTimeout(900_000)
  const title = 'Tea tasting'
  const admin = await server.signIn('admin')
  const first = await admin.create(
    'Support',
    meeting(title, { location: 'Harbour', timezone: 'Asia/Kolkata' }),
  )
  const second = await admin.update('Support', first, { location: 'Warehouse', notes: 'Twelve sorts' })
  await admin.update('Support', second, { endDateTime: '2026-08-22T15:00:00.000Z' })
  await admin.create('Support', meeting(title, { timezone: 'Asia/Kolkata', lead: 'Ana Jones' }))
  const device = await computer(cable.url)
  let page = await startAs(device, 'admin', 'Support')
  const screen = (name: string) => lookAt(device, name)
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const form = () => page.getByRole('form', { name: /interaction$/ })
  const go = (name: string) =>
    page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name }).click()

  // A record: form, history, full page.
  await search(page, title)
  await rowOf(page, title).filter({ hasText: 'Edith Vale' }).click()
  await expect(form().getByRole('textbox', { name: 'Title' })).toHaveValue(title)
  await form().getByRole('textbox', { name: 'Title' }).fill(`${title} `)
  await expect(form().getByText('1 other interaction has this title')).toBeVisible()
  await screen('record-same-title')
  await button('History').click()
  await expect(page.getByRole('region', { name: 'History' }).getByRole('listitem')).toHaveCount(3)
  await screen('record-history')
  await button('Show on the full page').click()
  await screen('record-history-wide')
  await button('History').click()
  await screen('record-wide')
  await button('Show beside the list').click()
  await form().getByRole('combobox', { name: 'Time zone' }).fill('Europe/Berlin')
  await form().getByLabel('Start date').fill('2026-03-29')
  await form().getByLabel('Start time').fill('230')
  await form().getByRole('textbox', { name: 'Location' }).click()
  await expect(form().getByRole('alert').first()).toContainText('does not exist')
  await screen('record-skipped-time')
  await form().getByLabel('Start date').fill('2026-10-25')
  await form().getByRole('textbox', { name: 'Location' }).click()
  await expect(
    form()
      .getByRole('group', { name: /comes twice/ })
      .first(),
  ).toBeVisible()
  await screen('record-time-twice')
  await form().getByLabel('Start date').focus()
  await screen('record-date-field')
  await button('Close').click()
  await screen('record-leave')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Discard' }).click()

  // A new record: draft, missing fields, and what was typed before a crash.
  await button('New').click()
  await expect(form()).toBeVisible()
  await screen('record-new')
  await form().getByRole('textbox', { name: 'Title' }).fill('Blend')
  await button('Save as draft').click()
  await expect(button('Save as incomplete')).toBeVisible()
  await button('Complete').click()
  await expect(form().getByRole('alert')).toBeVisible()
  await screen('record-incomplete')
  await form().getByLabel('Type').selectOption('Visit')
  await button('Complete').click()
  await expect(button('Activate')).toBeVisible()
  await form().getByRole('textbox', { name: 'Notes' }).fill('First flush, from the hills')
  const { siteId } = await ask(page, 'session.get', {})
  const [blend] = (
    await ask(page, 'finder.query', {
      siteId: siteId!,
      filter: { title: 'Blend' },
      sort: [],
      offset: 0,
      limit: 1,
    })
  ).rows
  await expect
    .poll(async () => JSON.stringify(await ask(page, 'draft.read', { siteId: siteId!, id: blend!.id })))
    .toContain('First flush')
  await device.kill()
  page = await device.start()
  await upToDate(page)
  await search(page, 'Blend')
  await open(page, 'Blend')
  await expect(page.getByText(/^You had not saved this/)).toBeVisible()
  await screen('record-draft')
  await save(page)
  await upToDate(page)
  await form().getByRole('button', { name: 'Delete' }).click()
  await screen('record-delete')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText(/is deleted\. You can restore it/)).toBeVisible()
  await upToDate(page)
  await screen('record-deleted')

  // Upkeep: results, empty, offline.
  await go('Deleted records')
  await expect(page.getByRole('row').nth(1)).toBeVisible()
  await screen('deleted')
  await page.getByRole('searchbox', { name: 'Search deleted records' }).fill('no such thing')
  await expect(page.getByRole('heading', { name: 'Nothing found' })).toBeVisible()
  await screen('deleted-nothing-found')
  await go('Interaction types')
  await expect(
    page.getByRole('region', { name: 'Interaction types' }).getByRole('listitem').first(),
  ).toBeVisible()
  await screen('types')
  await page.getByRole('button', { name: 'More for Meeting' }).click()
  await screen('types-menu')
  await page.keyboard.press('Escape')
  await button('Add type').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click()
  await screen('types-add')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await go('Site settings')
  await screen('site-settings')
  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await screen('site-settings-offline')
  await go('Deleted records')
  await expect(page.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
  await screen('deleted-offline')
  await go('Interaction types')
  await expect(page.getByRole('heading', { name: 'The server cannot be reached' })).toBeVisible()
  await screen('types-offline')
  await go('Finder')
  await search(page, title)
  await rowOf(page, title).filter({ hasText: 'Edith Vale' }).click()
  await button('History').click()
  await expect(page.getByText('What others did is shown when you are online.')).toBeVisible()
  await screen('record-history-offline')

  // What takes long, and what fails.
  for (const [name, channel] of [
    ['Deleted records', 'deleted.list'],
    ['Interaction types', 'types.list'],
  ] as const) {
    await answerWith(device, channel, null)
    await go(name)
    await expect(page.getByRole('status', { name: /^Reading the/ })).toBeVisible()
    await screen(`${channel.slice(0, -5)}-loading`)
    await answerWith(device, channel, failure)
    await go('Sync centre')
    await go(name)
    await expect(page.getByRole('alert')).toContainText('Reference')
    await screen(`${channel.slice(0, -5)}-failed`)
  }
  await answerWith(device, 'site.settings', failure)
  await go('Site settings')
  await page.getByLabel('Rows per page in Finder').selectOption('10')
  await button('Save').click()
  await expect(page.getByRole('alert')).toContainText('Reference')
  await screen('site-settings-failed')
})
