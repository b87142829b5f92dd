import readSheet from 'read-excel-file/node'
import { expect, test } from 'vitest'
import { tableFile } from './table.ts'

const table = {
  title: 'Visits',
  columns: [
    { header: 'Person', width: 20 },
    { header: 'Started', width: 10 },
  ],
  rows: [
    ['=HYPERLINK("http://example.org")', 3],
    ['constructor', 0.5],
    ['Ana, "Ben"', null],
  ],
}

test('as CSV no text is run, and what is not there is empty', async () => {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await tableFile(table, 'csv'))
  expect(text).toBe(
    '\ufeffPerson,Started\r\n"\'=HYPERLINK(""http://example.org"")",3\r\nconstructor,0.5\r\n"Ana, ""Ben""",\r\n',
  )
})

test('in a workbook text is text and a number a number', async () => {
  const [sheet] = await readSheet(Buffer.from(await tableFile(table, 'xlsx')))
  expect(sheet).toEqual({ sheet: 'Visits', data: [['Person', 'Started'], ...table.rows] })
})

test('one without rows has its columns', async () => {
  const empty = { ...table, rows: [] }
  expect(new TextDecoder().decode(await tableFile(empty, 'csv'))).toBe('Person,Started\r\n')
  const [sheet] = await readSheet(Buffer.from(await tableFile(empty, 'xlsx')))
  expect(sheet!.data).toEqual([['Person', 'Started']])
})
