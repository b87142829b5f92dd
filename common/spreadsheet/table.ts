import writeXlsxFile from 'write-excel-file/universal'
import type { ExportFormat } from '../contract/exports.ts'
import { guard } from '../rules/formula-guard.ts'
import { csvRows } from './csv.ts'
import { storable } from './xlsx.ts'

/** A table as people read it: a number stays one in a workbook, and text stays text whatever it looks like. */
export interface Table {
  title: string
  columns: readonly { header: string; width: number }[]
  rows: readonly (readonly TableCell[])[]
}
export type TableCell = string | number | null

/** As CSV, with a byte order mark, without which Excel takes UTF-8 for something else. */
const tableCsv = ({ columns, rows }: Table): string =>
  `\ufeff${csvRows([columns.map(({ header }) => header), ...rows.map((row) => row.map(csvCell))])}`

const csvCell = (cell: TableCell) => (typeof cell === 'string' ? guard(cell) : String(cell ?? ''))

/** One sheet, or the same as CSV. */
export async function tableFile(table: Table, format: ExportFormat): Promise<Uint8Array> {
  if (format === 'csv') return new TextEncoder().encode(tableCsv(table))
  const file = writeXlsxFile(
    [
      table.columns.map(({ header }) => ({ value: header, fontWeight: 'bold' as const })),
      ...table.rows.map((row) =>
        row.map((cell) => (typeof cell === 'string' ? (cell === '' ? null : storable(cell)) : cell)),
      ),
    ],
    { sheet: table.title, columns: table.columns.map(({ width }) => ({ width })), stickyRowsCount: 1 },
  )
  const blob = (await file.toBlob()) as { arrayBuffer(): Promise<ArrayBuffer> }
  return new Uint8Array(await blob.arrayBuffer())
}
