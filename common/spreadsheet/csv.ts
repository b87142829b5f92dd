import { stringify } from 'csv-stringify/browser/esm/sync'
import type { ExportColumn } from '../contract/exports.ts'
import { guard } from '../rules/formula-guard.ts'
import { cellOf, columnHeaders, type People, type SpreadsheetCell } from './columns.ts'
import type { SpreadsheetWriter } from './writer.ts'

/** RFC 4180 with a byte order mark, without which Excel takes UTF-8 for something else. */
export function csvWriter(columns: readonly ExportColumn[], people: People): SpreadsheetWriter {
  let begun = false
  const head = () => {
    if (begun) return ''
    begun = true
    return `\ufeff${csvRows([columns.map((column) => columnHeaders[column])])}`
  }
  return {
    add: (records) =>
      head() +
      csvRows(records.map((record) => columns.map((column) => csvCell(cellOf(record, column, people))))),
    end: () => Promise.resolve(head()),
  }
}

const csvCell = (cell: SpreadsheetCell) =>
  typeof cell === 'string' ? guard(cell) : cell.wall.replace('T', ' ')

/** Rows of CSV, their cells as they are. */
export const csvRows = (rows: readonly (readonly string[])[]) =>
  rows.length === 0 ? '' : stringify(rows as string[][], { record_delimiter: '\r\n', quoted_match: /[\r\n]/ })
