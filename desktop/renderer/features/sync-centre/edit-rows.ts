import type { InteractionField, InteractionPatch } from '#common/contract/interactions'
import { interactionFields } from '#common/rules/interaction-rules'
import type { QueueItem } from '#desktop/bridge/channels'
import { spanWords } from '../../ui/date-words.ts'
import { fieldLabels } from '../../ui/field-labels.ts'

/** An edit or a conflict as rows of a table: one a field, with start, end and zone as one because they merge as one. */

const timeFields: readonly InteractionField[] = ['startDateTime', 'endDateTime', 'timezone']

export interface Row {
  key: string
  label: string
  fields: InteractionField[]
}

export function rowsFor(fields: readonly string[]): Row[] {
  const touched = interactionFields.filter((field) => fields.includes(field))
  const time = touched.filter((field) => timeFields.includes(field))
  return touched.flatMap((field): Row[] => {
    if (field === time[0]) return [{ key: 'time', label: 'Start – end', fields: time }]
    if (time.includes(field)) return []
    return [{ key: field, label: fieldLabels[field], fields: [field] }]
  })
}

/** What a row says in one version of the record; empty when it says nothing. Times are on the clock of their zone. */
export function rowWords(row: Row, version: InteractionPatch): string {
  if (row.key !== 'time') {
    const value = version[row.fields[0]!] ?? ''
    return row.key === 'status' ? value.charAt(0).toUpperCase() + value.slice(1) : value
  }
  const { startDateTime: start, endDateTime: end, timezone: zone } = version
  return start && end && zone ? `${spanWords(start, end, zone)}, ${zone}` : ''
}

export type Choice = 'mine' | 'theirs'

const pick = (version: InteractionPatch, fields: readonly InteractionField[]): InteractionPatch =>
  Object.fromEntries(fields.flatMap((field) => (field in version ? [[field, version[field]]] : [])))

/** The fields of an edit that nobody else changed. */
export const undisputed = ({ patch, conflict }: QueueItem): InteractionField[] =>
  (Object.keys(patch) as InteractionField[]).filter((field) => !conflict?.fields.includes(field))

/** The values that end a conflict: what the person chose in every row. Null while a row has no choice. */
export function resolutionOf(
  item: QueueItem,
  choices: Record<string, Choice | undefined>,
): InteractionPatch | null {
  const { conflict } = item
  if (!conflict?.theirs) return null
  let resolution: InteractionPatch = {}
  for (const row of rowsFor(conflict.fields)) {
    const choice = choices[row.key]
    if (!choice) return null
    const chosen = choice === 'mine' ? { ...item.patch, ...conflict.mine } : conflict.theirs
    resolution = { ...resolution, ...pick(chosen, row.fields) }
  }
  return resolution
}

/** The edit this one waits for: the first of the same record that the server did not take. */
export const blockerOf = (item: QueueItem, items: readonly QueueItem[]): QueueItem | undefined =>
  items.find(
    (other) => other.entityId === item.entityId && (other.state === 'conflict' || other.state === 'rejected'),
  )
