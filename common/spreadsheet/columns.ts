import type { ExportColumn } from '../contract/exports.ts'
import type { Interaction } from '../contract/interactions.ts'
import { fieldLabels } from '../rules/field-labels.ts'
import { momentCell, recordedCell, type WallTime } from './moment.ts'

/** What of a record can be written to a file. */
export type ExportedRecord = Pick<Interaction, ExportColumn>

/** Names by id, of those who made and changed records. */
export type People = Readonly<Record<string, string>>

/** Text, which stays text whatever it looks like, or a moment. */
export type SpreadsheetCell = string | WallTime

/** What the columns of a file are called. */
export const columnHeaders: Record<ExportColumn, string> = {
  ...fieldLabels,
  createdAt: 'Created (UTC)',
  createdBy: 'Created by',
  updatedAt: 'Updated (UTC)',
  updatedBy: 'Updated by',
  id: 'Reference',
}

/** What a record has in a column. Somebody whose name is not known is written as their id. */
export function cellOf(record: ExportedRecord, column: ExportColumn, people: People): SpreadsheetCell {
  switch (column) {
    case 'startDateTime':
    case 'endDateTime': {
      const instant = record[column]
      return instant === null ? '' : momentCell(instant, record.timezone)
    }
    case 'createdAt':
    case 'updatedAt':
      return recordedCell(record[column])
    case 'createdBy':
    case 'updatedBy':
      return people[record[column]] ?? record[column]
    case 'status':
      return record.status.charAt(0).toUpperCase() + record.status.slice(1)
    default:
      return record[column] ?? ''
  }
}
