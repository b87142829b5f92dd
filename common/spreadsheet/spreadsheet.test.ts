import { Buffer } from 'node:buffer'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import readSheet from 'read-excel-file/node'
import { describe, expect, it } from 'vitest'
import { type ExportColumn, exportColumns, type ExportFormat, maxXlsxText } from '../contract/exports.ts'
import { unguard } from '../rules/formula-guard.ts'
import { instantsOf } from '../rules/time-zone.ts'
import { columnHeaders, type ExportedRecord } from './columns.ts'
import { exportFileName } from './file-name.ts'
import { momentCell } from './moment.ts'
import { spreadsheetWriter } from './writer.ts'

const ada = '01900000-0000-7000-8000-00000000000a'
const gone = '01900000-0000-7000-8000-00000000000b'
const people = { [ada]: 'Ada Harbour' }

const record: ExportedRecord = {
  id: '01900000-0000-7000-8000-000000000001',
  title: 'Harbour visit',
  type: 'Meeting',
  lead: 'Ada',
  startDateTime: '2026-03-02T09:00:00.000Z',
  endDateTime: '2026-03-02T10:30:15.000Z',
  timezone: 'Europe/Brussels',
  location: 'Quay 7',
  description: 'One line\nand another, with "quotes"; and more',
  notes: '',
  status: 'complete',
  createdAt: '2026-03-01T08:00:00.123Z',
  createdBy: ada,
  updatedAt: '2026-03-01T08:00:05.900Z',
  updatedBy: gone,
}

async function written(
  format: ExportFormat,
  records: ExportedRecord[],
  columns: readonly ExportColumn[] = exportColumns,
) {
  const writer = spreadsheetWriter(format, columns, people)
  const pieces = records.map((each) => writer.add([each]))
  return Buffer.concat([...pieces, await writer.end()].map((piece) => Buffer.from(piece as Uint8Array)))
}

const csv = async (...records: ExportedRecord[]) =>
  parse(await written('csv', records), { bom: true, record_delimiter: '\r\n' })

async function xlsx(...records: ExportedRecord[]) {
  const [sheet] = await readSheet(await written('xlsx', records), { trim: false })
  return sheet!.data.map((row) => row.map((cell) => (cell instanceof Date ? toHundredths(cell) : cell)))
}

/** The reader cuts fractions of milliseconds off. */
const toHundredths = (date: Date) => new Date(Math.round(date.getTime() / 10) * 10)

const titled = (title: string): ExportedRecord => ({ ...record, title })

describe('a CSV file', () => {
  it('holds headers and records as they are shown', async () => {
    expect(await csv(record)).toEqual([
      exportColumns.map((column) => columnHeaders[column]),
      [
        'Harbour visit',
        'Meeting',
        'Ada',
        '2026-03-02 10:00',
        '2026-03-02 11:30:15',
        'Europe/Brussels',
        'Quay 7',
        'One line\nand another, with "quotes"; and more',
        '',
        'Complete',
        '2026-03-01 08:00',
        'Ada Harbour',
        '2026-03-01 08:00:05',
        gone,
        record.id,
      ],
    ])
  })

  it('begins with a byte order mark and ends its lines with CR and LF', async () => {
    const text = (await written('csv', [record], ['title', 'lead'])).toString()
    expect(text).toBe('\ufeffTitle,Lead\r\nHarbour visit,Ada\r\n')
    expect((await written('csv', [], ['title'])).toString()).toBe('\ufeffTitle\r\n')
  })

  it('keeps a cell of several lines together, for readers that take any line end for the end of a row', async () => {
    const text = (await written('csv', [titled('One\nand another')], ['title', 'lead'])).toString()
    expect(text).toContain('\r\n"One\nand another",Ada\r\n')
  })

  it('gives every text back, and none that runs', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }).map((any) => any.replaceAll('\0', '')),
      fc.constantFrom('=1+1', "'=1", '\r', '\n', '"', '",=1', 'שלום\u202e', '👩‍🌾', 'é'.repeat(20_000)),
    )
    await fc.assert(
      fc.asyncProperty(text, text, async (title, notes) => {
        const [, cells] = await csv({ ...record, title, notes })
        expect([unguard(cells![0]!), unguard(cells![8]!)]).toEqual([title, notes])
        expect(cells![0]).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/)
      }),
      { numRuns: 200 },
    )
  })
})

describe('an XLSX file', () => {
  it('has dates for moments and text for everything else', async () => {
    const [headers, cells] = await xlsx(record)
    expect(headers).toEqual(exportColumns.map((column) => columnHeaders[column]))
    expect(cells).toEqual([
      'Harbour visit',
      'Meeting',
      'Ada',
      new Date('2026-03-02T10:00Z'),
      new Date('2026-03-02T11:30:15Z'),
      'Europe/Brussels',
      'Quay 7',
      'One line\nand another, with "quotes"; and more',
      null,
      'Complete',
      new Date('2026-03-01T08:00Z'),
      'Ada Harbour',
      new Date('2026-03-01T08:00:05Z'),
      gone,
      record.id,
    ])
  })

  it.each([
    '=1+1',
    '12',
    '2026-03-02',
    'TRUE',
    ' spaces around ',
    'constructor',
    '__proto__',
    '_x0041_',
    '_x005F_x0041_',
    'a\u0001b\u000b\u001fc',
    'one\r\ntwo\rthree',
    '\u0085\u009f\ufffd\ufffe\uffff\ufdd0',
    'plane \u{1fffe}\u{10ffff} end',
    '<&>"\'',
    'שלום\u202e 👩‍🌾',
    'é👩'.repeat(6000),
  ])('gives %j back', async (title) => {
    const [, cells, next] = await xlsx(titled(title), record)
    expect(cells![0]).toBe(title)
    expect(next![0]).toBe('Harbour visit')
  })

  it('gives every text back', async () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).map((any) => any.replaceAll('\0', '') || 'x')
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 20 }), async (titles) => {
        const [, ...rows] = await xlsx(...titles.map(titled))
        expect(rows.map(([title]) => title)).toEqual(titles)
      }),
      { numRuns: 30 },
    )
  })

  it('writes what is before the calendar of spreadsheets as text', async () => {
    const [, cells] = await xlsx({ ...record, startDateTime: '1900-02-28T10:00:00.000Z', timezone: 'UTC' })
    expect(cells![3]).toBe('1900-02-28 10:00')
  })

  it('refuses what memory does not hold', () => {
    const writer = spreadsheetWriter('xlsx', ['notes'], {})
    const much = Array.from({ length: maxXlsxText / 20_000 + 1 }, () => ({
      ...record,
      notes: 'n'.repeat(20_000),
    }))
    expect(() => writer.add(much)).toThrow('too much for an Excel file')
  })
})

describe('a moment', () => {
  it.each([
    ['2026-07-01T08:00:00.000Z', 'Europe/Brussels', { wall: '2026-07-01T10:00' }],
    ['2026-07-01T08:00:30.000Z', 'Europe/Brussels', { wall: '2026-07-01T10:00:30' }],
    ['2026-07-01T08:00:30.250Z', 'Europe/Brussels', { wall: '2026-07-01T10:00:30.250' }],
    ['2026-07-01T08:00:00.000Z', null, '2026-07-01T08:00Z'],
    ['2026-07-01T08:00:00.000Z', 'Mars/Olympus', '2026-07-01T08:00Z'],
    // Put forward from 02:00 to 03:00: before and after.
    ['2026-03-29T00:59:00.000Z', 'Europe/Brussels', { wall: '2026-03-29T01:59' }],
    ['2026-03-29T01:00:00.000Z', 'Europe/Brussels', { wall: '2026-03-29T03:00' }],
    // Put back from 03:00 to 02:00: both times round, and after.
    ['2026-10-25T00:30:00.000Z', 'Europe/Brussels', '2026-10-25T02:30+02:00'],
    ['2026-10-25T01:30:05.000Z', 'Europe/Brussels', '2026-10-25T02:30:05+01:00'],
    ['2026-10-25T02:00:00.000Z', 'Europe/Brussels', { wall: '2026-10-25T03:00' }],
    ['2026-11-01T05:30:00.000Z', 'America/New_York', '2026-11-01T01:30-04:00'],
    ['2026-04-04T15:10:00.000Z', 'Australia/Lord_Howe', '2026-04-05T01:40+10:30'],
  ])('%s in %s is written %j', (instant, zone, cell) => {
    expect(momentCell(instant, zone)).toEqual(cell)
  })

  it('leads back to itself', () => {
    const zones = ['UTC', 'Europe/Amsterdam', 'America/New_York', 'Asia/Kathmandu', 'Africa/Monrovia']
    const time = fc.oneof(
      fc.integer({ min: Date.UTC(1900), max: Date.UTC(3000) - 1 }),
      fc.integer({ min: 0, max: 10_800_000 }).map((into) => Date.UTC(2026, 9, 25) + into),
    )
    fc.assert(
      fc.property(time, fc.constantFrom(...zones), (at, zone) => {
        const cell = momentCell(new Date(at).toISOString(), zone)
        if (typeof cell === 'string') {
          expect(Date.parse(cell)).toBe(at)
          return
        }
        const minute = cell.wall.slice(0, 16)
        const instants = instantsOf(minute, zone)
        expect(instants).toHaveLength(1)
        expect(Date.parse(instants[0]!) + Date.parse(`${cell.wall}Z`) - Date.parse(`${minute}Z`)).toBe(at)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the name of a file', () => {
  it.each([
    ['Brussels', 'Fieldbook Brussels 2026-11-21.csv'],
    [' North / South: "A" ', 'Fieldbook North South A 2026-11-21.csv'],
    ['..\\..\\etc', 'Fieldbook .. .. etc 2026-11-21.csv'],
    ['???', 'Fieldbook 2026-11-21.csv'],
    ['長'.repeat(300), `Fieldbook ${'長'.repeat(80)} 2026-11-21.csv`],
  ])('of %s is %s', (site, name) => {
    expect(exportFileName(site, '2026-11-21', 'csv')).toBe(name)
  })
})
