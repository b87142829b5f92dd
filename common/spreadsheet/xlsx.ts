import writeXlsxFile, { type Row } from 'write-excel-file/universal'
import { type ExportColumn, maxXlsxRows, maxXlsxText } from '../contract/exports.ts'
import { cellOf, columnHeaders, type People, type SpreadsheetCell } from './columns.ts'
import { TooMuchText } from './too-much-text.ts'
import type { SpreadsheetWriter } from './writer.ts'

/** In characters, as spreadsheets count. */
const widths: Record<ExportColumn, number> = {
  title: 40,
  type: 18,
  lead: 24,
  startDateTime: 18,
  endDateTime: 18,
  timezone: 20,
  location: 28,
  description: 60,
  notes: 60,
  status: 12,
  createdAt: 20,
  createdBy: 24,
  updatedAt: 20,
  updatedBy: 24,
  id: 38,
}

/** One sheet; its first row holds the headers and stays while one scrolls. */
export function xlsxWriter(columns: readonly ExportColumn[], people: People): SpreadsheetWriter {
  const rows: Row[] = [columns.map((column) => ({ value: columnHeaders[column], fontWeight: 'bold' }))]
  let characters = 0
  return {
    add(records) {
      for (const record of records) {
        const cells = columns.map((column) => cellOf(record, column, people))
        for (const cell of cells) if (typeof cell === 'string') characters += cell.length
        rows.push(cells.map(xlsxCell))
      }
      if (rows.length - 1 > maxXlsxRows || characters > maxXlsxText) throw new TooMuchText()
      return ''
    },
    async end() {
      const file = writeXlsxFile(rows, {
        sheet: 'Interactions',
        columns: columns.map((column) => ({ width: widths[column] })),
        stickyRowsCount: 1,
      })
      const blob = (await file.toBlob()) as { arrayBuffer(): Promise<ArrayBuffer> }
      return new Uint8Array(await blob.arrayBuffer())
    },
  }
}

const dateFormats = ['yyyy-mm-dd hh:mm', 'yyyy-mm-dd hh:mm:ss', 'yyyy-mm-dd hh:mm:ss.000']

/** Before it the days of a spreadsheet are not those of the calendar, and none has a date before 1900. */
const firstDate = '1900-03-01'

function xlsxCell(cell: SpreadsheetCell): Row[number] {
  if (cell === '') return null
  if (typeof cell === 'string') return storable(cell)
  const { wall } = cell
  if (wall < firstDate) return wall.replace('T', ' ')
  return { value: new Date(`${wall}Z`), format: dateFormats[Math.ceil((wall.length - 16) / 4)]! }
}

/**
 * What a workbook writes as `_xHHHH_`: characters XML has none for (or which get lost on the way), and what looks like
 * such a thing itself.
 */
const escaped =
  /_(?=x[0-9A-Fa-f]{4}_)|[\0-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffd-\uffff]|[\ud83f\ud87f\ud8bf\ud8ff\ud93f\ud97f\ud9bf\ud9ff\uda3f\uda7f\udabf\udaff\udb3f\udb7f\udbbf\udbff][\udffe\udfff]/g

const escape = (text: string) =>
  Array.from({ length: text.length }, (_, index) => {
    const code = text.charCodeAt(index).toString(16).toUpperCase()
    return `_x${code.padStart(4, '0')}_`
  }).join('')

/** The library looks texts up in a plain object: one that is a property of every object needs another look. */
export const storable = (text: string) =>
  text in {} ? escape(text.charAt(0)) + text.slice(1) : text.replace(escaped, escape)
