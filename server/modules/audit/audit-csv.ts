import { guard } from '#common/rules/formula-guard'
import { csvRows } from '#common/spreadsheet/csv'
import { recordedCell } from '#common/spreadsheet/moment'
import { deviceLabel } from '../../shared/device-label.ts'
import type { KeptEntry } from './audit.repository.ts'

const headers = [
  'When (UTC)',
  'Who',
  'Id of who',
  'Action',
  'Where',
  'Kind of thing',
  'Id of the thing',
  'Before',
  'After',
  'Device',
  'Address',
  'Request',
  'Entry',
]

const values = (value: unknown) => (value === null || value === undefined ? '' : JSON.stringify(value))

const cellsOf = (entry: KeptEntry): string[] => [
  recordedCell(entry.at).wall.replace('T', ' '),
  ...[
    entry.actorName ?? (entry.enteredBy ? 'A super admin' : ''),
    entry.actorId ?? entry.enteredBy ?? '',
    entry.action,
    entry.siteName ?? 'The organisation',
    entry.entity ?? '',
    entry.entityId ?? '',
    values(entry.oldValues),
    values(entry.newValues),
    deviceLabel(entry.device) ?? '',
    entry.address ?? '',
    entry.requestId ?? '',
    entry.id,
  ].map(guard),
]

/** The audit as a table, as other exports are: with a byte order mark, and nothing in it that a spreadsheet runs. */
export function auditCsv() {
  const parts = [`\ufeff${csvRows([headers])}`]
  let count = 0
  return {
    add(entries: readonly KeptEntry[]): void {
      parts.push(csvRows(entries.map(cellsOf)))
      count += entries.length
    },
    get count(): number {
      return count
    },
    text: (): string => parts.join(''),
  }
}
