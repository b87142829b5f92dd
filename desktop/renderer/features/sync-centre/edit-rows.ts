import type { InteractionField, InteractionPatch } from '#common/contract/interactions'
import { interactionFields } from '#common/rules/interaction-rules'
import type { QueueItem } from '#desktop/bridge/channels'
import { spanWords } from '../../ui/date-words.ts'
import { fieldLabels } from '../../ui/field-labels.ts'
import { handPatch, type HandValues } from './hand-values.ts'

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

const pick = (version: InteractionPatch, fields: readonly InteractionField[]): InteractionPatch =>
  Object.fromEntries(fields.flatMap((field) => (field in version ? [[field, version[field]]] : [])))

/** The record as the edit wanted it, as far as the edit says. */
export const mineOf = ({ patch, conflict }: QueueItem): InteractionPatch => ({ ...patch, ...conflict?.mine })

/** The fields of an edit that nobody else changed. */
export const undisputed = ({ patch, conflict }: QueueItem): InteractionField[] =>
  (Object.keys(patch) as InteractionField[]).filter((field) => !conflict?.fields.includes(field))

/** `own`: neither side's value, but one written by hand. */
export type Choice = 'mine' | 'theirs' | 'own'

/** How far the person has come with a conflict: what they chose in each row, and what they wrote. */
export interface Draft {
  choices: Record<string, Choice | undefined>
  values: HandValues | null
}

/** What a row will say; null while nothing is chosen, or there is no other side. */
export function decided(row: Row, item: QueueItem, { choices, values }: Draft): InteractionPatch | null {
  const theirs = item.conflict?.theirs
  const choice = choices[row.key]
  if (!theirs || !choice) return null
  if (choice === 'theirs') return pick(theirs, row.fields)
  const mine = mineOf(item)
  return choice === 'own' && values ? handPatch(row, values, { ...theirs, ...mine }) : pick(mine, row.fields)
}

/** The values that end a conflict. Null while a row has none. */
export function resolutionOf(item: QueueItem, draft: Draft): InteractionPatch | null {
  const rows = rowsFor(item.conflict?.fields ?? []).map((row) => decided(row, item, draft))
  return rows.includes(null) ? null : (Object.assign({}, ...rows) as InteractionPatch)
}

/** The edit this one waits for: the first of the same record that the server did not take. */
export const blockerOf = (item: QueueItem, items: readonly QueueItem[]): QueueItem | undefined =>
  items.find(
    (other) =>
      other.entityId === item.entityId && ['conflict', 'rejected', 'unreadable'].includes(other.state),
  )

/** The edits with those of one record beside each other, each record where its first edit stands. */
export function inChains(items: readonly QueueItem[]): QueueItem[] {
  return [...Map.groupBy(items, ({ entityId }) => entityId).values()].flat()
}
