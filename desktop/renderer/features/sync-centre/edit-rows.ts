import type { InteractionField, InteractionPatch } from '#common/contract/interactions'
import type { QueueItem } from '#desktop/bridge/channels'
import { type Row, rowsFor } from '../../ui/field-rows.ts'
import { handPatch, type HandValues } from './hand-values.ts'
import type { AnyItem } from './use-queue.ts'

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

/** What edits are sent one after the other for: a record, or a visit with its photos. */
export const chainOf = (item: AnyItem): string =>
  item.entity === 'interaction' ? item.entityId : item.visitId

/** The edit this one waits for: the first of the same chain that the server did not take. */
export const blockerOf = (item: AnyItem, items: readonly AnyItem[]): AnyItem | undefined =>
  items.find(
    (other) =>
      chainOf(other) === chainOf(item) && ['conflict', 'rejected', 'unreadable'].includes(other.state),
  )

/** The edits with those of one record beside each other, each record where its first edit stands. */
export function inChains(items: readonly AnyItem[]): AnyItem[] {
  return [...Map.groupBy(items, chainOf).values()].flat()
}
