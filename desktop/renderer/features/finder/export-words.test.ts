import { expect, it } from 'vitest'
import type { LocalExportState } from '#desktop/bridge/channels'
import { columnsInList, exportWords } from './export-words.ts'

const file: LocalExportState = {
  exportId: '0192f000-0000-7000-8000-00000000000a',
  state: 'running',
  done: 500,
  total: 5878,
  fileName: 'out.csv',
  problem: null,
}

it.each([
  [{}, 'Exporting to out.csv'],
  [{ done: 5878 }, 'Finishing out.csv'],
  [{ state: 'done', done: 5878 }, 'Exported 5,878 records to out.csv'],
  [{ state: 'done', done: 1, total: 1 }, 'Exported 1 record to out.csv'],
  [{ state: 'cancelled' }, 'Export cancelled; out.csv was not written'],
  [{ state: 'failed' }, 'out.csv was not written.'],
] as const)('%j reads “%s”', (change, words) => {
  expect(exportWords({ ...file, ...change })).toBe(words)
})

it('a file has the columns of the list, but for what is not of a record', () => {
  const column = (name: string, hidden = false) => ({ name, hidden, width: null, pinned: null })
  expect(columnsInList([column('lead'), column('title'), column('notes', true), column('other')])).toEqual([
    'lead',
    'title',
  ])
  expect(
    columnsInList(['endDateTime', 'lead', 'startDateTime', 'title'].map((name) => column(name))),
  ).toEqual(['endDateTime', 'lead', 'startDateTime', 'timezone', 'title'])
  const zoned = ['timezone', 'endDateTime'] as const
  expect(columnsInList(zoned.map((name) => column(name)))).toEqual(zoned)
})
