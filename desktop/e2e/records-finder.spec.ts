import type { Locator, Page } from '@playwright/test'
import { sortKey } from '#common/rules/folding'
import {
  addMany,
  ask,
  expect,
  meeting,
  open,
  rowOf,
  search,
  startAs,
  syncStatus,
  takePicture,
  test,
  upToDate,
} from './support/journey.ts'

const counts = (page: Page) => page.getByRole('status', { name: 'Interactions found' })

const header = (page: Page, name: string) =>
  page.getByRole('columnheader', { name: new RegExp(`^${name}(,| |$)`) })

/** The names of the columns from left to right. */
const columnNames = async (page: Page) => {
  const headers = await page
    .getByRole('columnheader')
    .evaluateAll((cells) =>
      cells
        .toSorted((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left)
        .map((cell) => cell.querySelector('.truncate')?.textContent ?? ''),
    )
  return headers.filter(Boolean)
}

/** What is marked in a column, and in sight. */
const marked = (page: Page, column: string) =>
  page.evaluate((column) => {
    const ranges = [...(CSS.highlights.get('found') ?? [])].map((found) => {
      const range = document.createRange()
      range.setStart(found.startContainer, found.startOffset)
      range.setEnd(found.endContainer, found.endOffset)
      return range
    })
    const inSight = (range: Range) => {
      const cell = range.startContainer.parentElement?.closest(`[role=gridcell][col-id=${column}]`)
      return cell && range.getBoundingClientRect().right <= cell.getBoundingClientRect().right
    }
    return ranges.filter(inSight).map(String)
  }, column)

/** What a column shows, from the top down. */
const cells = (page: Page, column: string) =>
  page.locator(`[role=gridcell][col-id=${column}]`).evaluateAll((found) => {
    const place = (cell: Element) => Number(cell.closest('[row-index]')?.getAttribute('row-index'))
    return found.toSorted((a, b) => place(a) - place(b)).map((cell) => cell.textContent ?? '')
  })

const chosen = (page: Page) => page.getByRole('toolbar', { name: 'Chosen records' })

async function menu(page: Page, button: string | RegExp, item: string): Promise<void> {
  await page.getByRole('button', { name: button }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

/** Preferences are written shortly after the last change. */
const remembered = async (page: Page, name: string) =>
  (await ask(page, 'preferences.read', {})).preferences[name]

test('columns are chosen, moved, pinned and sized, and stay so over a restart and beside an open record', async ({
  computer,
}) => {
  const device = await computer()
  let page = await startAs(device, 'editor', 'Marketing')
  await expect(page.getByRole('row').nth(3)).toBeVisible()
  await page.getByRole('button', { name: 'Columns' }).click()
  const columns = page.getByRole('dialog', { name: 'Columns' })
  await columns.getByRole('checkbox', { name: 'End', exact: true }).uncheck()
  await columns.getByRole('checkbox', { name: 'Created by' }).check()
  await columns.getByRole('button', { name: 'Move Status left' }).press('Enter')
  await columns.getByRole('button', { name: 'Pin Lead left' }).click()
  await expect(columns.getByRole('checkbox', { name: 'Title' })).toBeDisabled()
  await page.keyboard.press('Escape')
  const arranged = ['Lead', 'Title', 'Type', 'Start', 'Status', 'Location', 'Updated', 'Created by']
  await expect.poll(() => columnNames(page)).toEqual(arranged)
  await expect.poll(async () => (await cells(page, 'createdBy'))[0]).toMatch(/\w/)

  await header(page, 'Type').dragTo(header(page, 'Start'), { targetPosition: { x: 130, y: 15 } })
  const dragged = ['Lead', 'Title', 'Start', 'Type', 'Status', 'Location', 'Updated', 'Created by']
  await expect.poll(() => columnNames(page)).toEqual(dragged)
  const width = async () => (await header(page, 'Status').boundingBox())!.width
  const before = await width()
  await header(page, 'Status').focus()
  for (let press = 0; press < 8; press++) await page.keyboard.press('Alt+ArrowRight')
  await expect.poll(width).toBeGreaterThan(before)
  const wide = Math.round(await width())
  await expect.poll(() => remembered(page, 'finder.columns')).toContainEqual({ name: 'status', width: wide })

  await device.quit()
  page = await device.start()
  await expect(page.getByRole('row').nth(3)).toBeVisible()
  expect(await columnNames(page)).toEqual(dragged)
  expect(Math.round(await width())).toBe(wide)

  await page.getByRole('row').nth(2).click()
  await expect(page.getByRole('form', { name: 'Edit interaction' })).toBeVisible()
  await expect.poll(() => columnNames(page)).toEqual(['Lead', 'Title', 'Start', 'Type'])
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await expect.poll(() => columnNames(page)).toEqual(dragged)

  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('button', { name: 'Reset columns' }).click()
  await page.keyboard.press('Escape')
  const start = ['Title', 'Type', 'Lead', 'Start', 'End', 'Location', 'Status', 'Updated']
  await expect.poll(() => columnNames(page)).toEqual(start)
})

test('several columns sort one after the other, by pointer and by keyboard, and the headers say so', async ({
  computer,
}) => {
  const page = await startAs(await computer(), 'editor', 'Sales')
  await header(page, 'Type').getByText('Type').click()
  await header(page, 'Lead')
    .getByText('Lead')
    .click({ modifiers: ['Shift'] })
  await expect(header(page, 'Lead')).toHaveAccessibleName(/sorted 2 of 2/)
  await expect(header(page, 'Type')).toHaveAttribute('aria-sort', 'ascending')
  const sorted = async (descending: boolean) => {
    const types = await cells(page, 'type')
    const leads = await cells(page, 'lead')
    const rows = types.map((type, index) => [sortKey(type), sortKey(leads[index]!)] as const)
    const inOrder = (a: string, b: string) => (descending ? a >= b : a <= b)
    return (
      rows.length > 5 &&
      rows.every(([type, lead], index) => {
        const [typeBefore, leadBefore] = rows[index - 1] ?? ['', lead]
        return typeBefore < type || (typeBefore === type && inOrder(leadBefore, lead))
      })
    )
  }
  await expect.poll(() => sorted(false)).toBe(true)
  await header(page, 'Lead').focus()
  await page.keyboard.press('Shift+Enter')
  await expect(header(page, 'Lead')).toHaveAttribute('aria-sort', 'descending')
  await expect.poll(() => sorted(true)).toBe(true)
  await page.keyboard.press('Enter')
  await expect(header(page, 'Type')).toHaveAttribute('aria-sort', 'none')
})

test('what a search and a filter found is marked where it stands, whatever its accents', async ({
  server,
  computer,
}) => {
  const admin = await server.signIn('admin')
  const notes = `${'We walked through every aisle. '.repeat(8)}The Straßenfest comes first.`
  await admin.create('Marketing', meeting('Kiosk, Güntzelstraße', { lead: 'Émile Lefèvre', notes }))
  const page = await startAs(await computer(), 'editor', 'Marketing')
  await search(page, 'kiosk strasse')
  const row = rowOf(page, 'Kiosk, Güntzelstraße')
  await expect(row).toBeVisible()
  await expect.poll(() => marked(page, 'title')).toEqual(['Kiosk', 'straße'])
  await page.getByRole('button', { name: 'Filter by Lead' }).click()
  await page.getByRole('textbox', { name: 'Lead contains' }).fill('LEFEV')
  await page.keyboard.press('Enter')
  await expect.poll(() => marked(page, 'lead')).toEqual(['Lefèv'])

  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('checkbox', { name: 'Notes' }).check()
  await page.keyboard.press('Escape')
  const excerpt = page.locator('[role=gridcell][col-id=notes]')
  await excerpt.scrollIntoViewIfNeeded()
  await expect.poll(() => marked(page, 'notes')).toEqual(['Straße'])
  await expect(excerpt).toHaveText(/^….*Straßenfest/)
  await search(page, '')
  await expect.poll(() => marked(page, 'title')).toEqual([])
})

test('every field can be filtered by, people and days of change too, and each filter is a tag', async ({
  server,
  computer,
}) => {
  const admin = await server.signIn('admin')
  await admin.create('Marketing', meeting('Filtered by its maker'))
  const page = await startAs(await computer(), 'editor', 'Marketing')
  await search(page, 'filtered by its maker')
  await expect(counts(page)).toHaveText(/^1 of/)
  await page.getByRole('button', { name: 'Filters' }).click()
  const filters = page.getByRole('dialog', { name: 'Filters' })
  const maker = admin.session.user.displayName
  await filters.getByRole('group', { name: 'Created by' }).getByRole('checkbox', { name: maker }).check()
  await expect(counts(page)).toHaveText(/^1 of/)
  await filters
    .getByRole('group', { name: 'Updated', exact: true })
    .getByLabel('Updated until')
    .fill('2020-01-01')
  await expect(counts(page)).toHaveText(/^0 of/)
  await page.keyboard.press('Escape')
  const tags = page.getByRole('group', { name: 'Filters in force' })
  await expect(tags).toContainText(`Created by ${maker}`)
  await tags.getByRole('button', { name: 'Remove filter Updated until 1 Jan 2020' }).click()
  await expect(counts(page)).toHaveText(/^1 of/)
})

test('a view is saved offline and shared, and is there on a second device once there is a network', async ({
  server,
  cable,
  otherCable,
  computer,
}) => {
  const admin = await server.signIn('admin')
  await admin.create('Marketing', meeting('Lighthouse call', { type: 'Call', lead: 'Ana Jones' }))
  const here = await startAs(await computer(), 'editor', 'Marketing')
  const there = await startAs(await computer(otherCable.url), 'admin', 'Marketing')
  await cable.pull()
  await search(here, 'lighthouse')
  await here.getByRole('button', { name: 'Filter by Type' }).click()
  await here.getByRole('checkbox', { name: 'Call' }).check()
  await here.keyboard.press('Escape')
  await header(here, 'Lead').getByText('Lead').click()
  await menu(here, 'View: All interactions', 'Save as…')
  const dialog = here.getByRole('dialog', { name: 'Save as a view' })
  await dialog.getByRole('button', { name: 'Save view' }).click()
  await expect(dialog.getByText('Give it a name')).toBeVisible()
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Lighthouse calls')
  await dialog.getByRole('checkbox', { name: /^Share with everyone/ }).check()
  await dialog.getByRole('button', { name: 'Save view' }).click()
  await expect(here.getByRole('button', { name: 'View: Lighthouse calls', exact: true })).toBeVisible()
  await search(here, 'lighthouse call')
  await expect(here.getByRole('button', { name: 'View: Lighthouse calls changed' })).toBeVisible()
  await menu(here, /^View: Lighthouse calls/, 'Drop the changes')
  await expect(here.getByRole('searchbox')).toHaveValue('lighthouse')

  await cable.plugIn()
  await upToDate(here)
  await expect(async () => {
    await there.getByRole('button', { name: /^View:/ }).click()
    await there.getByRole('menuitemradio', { name: /^Lighthouse calls/ }).click({ timeout: 1000 })
  }).toPass({ timeout: 60_000 })
  await expect(there.getByRole('searchbox')).toHaveValue('lighthouse')
  await expect(there.getByRole('group', { name: 'Filters in force' })).toContainText('Type: Call')
  await expect(header(there, 'Lead')).toHaveAttribute('aria-sort', 'ascending')
  await expect(rowOf(there, 'Lighthouse call')).toBeVisible()

  await menu(there, /^View: Lighthouse calls/, 'Rename…')
  await there.getByRole('textbox', { name: 'Name' }).fill('Calls at the lighthouse')
  await there.getByRole('button', { name: 'Rename' }).click()
  await expect(here.getByRole('button', { name: 'View: Calls at the lighthouse' })).toBeVisible({
    timeout: 60_000,
  })
  await menu(here, /^View: Calls/, 'Delete…')
  await here.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await expect(here.getByRole('button', { name: 'View: All interactions' })).toBeVisible()
  await expect(there.getByRole('button', { name: 'View: All interactions' })).toBeVisible({ timeout: 60_000 })
})

test('all that were found are archived at once: first it says what will happen, and undo spares what was edited since', async ({
  server,
  computer,
}) => {
  const admin = await server.signIn('admin')
  const site = admin.site('Marketing')
  const page = await startAs(await computer(), 'editor', 'Marketing')
  await addMany(
    page,
    site,
    Array.from({ length: 12 }, (_, index) =>
      meeting(`Harvest ${index + 1}`, { status: index === 0 ? 'draft' : 'complete' }),
    ),
  )
  await upToDate(page)
  await search(page, 'harvest')
  await expect(counts(page)).toHaveText(/^12 of/)
  await page.getByLabel('Rows per page').selectOption('10 per page')
  await expect(page.getByRole('gridcell', { name: /^Harvest/ })).toHaveCount(10)
  await page.getByRole('checkbox', { name: 'Choose the page' }).check()
  await expect(chosen(page)).toContainText('10 chosen')
  await chosen(page).getByRole('button', { name: 'Choose all 12 found' }).click()
  await expect(chosen(page)).toContainText('12 chosen')
  await chosen(page).getByRole('button', { name: 'Archive…' }).click()
  const plan = page.getByRole('dialog', { name: 'Archive 12 records?' })
  await expect(plan).toContainText('11 will be archived, 1 will not.')
  await expect(plan.getByRole('list', { name: 'Records left as they are' })).toContainText('Harvest 1')
  expect((await admin.find('Marketing', 'harvest')).filter(({ status }) => status === 'archived')).toEqual([])
  await plan.getByRole('button', { name: 'Archive 11' }).click()
  const last = page.getByRole('group', { name: 'Last change' })
  await expect(last).toContainText('11 records archived.')
  await expect(chosen(page)).toBeHidden()
  await upToDate(page)

  const [edited] = await admin.find('Marketing', 'harvest 12')
  expect(edited?.status).toBe('archived')
  await admin.update('Marketing', edited!, { status: 'complete' })
  await open(page, 'Harvest 12')
  await expect(page.getByRole('form').getByText('Complete').first()).toBeVisible({ timeout: 40_000 })
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await last.getByRole('button', { name: 'Undo' }).click()
  await expect(last).toContainText('Taken back: 10 records as before. 1 record spared.')
  await last.getByRole('button', { name: 'Why' }).click()
  await expect(last.getByRole('list')).toContainText('Harvest 12')
  await takePicture(page, 'finder-taken-back')
  await upToDate(page)
  await expect
    .poll(
      async () =>
        (await admin.find('Marketing', 'harvest')).filter(({ status }) => status === 'archived').length,
    )
    .toBe(0)
})

test('many records get the same fields; what may not be changed says why', async ({ server, computer }) => {
  const admin = await server.signIn('admin')
  const page = await startAs(await computer(), 'editor', 'Marketing')
  await addMany(page, admin.site('Marketing'), [
    meeting('Orchard one', { location: 'Barn' }),
    meeting('Orchard two'),
    meeting('Orchard three'),
  ])
  await search(page, 'orchard')
  await expect(counts(page)).toHaveText(/^3 of/)
  await rowOf(page, 'Orchard one').getByRole('checkbox').check()
  await rowOf(page, 'Orchard three')
    .getByRole('checkbox')
    .click({ modifiers: ['Shift'] })
  await expect(page.getByRole('form', { name: 'Edit interaction' })).toBeHidden()
  await expect(chosen(page)).toContainText('3 chosen')
  await chosen(page).getByRole('button', { name: 'Edit…' }).click()
  const edit = page.getByRole('dialog', { name: 'Edit 3 records' })
  await edit.getByRole('button', { name: 'Continue' }).click()
  await expect(edit.getByText('Tick the fields that are to be set.')).toBeVisible()
  await edit.getByRole('checkbox', { name: 'Lead' }).check()
  await edit.getByRole('button', { name: 'Continue' }).click()
  await expect(edit.getByText('Is required')).toBeVisible()
  const lead = edit.getByRole('combobox', { name: 'Lead' })
  await expect(lead).toBeFocused()
  await lead.press('ArrowDown')
  await page.getByRole('option').first().click()
  await expect(lead).not.toHaveValue('')
  await edit.getByRole('checkbox', { name: 'Lead' }).uncheck()
  await edit.getByRole('checkbox', { name: 'Location' }).check()
  await edit.getByRole('textbox', { name: 'Location' }).fill('Barn')
  await edit.getByRole('button', { name: 'Continue' }).click()
  const plan = page.getByRole('dialog', { name: 'Change 3 records?' })
  await expect(plan).toContainText('2 will be changed, 1 will not.')
  await plan.getByRole('button', { name: 'Change 2' }).click()
  await expect(page.getByRole('group', { name: 'Last change' })).toContainText('2 records changed.')
  await expect.poll(() => cells(page, 'location')).toEqual(['Barn', 'Barn', 'Barn'])
  await page.getByRole('group', { name: 'Last change' }).getByRole('button', { name: 'Undo' }).click()
  await expect.poll(async () => (await cells(page, 'location')).toSorted()).toEqual(['', '', 'Barn'])
})

test('the menu of a row: duplicate, archive, unarchive and delete, which asks', async ({ computer }) => {
  const page = await startAs(await computer(), 'editor', 'Marketing')
  const title = 'Greenhouse visit'
  const site = (await ask(page, 'session.get', {})).siteId!
  await addMany(page, site, [meeting(title, { location: 'Greenhouse' })])
  await search(page, title)
  const row = rowOf(page, title)
  const act = async (item: string) => {
    await row.first().click({ button: 'right', position: { x: 200, y: 15 } })
    await page
      .getByRole('menu', { name: `Actions for ${title}` })
      .getByRole('menuitem', { name: item })
      .click()
  }
  await act('Archive')
  await expect(row).toContainText('Archived')
  await act('Unarchive')
  await expect(row).toContainText('Complete')
  await row.hover()
  await row.getByRole('button', { name: 'Actions' }).click()
  await page.getByRole('menuitem', { name: 'Duplicate' }).click()
  const form = page.getByRole('form', { name: 'New interaction' })
  await expect(form.getByRole('textbox', { name: 'Location' })).toHaveValue('Greenhouse')
  await page.getByRole('button', { name: 'Cancel' }).click()
  const question = page.getByRole('alertdialog')
  if (await question.isVisible()) await question.getByRole('button', { name: 'Discard' }).click()
  await act('Delete…')
  await expect(question).toContainText(title)
  await question.getByRole('button', { name: 'Delete' }).click()
  await expect(row).toBeHidden()
})

test('without a pointer: search, choose, act, sort and come back', async ({ computer }) => {
  const page = await startAs(await computer(), 'editor', 'Marketing')
  const site = (await ask(page, 'session.get', {})).siteId!
  await addMany(
    page,
    site,
    [1, 2, 3].map((number) => meeting(`Keyboard ${number}`)),
  )
  await page.keyboard.press('/')
  await page.keyboard.type('keyboard')
  await expect(counts(page)).toHaveText(/^3 of/)
  await page.keyboard.press('ArrowDown')
  await expect(page.locator('[role=gridcell]:focus')).toBeVisible()
  await page.keyboard.press('Space')
  await expect(chosen(page)).toContainText('1 chosen')
  await page.keyboard.press('Shift+ArrowDown')
  await expect(chosen(page)).toContainText('2 chosen')
  await page.keyboard.press('Control+a')
  await expect(chosen(page)).toContainText('3 chosen')
  await page.keyboard.press('Escape')
  await expect(chosen(page)).toBeHidden()
  await page.keyboard.press('Shift+F10')
  const actions = page.getByRole('menu', { name: /^Actions for Keyboard/ })
  await expect(actions.getByRole('menuitem', { name: 'Open' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(actions).toBeHidden()
  await expect(page.locator('[role=gridcell]:focus')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('textbox', { name: 'Title' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.locator('[role=gridcell]:focus')).toBeVisible()
})

test('the palette finds commands, screens, sites and records; help lists the shortcuts of the screen', async ({
  computer,
}) => {
  const page = await startAs(await computer(), 'editor', 'Marketing')
  const site = (await ask(page, 'session.get', {})).siteId!
  await addMany(page, site, [meeting('Palette of colours')])
  const palette = page.getByRole('dialog', { name: 'Commands' })
  const run = async (typed: string, found: string | RegExp) => {
    await page.keyboard.press('Control+k')
    await expect(palette.getByRole('combobox')).toBeFocused()
    await page.keyboard.type(typed)
    await expect(palette.getByRole('option', { selected: true })).toContainText(found)
    await page.keyboard.press('Enter')
    await expect(palette).toBeHidden()
  }
  await run('sync cen', 'Go to Sync centre')
  await expect(page.getByRole('tab', { name: 'Needs attention' })).toBeVisible()
  await run('finder', 'Go to Finder')
  await run('palette col', 'Palette of colours')
  await expect(page.getByRole('textbox', { name: 'Title' })).toHaveValue('Palette of colours')
  await page.keyboard.press('Escape')
  await run('colum', 'Columns')
  await expect(page.getByRole('dialog', { name: 'Columns' })).toBeVisible()
  await page.keyboard.press('Escape')

  await page.keyboard.press('F1')
  const help = page.getByRole('dialog', { name: 'Shortcuts' })
  await expect(help.getByRole('heading', { name: 'In the list' })).toBeVisible()
  await expect(help).toContainText('Choose the record, or not')
  await page.keyboard.press('Escape')
  await run('switch sales', 'Switch to Sales')
  await expect(page.getByRole('button', { name: 'Site: Sales' })).toBeVisible()
})

test('all records in one list that goes on to the end, which is remembered', async ({ server, computer }) => {
  const all = await (await server.signIn('editor')).count('Sales', '')
  const device = await computer()
  let page = await startAs(device, 'editor', 'Sales')
  await page.getByLabel('Rows per page').selectOption('All in one list')
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeHidden()
  await expect.poll(() => remembered(page, 'finder.paging')).toBe('endless')
  const toEnd = async (): Promise<Locator> => {
    const cell = page.locator('[role=gridcell][col-id=title]').first()
    await cell.click()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+End')
    return page.locator(`[row-index="${all - 1}"] [col-id=title]`)
  }
  await expect((await toEnd()).locator('.truncate')).toBeVisible()
  await expect(counts(page)).toHaveText(all.toLocaleString('en'))
  await device.quit()
  page = await device.start()
  await expect(page.getByLabel('Rows per page')).toHaveValue('endless')
  await expect(syncStatus(page)).toContainText('Up to date')
})
