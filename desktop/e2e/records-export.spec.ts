import type { Page } from '@playwright/test'
import { parse } from 'csv-parse/sync'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import readSheet from 'read-excel-file/node'
import type { InteractionFilter } from '#common/contract/interactions'
import { unguard } from '#common/rules/formula-guard'
import { toWallTime } from '#common/rules/time-zone'
import type { LocalExportState, LocalInteraction } from '#desktop/bridge/channels'
import { standardTypes } from '#db/seeds/demo'
import { generateInteractions } from '#db/seeds/generated'
import type { Device } from './support/device.ts'
import {
  ask,
  edit,
  expect,
  meeting,
  rowOf,
  search,
  startAs,
  syncStatus,
  test,
  upToDate,
} from './support/journey.ts'
import { lookAt } from './support/looks.ts'
import { chooseFile, showCentre, tellWindow } from './support/sync-centre.ts'

/** Of the journey about many records. */
const many = Number(process.env.EXPORT_RECORDS ?? 20_000)

const folders: string[] = []
test.afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function newFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'fieldbook-export-'))
  folders.push(folder)
  return folder
}

const exportButton = (page: Page) => page.getByRole('button', { name: 'Export', exact: true })
const dialogOf = (page: Page) => page.getByRole('dialog', { name: /^Export/ })
const noticeOf = (page: Page) => page.getByRole('region', { name: 'Export', exact: true })
const go = (page: Page) => dialogOf(page).getByRole('button', { name: 'Choose where…' }).click()

/** Every record the Finder shows for a query, in its order. */
async function shown(page: Page, filter: InteractionFilter): Promise<LocalInteraction[]> {
  const { siteId } = await ask(page, 'session.get', {})
  const sort = [{ field: 'startDateTime' as const, descending: true }]
  const rows: LocalInteraction[] = []
  for (;;) {
    const asked = { siteId: siteId!, filter, sort, offset: rows.length, limit: 500 }
    const { rows: more } = await ask(page, 'finder.query', asked)
    rows.push(...more)
    if (more.length < 500) return rows
  }
}

const wall = (instant: string | null, zone: string | null) =>
  instant && zone ? toWallTime(instant, zone).replace('T', ' ') : ''

/** Title, start, notes and reference of each. */
const told = (rows: readonly LocalInteraction[]) =>
  rows.map(({ title, startDateTime, timezone, notes, id }) => [
    title,
    wall(startDateTime, timezone),
    notes,
    id,
  ])

const reports = (server: { sql: (text: string) => Promise<object[]> }) =>
  server.sql(
    `SELECT entity_id, new_values FROM audit_logs WHERE action = 'export.reported' ORDER BY entity_id`,
  )

test('what is found is exported offline as it is shown, and the audit hears of it later', async ({
  server,
  cable,
  computer,
}) => {
  const folder = await newFolder()
  const admin = await server.signIn('admin')
  const gala = 'Gala with contract renewal'
  await admin.create(
    'Marketing',
    meeting(gala, { startDateTime: '2036-08-22T12:00:00.000Z', endDateTime: '2036-08-22T14:00:00.000Z' }),
  )
  const device = await computer()
  const page = await startAs(device, 'editor', 'Marketing')
  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await search(page, 'contract renewal')
  await edit(page, gala, { Notes: '=HYPERLINK("x") 👩‍🌾\n; two "lines"' })
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  const rows = await shown(page, { search: 'contract renewal' })
  expect(rows[0]!.notes).toContain('HYPERLINK')
  const words = `${rows.length} records`

  // CSV, all columns.
  const csv = join(folder, 'out.csv')
  await chooseFile(device, csv)
  await exportButton(page).click()
  await expect(page.getByRole('dialog', { name: `Export ${words}` })).toBeVisible()
  await expect(dialogOf(page)).toContainText('Edits that are not sent yet are in it too')
  await dialogOf(page).getByRole('radio', { name: 'All 15' }).check()
  await go(page)
  await expect(noticeOf(page).getByRole('status')).toHaveText(`Exported ${words} to out.csv`)
  await expect(dialogOf(page)).toBeHidden()
  const [head, ...lines] = parse(await readFile(csv), { bom: true, record_delimiter: '\r\n' })
  const at = (name: string) => head!.indexOf(name)
  expect(lines[0]![at('Notes')]).toMatch(/^'=HYPERLINK/)
  const columns = ['Title', 'Start', 'Notes', 'Reference'].map(at)
  expect(lines.map((line) => columns.map((column) => unguard(line[column]!)))).toEqual(told(rows))
  await device.app.evaluate(({ shell }) => {
    shell.showItemInFolder = (path) => void Object.assign(globalThis, { shownPath: path })
  })
  await noticeOf(page).getByRole('button', { name: 'Show in folder' }).click()
  await expect
    .poll(() => device.app.evaluate(() => (globalThis as { shownPath?: string }).shownPath))
    .toBe(csv)
  await noticeOf(page).getByRole('button', { name: 'Dismiss' }).click()
  await expect(noticeOf(page)).toBeHidden()

  // A workbook, the columns of the list, by the keyboard.
  const xlsx = join(folder, 'out.xlsx')
  await chooseFile(device, xlsx)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('export all')
  await page.keyboard.press('Enter')
  await dialogOf(page).getByRole('radio', { name: 'Excel workbook' }).check()
  await page.keyboard.press('Enter')
  await expect(noticeOf(page).getByRole('status')).toHaveText(`Exported ${words} to out.xlsx`)
  const [sheet] = await readSheet(xlsx)
  const [headers, ...cells] = sheet!.data
  expect(headers).toEqual([
    ...['Title', 'Type', 'Lead', 'Start', 'End', 'Time zone', 'Location', 'Status', 'Updated (UTC)'],
  ])
  const minute = (cell: unknown) =>
    new Date(Math.round((cell as Date).getTime() / 1000) * 1000).toISOString().slice(0, 16).replace('T', ' ')
  expect(cells.map((row) => [row[0], minute(row[3])])).toEqual(
    told(rows).map(([title, start]) => [title, start]),
  )
  expect((await readdir(folder)).toSorted()).toEqual(['out.csv', 'out.xlsx'])

  expect(await reports(server)).toEqual([])
  await cable.plugIn()
  await upToDate(page)
  await expect.poll(async () => (await reports(server)).length, { timeout: 30_000 }).toBe(2)
  expect(await reports(server)).toMatchObject([
    { new_values: { format: 'csv', rows: rows.length, filter: { search: 'contract renewal' } } },
    { new_values: { format: 'xlsx', rows: rows.length } },
  ])
})

test('chosen records alone are exported; a viewer exports nothing', async ({ server, computer }) => {
  const folder = await newFolder()
  const admin = await server.signIn('admin')
  const titles = ['Ferry, early', 'Ferry, noon', 'Ferry, late']
  for (const title of titles)
    await admin.create('Marketing', meeting(title, { endDateTime: '2026-08-22T15:00:00.000Z' }))
  const device = await computer()
  let page = await startAs(device, 'editor', 'Marketing')
  await search(page, 'ferry')
  for (const title of [titles[0]!, titles[2]!]) await rowOf(page, title).getByRole('checkbox').check()
  await chooseFile(device, join(folder, 'two.csv'))
  await page.getByRole('toolbar', { name: 'Chosen records' }).getByRole('button', { name: 'Export…' }).click()
  await expect(page.getByRole('dialog', { name: 'Export 2 chosen records' })).toBeVisible()
  await go(page)
  await expect(noticeOf(page).getByRole('status')).toHaveText('Exported 2 records to two.csv')
  const [, ...lines] = parse(await readFile(join(folder, 'two.csv')), { bom: true })
  expect(lines.map(([title]) => title).toSorted()).toEqual([titles[0], titles[2]])

  // A folder that has gone.
  await chooseFile(device, join(folder, 'gone', 'two.csv'))
  await page.getByRole('button', { name: 'Export…' }).click()
  await go(page)
  await expect(dialogOf(page).getByRole('alert')).toContainText('The folder is not there any more')
  await page.keyboard.press('Escape')

  page = await startAs(await computer(), 'viewer')
  await search(page, 'ferry')
  await expect(rowOf(page, titles[1]!)).toBeVisible()
  await expect(exportButton(page)).toBeHidden()
  const { siteId } = await ask(page, 'session.get', {})
  const wanted = { siteId: siteId!, filter: {}, sort: [], ids: null, columns: ['title' as const] }
  await expect(ask(page, 'export.start', { ...wanted, format: 'csv' })).rejects.toThrow('does not allow')
})

/** The longest time between two frames from now on, until `stopFrames`. */
const countFrames = (page: Page) =>
  page.evaluate(() => {
    const frames = { longest: 0, count: 0, on: true }
    Object.assign(window, { frames })
    let last = performance.now()
    const next = (now: number) => {
      frames.longest = Math.max(frames.longest, now - last)
      frames.count++
      last = now
      if (frames.on) requestAnimationFrame(next)
    }
    requestAnimationFrame(next)
  })

const stopFrames = (page: Page) =>
  page.evaluate(() => {
    const { frames } = window as unknown as { frames: { longest: number; count: number; on: boolean } }
    frames.on = false
    return frames
  })

test('many records are exported while one works on; cancelled or cut short they leave no file', async ({
  server,
  computer,
}) => {
  test.setTimeout(180_000 + many * 20)
  const name = 'Northern Post'
  await server.load({
    name,
    slug: 'northern-post',
    sites: { Depot: generateInteractions(many, 7) },
    types: standardTypes,
    people: [{ username: 'postmaster', displayName: 'Petra Post', sites: { Depot: 'editor' } }],
  })
  const folder = await newFolder()
  const device = await computer()
  let page = await device.start()
  await device.signIn('postmaster')
  await upToDate(page, 120_000 + many * 10)
  const total = `${many.toLocaleString('en')} records`

  const begin = async (file: string, format: string) => {
    await chooseFile(device, join(folder, file))
    await exportButton(page).click()
    await dialogOf(page).getByRole('radio', { name: format }).check()
    await dialogOf(page).getByRole('radio', { name: 'All 15' }).check()
    await go(page)
  }
  for (const [file, format] of [
    ['all.csv', 'CSV'],
    ['all.xlsx', 'Excel'],
  ] as const) {
    await countFrames(page)
    const start = performance.now()
    await begin(file, format)
    await expect(noticeOf(page).getByRole('progressbar')).toBeVisible()
    let slowest = 0
    let questions = 0
    const isRunning = () => noticeOf(page).getByRole('button', { name: 'Cancel' }).isVisible()
    while (await isRunning()) {
      const asked = performance.now()
      await shownOnce(page, ['harrow', 'review', 'berlin', ''][questions++ % 4]!)
      slowest = Math.max(slowest, performance.now() - asked)
    }
    await expect(noticeOf(page).getByRole('status')).toHaveText(`Exported ${total} to ${file}`)
    const { longest, count } = await stopFrames(page)
    const description = [
      `${total} to ${file}: ${Math.round(performance.now() - start)} ms`,
      `${questions} questions to the Finder meanwhile, the slowest ${Math.round(slowest)} ms`,
      `longest frame ${Math.round(longest)} ms of ${count}`,
    ].join(', ')
    test.info().annotations.push({ type: 'figures', description })
    process.stdout.write(`${description}\n`)
    expect(questions).toBeGreaterThan(0)
    await noticeOf(page).getByRole('button', { name: 'Dismiss' }).click()
  }
  const lines = parse(await readFile(join(folder, 'all.csv')), { bom: true })
  const [sheet] = await readSheet(join(folder, 'all.xlsx'))
  expect(lines).toHaveLength(many + 1)
  expect(sheet!.data).toHaveLength(many + 1)
  const reference = lines[0]!.indexOf('Reference')
  expect(new Set(lines.map((line) => line[reference])).size).toBe(many + 1)
  const isWhole = async () => expect((await readdir(folder)).toSorted()).toEqual(['all.csv', 'all.xlsx'])
  await isWhole()

  await begin('cancelled.xlsx', 'Excel')
  await showCentre(page)
  await noticeOf(page).getByRole('button', { name: 'Cancel' }).click()
  await expect(noticeOf(page).getByRole('status')).toHaveText(/^Export cancelled/)
  await isWhole()
  await page.getByRole('button', { name: 'Finder', exact: true }).click()

  await begin('cut-short.xlsx', 'Excel')
  await expect(noticeOf(page).getByRole('progressbar')).toBeVisible()
  await device.quit()
  await isWhole()
  page = await device.start()
  await upToDate(page)

  await begin('killed.xlsx', 'Excel')
  await expect(noticeOf(page).getByRole('progressbar')).toBeVisible()
  expect(await readdir(folder)).toHaveLength(3)
  await device.kill()
  expect(await readdir(folder)).toHaveLength(3)
  page = await device.start()
  await upToDate(page)
  await isWhole()
  await expect
    .poll(() => server.sql(`SELECT FROM audit_logs WHERE new_values ->> 'rows' = '${many}'`))
    .toHaveLength(2)
})

/** Asks what the Finder asks when somebody searches. */
async function shownOnce(page: Page, text: string) {
  const { siteId } = await ask(page, 'session.get', {})
  const filter = text ? { search: text } : {}
  await ask(page, 'finder.query', { siteId: siteId!, filter, sort: [], offset: 0, limit: 50 })
}

test('what exporting looks like', async ({ cable, computer }) => {
  test.setTimeout(400_000)
  const device = await computer(cable.url)
  const page = await startAs(device, 'editor', 'Marketing')
  await exportButton(page).click()
  await expect(dialogOf(page)).toBeVisible()
  await lookAt(device, 'export-dialog')
  const state: LocalExportState = {
    exportId: '01990000-0000-7000-8000-000000000001',
    state: 'running',
    done: 1500,
    total: 3000,
    fileName: 'Fieldbook Marketing 2026-11-21.xlsx',
    problem: null,
  }
  await answerStart(device, state)
  await go(page)
  await expect(noticeOf(page).getByRole('progressbar')).toBeVisible()
  // No tip of the row that is behind the dialog's button.
  await page.mouse.move(0, 0)
  await lookAt(device, 'export-running')
  await tellWindow(device, 'export.changed', { ...state, done: 3000 })
  await expect(noticeOf(page)).toContainText('Finishing')
  await lookAt(device, 'export-finishing')
  await tellWindow(device, 'export.changed', { ...state, state: 'done', done: 3000 })
  await expect(noticeOf(page)).toContainText('Exported 3,000 records')
  await lookAt(device, 'export-done')
  const problem = 'The disk is full. Make room or choose another place, then export again.'
  await tellWindow(device, 'export.changed', { ...state, state: 'failed', problem })
  await expect(noticeOf(page).getByRole('alert')).toBeVisible()
  await lookAt(device, 'export-failed')
  await noticeOf(page).getByRole('button', { name: 'Dismiss' }).click()

  await page.getByRole('checkbox', { name: 'Choose the page' }).check()
  await lookAt(device, 'export-chosen-bar')
  await cable.pull()
  await expect(syncStatus(page)).toContainText('Offline', { timeout: 60_000 })
  await tellWindow(device, 'sync.changed', {
    online: false,
    readOnly: false,
    waiting: 2,
    needsAttention: 0,
    reasons: 0,
    working: false,
    upToDateAt: null,
    firstSync: null,
  })
  await page.getByRole('button', { name: 'Export…' }).click()
  await dialogOf(page).getByRole('radio', { name: 'All 15' }).check()
  await device.app.evaluate(({ ipcMain }, message) => {
    ipcMain.removeHandler('export.start')
    ipcMain.handle('export.start', () => ({
      ok: false,
      problem: { code: 'VALIDATION_ERROR', message, reference: null, details: [] },
    }))
  }, 'The folder is not there any more. Choose another place, then export again.')
  await go(page)
  await expect(dialogOf(page).getByRole('alert')).toBeVisible()
  await lookAt(device, 'export-dialog-refused')
})

/** From now on an export is begun at once, and stays as it is. */
const answerStart = (device: Device, state: LocalExportState): Promise<void> =>
  device.app.evaluate(({ ipcMain }, begun) => {
    ipcMain.removeHandler('export.start')
    ipcMain.handle('export.start', () => ({ ok: true, value: { export: begun } }))
  }, state)
