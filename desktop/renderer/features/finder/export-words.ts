import type { ExportFormat } from '#common/contract/exports'
import { exportColumns, type ExportColumn } from '#common/contract/exports'
import type { LocalExportState } from '#desktop/bridge/channels'
import { countWords } from '../../ui/date-words.ts'
import type { PlacedColumn } from './layout.ts'

export const formatWords: Record<ExportFormat, string> = {
  csv: 'CSV, for any program',
  xlsx: 'Excel workbook',
}

/** The columns of the list as a file has them, from left to right. A time is of some zone, which comes with it. */
export function columnsInList(columns: readonly PlacedColumn[]): ExportColumn[] {
  const shown = columns.flatMap(({ name, hidden }) =>
    hidden ? [] : (exportColumns.find((column) => column === name) ?? []),
  )
  const time = Math.max(shown.indexOf('startDateTime'), shown.indexOf('endDateTime'))
  return time < 0 || shown.includes('timezone') ? shown : shown.toSpliced(time + 1, 0, 'timezone')
}

/** What has come of it, so that it is said once, not with each record. */
export function exportWords({ state, done, total, fileName }: LocalExportState): string {
  switch (state) {
    case 'running':
      return done < total ? `Exporting to ${fileName}` : `Finishing ${fileName}`
    case 'done':
      return `Exported ${countWords(done, 'record')} to ${fileName}`
    case 'cancelled':
      return `Export cancelled; ${fileName} was not written`
    case 'failed':
      return `${fileName} was not written.`
  }
}
