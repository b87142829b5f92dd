import { describe, expect, test } from 'vitest'
import type { ImportOptions, ImportTarget } from '../contract/imports.ts'
import type { InteractionFields } from '../contract/interactions.ts'
import { guessOptions, importOptionProblems, readRow, referenceOf } from './import-rows.ts'
import { emptyFields } from './interaction-rules.ts'

const plain: ImportOptions = {
  columns: [],
  defaults: { type: 'Meeting', lead: 'Ana Jones', timezone: 'Europe/Brussels' },
  dateOrder: 'dmy',
  startTime: '00:00',
  endTime: '23:59',
  existing: 'update',
}
const types = ['Meeting', 'Café visit']

/** Reads one row of a table whose columns are the keys, in this order. */
function read(
  row: Partial<Record<ImportTarget, string>>,
  more: Partial<ImportOptions> = {},
  current: InteractionFields | null = null,
) {
  const columns = Object.keys(row) as ImportTarget[]
  const options = { ...plain, ...more, columns }
  return readRow(Object.values(row), { headers: columns, options, types }, current)
}
const problems = (...parameters: Parameters<typeof read>) => read(...parameters).problems
const times = ({ fields }: ReturnType<typeof read>) => [fields.startDateTime, fields.endDateTime]

const there: InteractionFields = {
  ...emptyFields,
  title: 'Kick-off',
  type: 'Old kind',
  lead: 'Bo',
  startDateTime: '2026-03-02T09:00:00.000Z',
  endDateTime: '2026-03-02T10:00:00.000Z',
  timezone: 'Asia/Tokyo',
  location: 'Osaka',
}

describe('a new record', () => {
  test('has what the row says, and the defaults for the rest', () => {
    expect(
      read({ title: ' Launch\u00a0\n of it\u200b ', startDateTime: '25-03-2026', notes: 'a\r\nb' }),
    ).toEqual({
      fields: {
        ...emptyFields,
        title: 'Launch of it',
        type: 'Meeting',
        lead: 'Ana Jones',
        startDateTime: '2026-03-24T23:00:00.000Z',
        endDateTime: '2026-03-25T22:59:00.000Z',
        timezone: 'Europe/Brussels',
        notes: 'a\nb',
      },
      problems: [],
    })
  })

  test('of which something is missing or wrong is told field by field', () => {
    expect(problems({ title: '', startDateTime: '1.1.2026' })).toEqual([
      { field: 'title', message: 'Is required' },
    ])
    expect(problems({ title: 'x'.repeat(256), startDateTime: '1.1.2026' })).toMatchObject([
      { field: 'title' },
    ])
    expect(
      problems({ title: 'A', startDateTime: '1.1.2026', type: 'Dance', status: 'lost', timezone: 'CET!' }),
    ).toEqual([
      { field: 'type', message: '“Dance” is not one of the types of your organisation' },
      { field: 'status', message: '“lost” is none of draft, incomplete, complete, active, archived' },
      { field: 'timezone', message: '“CET!” is not a time zone, such as Europe/Brussels' },
    ])
  })

  test('may lack much as a draft, and may be archived already', () => {
    expect(read({ title: 'Idea', status: 'Draft' }).problems).toEqual([])
    const archived = read({ title: 'Old', status: 'archived', startDateTime: '2001-02-03' })
    expect(archived).toMatchObject({ fields: { status: 'archived' }, problems: [] })
  })

  test('has a type however it is written', () => {
    expect(read({ title: 'A', type: 'CAFE  VISIT', startDateTime: '2026-01-01' })).toMatchObject({
      fields: { type: 'Café visit' },
      problems: [],
    })
  })

  test('has several columns in one text, each under its name', () => {
    const options = {
      ...plain,
      columns: ['title', 'notes', 'notes', 'notes', 'startDateTime'] as ImportTarget[],
    }
    const headers = ['title', 'Group', 'Lobbyists', '', 'date']
    const cells = ['A', 'S&D', '', 'loose', '2026-01-01']
    expect(readRow(cells, { headers, options, types }, null).fields.notes).toBe('Group: S&D\nloose')
  })

  test('gets back what was guarded against being run as a formula', () => {
    const { fields } = read({ title: "'=1+1", startDateTime: '2026-01-01', location: "'quoted" })
    expect([fields.title, fields.location]).toEqual(['=1+1', "'quoted"])
  })

  test('of a row with more cells than there are columns is refused', () => {
    const context = { headers: ['title'], options: { ...plain, columns: ['title' as const] }, types }
    expect(readRow(['A', '', ' '], context, null).problems).not.toContainEqual(
      expect.objectContaining({ field: 'row' }),
    )
    expect(readRow(['A', '', 'more'], context, null).problems[0]).toEqual({
      field: 'row',
      message: 'Has 3 cells, and there are 1 columns',
    })
  })
})

describe('a record that is there', () => {
  test('keeps what the row does not say', () => {
    expect(read({ title: 'Renamed', location: '', type: '' }, {}, there)).toEqual({
      fields: { ...there, title: 'Renamed' },
      problems: [],
    })
  })

  test('reads times in its own zone, and keeps its end and its day', () => {
    expect(times(read({ startDateTime: '2026-03-01 08:00' }, {}, there))).toEqual([
      '2026-02-28T23:00:00.000Z',
      there.endDateTime,
    ])
    expect(times(read({ startTime: '17:30' }, {}, there))).toEqual([
      '2026-03-02T08:30:00.000Z',
      there.endDateTime,
    ])
    expect(times(read({ endTime: '8 pm' }, {}, there))).toEqual([
      there.startDateTime,
      '2026-03-02T11:00:00.000Z',
    ])
  })

  test('is read from its fields alone', () => {
    const whole = { ...there, id: '0192f000-0000-7000-8000-000000000001', version: 3 }
    expect(read({ title: 'Renamed' }, {}, whole)).toEqual({
      fields: { ...there, title: 'Renamed' },
      problems: [],
    })
  })

  test('moves only where its status allows', () => {
    expect(problems({ status: 'draft' }, {}, there)).toMatchObject([{ field: 'status' }])
    expect(problems({ status: 'archived' }, {}, there)).toEqual([])
  })
})

describe('dates', () => {
  test.each([
    ['2026-03-25', 'mdy', '2026-03-25T00:00'],
    ['2026/3/5 7:05', 'dmy', '2026-03-05T07:05'],
    ['2026-03-25T14:30:15.5', 'dmy', '2026-03-25T14:30:15.5'],
    ['25.3.2026, 14.30', 'dmy', '2026-03-25T14:30'],
    ['3/25/2026 2:30 PM', 'mdy', '2026-03-25T14:30'],
    ['3/25/2026 12:05 am', 'mdy', '2026-03-25T00:05'],
    ['29-02-2024', 'dmy', '2024-02-29T00:00'],
  ] as const)('%s (%s) is %s', (text, dateOrder, expected) => {
    const { fields, problems } = read(
      { title: 'A', startDateTime: text, endDateTime: '2030-01-01', timezone: 'UTC' },
      { dateOrder },
    )
    expect(problems).toEqual([])
    expect(fields.startDateTime).toBe(new Date(`${expected}Z`).toISOString())
  })

  test.each([
    ['2026-03-25T14:30Z', '2026-03-25T14:30:00.000Z'],
    ['2026-03-25 14:30 +05:30', '2026-03-25T09:00:00.000Z'],
    ['2026-03-25T14:30-0800', '2026-03-25T22:30:00.000Z'],
  ])('%s is that moment, whatever the zone', (text, instant) => {
    expect(times(read({ title: 'A', startDateTime: text, endDateTime: '2030-01-01' }))[0]).toBe(instant)
  })

  test.each([
    ['soon', 'dmy', /cannot|can be read/],
    ['13/13/2026', 'dmy', /not a date, read as day, month, year/],
    ['25/3/2026', 'mdy', /not a date, read as month, day, year/],
    ['30-02-2026', 'dmy', /not a date/],
    ['25/3/26', 'dmy', /four digits/],
    ['25/3/2026', 'ymd', /choose the order/],
    ['2026-03-25 25:00', 'dmy', /can be read/],
    ['2026-03-25 13:00 pm', 'dmy', /can be read/],
    ['1826-03-25', 'dmy', /from 1900 to 2999/],
    ['3000-01-02', 'dmy', /from 1900 to 2999/],
    ['45000', 'dmy', /can be read/],
  ] as const)('%s (%s) is refused', (text, dateOrder, reason) => {
    const found = problems({ title: 'A', startDateTime: text }, { dateOrder })
    expect(found[0]).toMatchObject({
      field: 'startDateTime',
      message: expect.stringMatching(reason) as string,
    })
    expect(found).toHaveLength(1)
  })

  test('take their time from a column of its own, or from the options', () => {
    const row = { title: 'A', startDateTime: '2026-07-01', startTime: '9:15', timezone: 'UTC' }
    expect(times(read({ ...row, endTime: '10:45' }))).toEqual([
      '2026-07-01T09:15:00.000Z',
      '2026-07-01T10:45:00.000Z',
    ])
    expect(times(read({ ...row, startTime: '' }, { startTime: '08:00', endTime: '16:00' }))).toEqual([
      '2026-07-01T08:00:00.000Z',
      '2026-07-01T16:00:00.000Z',
    ])
    expect(problems({ ...row, startTime: 'noon' })).toEqual([
      { field: 'startDateTime', message: '“noon” is not a time, such as 14:30' },
    ])
  })

  test('a time the clock skips or shows twice is explained, not guessed', () => {
    const at = (startDateTime: string) =>
      problems({ title: 'A', startDateTime, timezone: 'America/New_York', endDateTime: '2030-01-01' })
    expect(at('2026-03-08 02:30')).toEqual([
      {
        field: 'startDateTime',
        message:
          'There is no 02:30 on 2026-03-08 in America/New_York, as the clock is put forward from 02:00 to 03:00',
      },
    ])
    expect(at('2026-11-01 01:30')[0]!.message).toBe(
      '01:30 on 2026-11-01 in America/New_York comes twice, as the clock is put back; write which one: 2026-11-01T01:30-04:00 or 2026-11-01T01:30-05:00',
    )
    expect(at('2026-11-01T01:30-05:00')).toEqual([])
  })

  test('need a zone, and an end after the start', () => {
    const defaults = { type: 'Meeting', lead: 'Ana Jones' }
    expect(problems({ title: 'A', startDateTime: '2026-01-01' }, { defaults })[0]).toMatchObject({
      field: 'timezone',
    })
    expect(problems({ title: 'A', startDateTime: '2026-01-02', endDateTime: '2026-01-01' })).toEqual([
      { field: 'endDateTime', message: 'Must be after the start' },
    ])
  })
})

test('a reference is the cell without spaces; none is null', () => {
  const options = { ...plain, columns: ['title', 'reference'] as ImportTarget[] }
  expect(referenceOf(['A', ' 0012 '], { options })).toBe('0012')
  expect(referenceOf(['A', ' '], { options })).toBeNull()
  expect(referenceOf(['A'], { options })).toBeNull()
  expect(problems({ title: 'A', startDateTime: '2026-01-01', reference: 'x'.repeat(201) })[0]).toMatchObject({
    field: 'reference',
  })
})

describe('the options', () => {
  const found = (headers: string[], columns: (ImportTarget | null)[], more: Partial<ImportOptions> = {}) =>
    importOptionProblems(headers, { ...plain, ...more, columns }).map(({ field }) => field)

  test('say something of each column, each thing once, and of one at least', () => {
    expect(found(['a', 'b'], ['title', 'startDateTime'])).toEqual([])
    expect(found(['a', 'b', 'c'], ['title', 'notes', 'notes'])).toEqual([])
    expect(found(['a', 'b'], ['title'])).toEqual(['columns'])
    expect(found(['a', 'b'], ['title', 'title'])).toEqual(['columns'])
    expect(found(['a'], [null])).toEqual(['columns'])
    expect(found(['a', 'b'], ['title', 'startTime'])).toEqual(['columns'])
  })

  test('leave a day between start and end', () => {
    expect(found(['a'], ['startDateTime'], { startTime: '10:00', endTime: '10:00' })).toEqual(['endTime'])
    expect(
      found(['a', 'b'], ['startDateTime', 'endDateTime'], { startTime: '10:00', endTime: '10:00' }),
    ).toEqual([])
  })

  test('are guessed from what columns are called and how dates look', () => {
    const headers = ['', 'country', 'Date', 'End time', 'mep', 'TITLE', 'Subject', 'External_ID', 'Time zone']
    const guess = guessOptions(
      headers,
      [
        ['', '', '03-04-2026'],
        ['', '', '27-10-2021'],
      ],
      {
        timezone: 'Europe/Berlin',
        types,
      },
    )
    expect(guess).toEqual({
      columns: [null, null, 'startDateTime', 'endTime', null, 'title', null, 'reference', 'timezone'],
      defaults: { timezone: 'Europe/Berlin', type: 'Meeting' },
      dateOrder: 'dmy',
      startTime: '00:00',
      endTime: '23:59',
      existing: 'update',
    })
    const order = (...dates: string[]) =>
      guessOptions(
        ['date'],
        dates.map((date) => [date]),
        { timezone: 'UTC', types },
      ).dateOrder
    expect([order('10/27/2021', '1/2/2021'), order('2021-10-27'), order('1/2/2021'), order()]).toEqual([
      'mdy',
      'ymd',
      'dmy',
      'dmy',
    ])
  })
})
