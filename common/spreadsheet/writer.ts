import type { ExportColumn, ExportFormat } from '../contract/exports.ts'
import type { ExportedRecord, People } from './columns.ts'
import { csvWriter } from './csv.ts'
import { xlsxWriter } from './xlsx.ts'

/**
 * Writes a file in pieces: what `add` and then `end` give back, one after the other, is the file. Text is UTF-8. A
 * workbook comes all at the end, having been held in memory until then; CSV comes as it goes. `add` throws
 * `TooMuchText`, whose message is for people.
 */
export interface SpreadsheetWriter {
  add(records: readonly ExportedRecord[]): string | Uint8Array
  end(): Promise<string | Uint8Array>
}

export const spreadsheetWriter = (
  format: ExportFormat,
  columns: readonly ExportColumn[],
  people: People,
): SpreadsheetWriter => (format === 'csv' ? csvWriter : xlsxWriter)(columns, people)
