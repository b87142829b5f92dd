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

const cellsOf = (entry: KeptEntry, whole: string): string[] => [
  recordedCell(entry.at).wall.replace('T', ' '),
  ...[
    entry.actorName ?? (entry.enteredBy ? 'A super admin' : ''),
    entry.actorId ?? entry.enteredBy ?? '',
    entry.action,
    entry.siteName ?? whole,
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

/**
 * The audit as a table, page by page, as other exports are: with a byte order mark, and nothing in it that a spreadsheet
 * runs. `whole` is what is not of a site: “The organisation”.
 */
export async function* auditCsv(
  pages: AsyncIterable<readonly KeptEntry[]>,
  whole: string,
): AsyncGenerator<string> {
  yield `\ufeff${csvRows([headers])}`
  for await (const page of pages) yield csvRows(page.map((entry) => cellsOf(entry, whole)))
}
