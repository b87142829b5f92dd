import type { Locator, Page } from '@playwright/test'
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import writeXlsxFile from 'write-excel-file/node'
import type { Import } from '#common/contract/imports'
import type { ImportProgress, Outcome, Problem, RequestName } from '#desktop/bridge/channels'
import type { Device } from './support/device.ts'
import { ask, expect, rowOf, search, startAs, syncStatus, test, upToDate } from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import { chooseFile, tellWindow } from './support/sync-centre.ts'

let folder: string
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldbook-import-'))
})
test.afterEach(() => rm(folder, { recursive: true, force: true }))

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true })
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name })
const screen = (page: Page): Locator => page.getByRole('region', { name: 'Import', exact: true })

async function show(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name }).click()
}

async function fileWith(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

/** Lets the person choose this file. */
async function open(device: Device, path: string): Promise<void> {
  await chooseFile(device, path)
  await button(device.page, /^(Import a|Another|Choose another) file…$/)
    .first()
    .click()
}

const hold = (page: Page, column: string, what: string) =>
  page.getByLabel(`What ${column} holds`, { exact: true }).selectOption({ label: what })

/** A row, by the words in it. */
const rowWith = (page: Page, words: string) => screen(page).getByRole('row').filter({ hasText: words })

const fairs = [
  'Nr.;Thema;Datum;Wer;Ort',
  '1;Kite fair;25-03-2026;Edith Vale;Köln',
  '2;Kite market;26-03-2026;Edith Vale;=SUM(A1)',
  '3;Kite day;31-02-2026;Edith Vale;Bonn',
  '',
  '5;;27-03-2026;Ana Jones;Bonn',
  '6;Kite night;28-03-2026 18:30;Ana Jones;Bonn',
].join('\r\n')

test('a table becomes records: mapped, checked, imported, undone and imported again', async ({
  computer,
}) => {
  test.setTimeout(180_000)
  const device = await computer()
  const page = await startAs(device, 'admin', 'Support')
  await show(page, 'Import')
  await expect(heading(page, 'Nothing has been imported')).toBeVisible()
  const path = await fileWith('Fairs 2026.csv', `\ufeff${fairs}`)
  await open(device, path)

  await expect(heading(page, 'What do the columns hold?')).toBeFocused()
  await expect(screen(page)).toContainText('6 rows · 5 columns')
  await button(page, 'Check 6 rows').click()
  await expect(screen(page).getByRole('alert')).toContainText('Choose what at least one column holds')
  await expect(page.getByLabel('What Nr. holds')).toBeFocused()
  await hold(page, 'Nr.', 'Title')
  await hold(page, 'Thema', 'Title')
  await expect(screen(page).getByRole('alert')).toHaveText('Only one column can be the Title')
  await hold(page, 'Nr.', 'Reference')
  await hold(page, 'Datum', 'Start')
  await hold(page, 'Wer', 'Lead')
  await hold(page, 'Ort', 'Location')
  await page.getByLabel('Written as').selectOption({ label: 'Month, day, year: 03-25-2026' })
  await expect(page.getByRole('list', { name: 'How the first dates are read' })).toContainText(
    'is not a date, read as month, day, year',
  )
  await page.getByLabel('Written as').selectOption({ label: 'Day, month, year: 25-03-2026' })
  await page.getByLabel('Day without a time starts').fill('9')
  await page.getByLabel('and ends').fill('17:00')
  await page.getByLabel('and ends').press('Tab')
  await expect(page.getByRole('list', { name: 'How the first dates are read' })).toContainText(
    '25 Mar 2026, 09:00 – 17:00',
  )
  const preview = page.getByRole('region', { name: 'The first records would be' })
  await expect(preview.getByRole('row').filter({ hasText: 'Kite fair' })).toContainText('Köln')
  await expect(preview).toContainText('Start: “31-02-2026” is not a date')

  await button(page, 'Check 6 rows').click()
  await expect(button(page, 'Import 2 records')).toBeVisible()
  const bad = page.getByRole('region', { name: 'Rows that cannot be taken in' })
  await expect(bad.getByRole('row').nth(1)).toContainText('4Kite day')
  await expect(bad.getByRole('row').nth(2)).toContainText('6No title')
  await expect(bad.getByRole('row').nth(3)).toContainText('7Kite night')
  const report = join(folder, 'report.csv')
  await chooseFile(device, report)
  await button(page, 'Save error report…').click()
  await expect(page.getByText('The error report is saved.')).toBeVisible()
  const saved = await readFile(report, 'utf8')
  expect(saved).toContain('Thema')
  expect(saved).toContain('31-02-2026')
  expect(saved).not.toContain('Kite fair')

  // The evening ends before it begins, unless its end is said.
  await button(page, 'Back to the columns').click()
  await page.getByLabel('and ends').fill('2230')
  await page.getByLabel('and ends').press('Tab')
  await button(page, 'Check 6 rows').click()
  await button(page, 'Import 3 records').click()
  await expect(page.getByText('The records are in Finder.')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Rows that were left out' }).getByRole('row')).toHaveCount(3)
  await upToDate(page)
  await search(page, 'kite')
  await expect(rowOf(page, 'Kite night')).toBeVisible()
  await expect(rowOf(page, 'Kite market')).toContainText('=SUM(A1)')

  // One is edited; undoing spares it.
  await rowOf(page, 'Kite market').click()
  const form = page.getByRole('form', { name: 'Edit interaction' })
  await form.getByRole('textbox', { name: 'Location' }).fill('Aachen')
  await form.getByRole('button', { name: 'Save', exact: true }).click()
  await upToDate(page)
  await show(page, 'Import')
  await button(page, 'Back to all imports').click()
  await expect(rowWith(page, 'Fairs 2026.csv')).toContainText('3 new · 2 left out')
  await button(page, 'Undo the import of Fairs 2026.csv…').click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByText('Undone: 2 put back, 1 spared')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Records that were spared' })).toContainText('Kite market')
  await show(page, 'Finder')
  await expect(rowOf(page, 'Kite market')).toBeVisible()
  await expect(rowOf(page, 'Kite night')).toBeHidden()

  // The same file once more is known by its columns, and its records by their references.
  await show(page, 'Import')
  await button(page, 'Back to all imports').click()
  await open(device, path)
  await expect(page.getByText('As last time you imported a table with these columns.')).toBeVisible()
  await expect(page.getByLabel('What Thema holds')).toHaveValue('title')
  await button(page, 'Check 6 rows').click()
  await button(page, 'Import 3 records').click()
  await expect(page.getByText('The records are in Finder.')).toBeVisible()
  await button(page, 'Back to all imports').click()
  await expect(rowWith(page, '2 new · 1 changed · 2 left out')).toBeVisible()
  await show(page, 'Finder')
  await expect(rowOf(page, 'Kite night')).toBeVisible()
  await expect(rowOf(page, 'Kite market')).toHaveCount(1)
})

const many = (count: number) =>
  `Reference,Title,Start,Lead\n${Array.from({ length: count }, (_, index) => `M${index},Walk ${index},2026-04-01 10:00,Edith Vale\n`).join('')}`

test('a cut while rows travel is said, and they go on where they were', async ({ cable, computer }) => {
  test.setTimeout(180_000)
  const device = await computer()
  const page = await startAs(device, 'admin', 'Sales')
  await show(page, 'Import')
  await open(device, await fileWith('Walks.csv', many(12_000)))
  const swallowed = cable.swallowAnswerTo('/rows')
  await button(page, 'Check 12,000 rows').click()
  await swallowed
  await cable.pull()
  await expect(page.getByText(/What has been sent is kept/)).toBeVisible()
  await show(page, 'Sync centre')
  await show(page, 'Import')
  await expect(page.getByText(/What has been sent is kept/)).toBeVisible()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await cable.plugIn()
  await upToDate(page)
  await button(page, 'Go on').click()
  await expect(button(page, 'Import 12,000 records')).toBeVisible({ timeout: 60_000 })
  await button(page, 'Import 12,000 records').click()
  await expect(page.getByText('The records are in Finder.')).toBeVisible({ timeout: 100_000 })
  const { siteId } = await ask(page, 'session.get', {})
  await expect
    .poll(
      async () => (await ask(page, 'finder.count', { siteId: siteId!, filter: { search: 'walk' } })).found,
      { timeout: 60_000 },
    )
    .toBe(12_000)
})

test('killed while rows travel, it goes on with the same file, and with no other', async ({
  cable,
  computer,
}) => {
  test.setTimeout(180_000)
  const device = await computer()
  let page = await startAs(device, 'admin', 'Sales')
  await show(page, 'Import')
  const path = await fileWith('Strolls.csv', many(12_000).replaceAll('Walk', 'Stroll'))
  await open(device, path)
  const swallowed = cable.swallowAnswerTo('/rows')
  await button(page, 'Check 12,000 rows').click()
  await swallowed
  await cable.pull()
  await device.kill()
  await cable.plugIn()
  page = await device.start()
  await upToDate(page)
  await show(page, 'Import')
  const list = rowWith(page, 'Strolls.csv')
  await expect(list).toContainText(/Not all sent: \d+,000 of 12,000 rows/)
  await list.getByRole('button', { name: 'Strolls.csv', exact: true }).click()
  await chooseFile(device, await fileWith('Walks.csv', many(12_000)))
  await button(page, 'Choose the file…').click()
  await expect(screen(page).getByRole('alert')).toContainText('begun with another table: “Strolls.csv”')
  await chooseFile(device, path)
  await button(page, 'Choose the file…').click()
  await expect(button(page, 'Import 12,000 records')).toBeVisible({ timeout: 60_000 })
  await button(page, 'Back to the columns').click()
  await expect(heading(page, 'What do the columns hold?')).toBeVisible()
})

test('a file that cannot be imported says why and leaves nothing behind; editors are not offered it', async ({
  computer,
}) => {
  const editor = await startAs(await computer(), 'editor', 'Marketing')
  await expect(button(editor, 'Import')).toBeHidden()

  const device = await computer()
  const page = await startAs(device, 'admin', 'Marketing')
  await show(page, 'Import')
  const refused = async (path: string, why: RegExp) => {
    await open(device, path)
    await expect(screen(page).getByRole('alert')).toContainText(why)
  }
  await refused(await fileWith('empty.csv', ''), /is empty/)
  const large = await fileWith('large.csv', '')
  await truncate(large, 1024 ** 3)
  await refused(large, /1,024 MB, and 200 MB can be read/)
  const sheets = [
    { sheet: 'Cover', data: [[{ value: 'Fairs' }]] },
    {
      sheet: 'List',
      data: [
        ['Title', 'Start'],
        ['Fair', '2026-03-25'],
      ].map((row) => row.map((value) => ({ value }))),
    },
  ]
  const workbook = await writeXlsxFile(sheets).toBuffer()
  await refused(await fileWith('half.xlsx', workbook.subarray(0, workbook.length / 2)), /damaged/)
  await refused(await fileWith('cover.xlsx', workbook), /only one row/)
  await page.getByLabel('Or another sheet of it').selectOption('List')
  await expect(screen(page)).toContainText('1 row · 2 columns')
  await expect(page.getByLabel('Sheet')).toHaveValue('List')
  await refused(
    await fileWith('old.csv', Buffer.from('Title;Ort\nBücher;Köln\n', 'latin1')),
    /not written in UTF-8/,
  )
  await button(page, 'Read as Windows-1252').click()
  await expect(page.getByRole('region', { name: 'The first records would be' })).toContainText('Bücher')
  await button(page, 'Back to all imports').click()
  await expect(heading(page, 'Nothing has been imported')).toBeVisible()
  const { siteId } = await ask(page, 'session.get', {})
  expect(await ask(page, 'import.list', { siteId: siteId! })).toEqual({ imports: [] })
})

test('the screens of an import are accessible, and their pictures taken', async ({ cable, computer }) => {
  test.setTimeout(600_000)
  const device = await computer()
  const page = await startAs(device, 'admin', 'Marketing')
  const look = (name: string) => lookAt(device, `import-${name}`)
  const answer = (name: RequestName, outcome: Outcome<unknown> | null) =>
    device.app.evaluate(
      ({ ipcMain }, told) => {
        ipcMain.removeHandler(told.name)
        ipcMain.handle(told.name, () => told.outcome ?? new Promise(() => {}))
      },
      { name, outcome },
    )
  await show(page, 'Import')
  await expect(heading(page, 'Nothing has been imported')).toBeVisible()
  await look('empty')
  await open(device, await fileWith('old.csv', Buffer.from('Title;Ort\nBücher;Köln\n', 'latin1')))
  await expect(screen(page).getByRole('alert')).toBeVisible()
  await look('unread')

  const rows = Array.from(
    { length: 60 },
    (_, index) =>
      `${index},Tea tasting in the warehouse ${index},${(index % 30) + 1}-02-2026,Edith Vale,"Twelve sorts, first flush",Hamburg,`,
  )
  const table = `Reference,Title,When,Who,Notes,Place,Remark of the office\n${rows.join('\n')}\n`
  await open(device, await fileWith('Tastings of the first quarter.csv', table))
  await button(page, 'Check 60 rows').click()
  await expect(screen(page).getByRole('alert')).toHaveCount(0)
  await expect(page.getByRole('region', { name: 'Rows that cannot be taken in' })).toBeVisible()
  await button(page, 'Back to the columns').click()
  await hold(page, 'When', 'Start')
  await hold(page, 'Who', 'Title')
  await look('columns-wrong')
  await hold(page, 'Who', 'Lead')
  await look('columns')
  await page
    .getByRole('region', { name: 'The first records would be' })
    .getByRole('row')
    .last()
    .scrollIntoViewIfNeeded()
  await look('columns-preview')
  await button(page, 'Check 60 rows').click()
  await expect(button(page, 'Import 56 records')).toBeVisible()
  await expect(
    page.getByRole('region', { name: 'Rows that cannot be taken in' }).getByRole('row'),
  ).toHaveCount(5)
  await look('checked')
  await button(page, 'Import 56 records').click()
  await expect(page.getByText('The records are in Finder.')).toBeVisible()
  await look('done')

  const { siteId } = await ask(page, 'session.get', {})
  const [found] = (await ask(page, 'import.list', { siteId: siteId! })).imports
  const tell = (changes: Partial<Import>, more: Partial<ImportProgress> = {}) =>
    tellWindow(device, 'import.changed', {
      import: { ...found!, ...changes },
      sending: false,
      interrupted: null,
      ...more,
    })
  await answer('import.watch', null)
  await tell({ state: 'running', rows: 23_050, progress: 9_000 })
  await expect(page.getByRole('progressbar', { name: 'Importing' })).toBeVisible()
  await look('running')
  await tell({ state: 'receiving', rows: 23_050, received: 5_000 }, { sending: true })
  await expect(page.getByRole('progressbar', { name: 'Sending the rows' })).toBeVisible()
  await look('sending')
  const interrupted = 'The server at https://fieldbook.example cannot be reached. What has been sent is kept.'
  await tell({ state: 'receiving', rows: 23_050, received: 5_000 }, { interrupted })
  await expect(page.getByText(interrupted)).toBeVisible()
  await look('interrupted')
  await tell({ state: 'failed', problem: 'The database has no room left. Ask whoever runs the server.' })
  await expect(screen(page).getByRole('alert')).toBeVisible()
  await look('failed')
  await tell({ state: 'stopped', progress: 30, result: { created: 28, updated: 0, same: 0, bad: 2 } })
  await expect(page.getByText(/The import was stopped after/)).toBeVisible()
  await look('stopped')
  await button(page, 'Back to all imports').click()
  await expect(rowWith(page, '56 new · 4 left out')).toBeVisible()
  await look('list')
  await button(page, /^Undo the import/).click()
  await look('ask')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByText('Undone: 56 put back')).toBeVisible()
  await tell({ state: 'undone', undone: { done: 55, spared: 1 } })
  await expect(page.getByText('Undone: 55 put back, 1 spared')).toBeVisible()
  await look('undone')

  await show(page, 'Sync centre')
  await button(page, 'Import').click()
  await button(page, 'Back to all imports').click()
  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await expect(heading(page, 'The server cannot be reached')).toBeVisible()
  await look('offline')
  const problem = {
    code: 'INTERNAL_ERROR',
    message: 'The server could not answer.',
    reference: '4711',
    details: [],
  }
  for (const [name, outcome] of [
    ['loading', null],
    ['list-failed', { ok: false as const, problem: problem as Problem }],
  ] as const) {
    await answer('import.list', outcome)
    await show(page, 'Sync centre')
    await show(page, 'Import')
    await expect(
      outcome
        ? screen(page).getByText('Reference 4711')
        : page.getByRole('status', { name: 'Reading the imports' }),
    ).toBeVisible()
    await look(name)
  }
})
