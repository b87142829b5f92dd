import type { InteractionFields, InteractionPatch } from '#common/contract/interactions'
import type { HistoryEntry } from '#common/contract/record-keeping'
import { fieldsOf, interactionFields } from '#common/rules/interaction-rules'
import { type Row, rowsFor, rowWords } from '../../ui/field-rows.ts'

/** The history of a record in the words and values a person sees. */

/** One field of an entry: what it said before and after, and what of it was not kept when a conflict was settled. */
export interface ChangeRow {
  key: string
  label: string
  /** Null for a record that began with this. */
  before: string | null
  after: string
  lost: { whose: 'mine' | 'theirs'; words: string; fields: InteractionPatch }[]
  /** What puts back the value before; null where there is none, or where it cannot be put back by hand. */
  restore: InteractionPatch | null
}

/** An entry with the whole record as it was after it. */
export interface Version {
  entry: HistoryEntry
  fields: InteractionFields
  rows: ChangeRow[]
}

/**
 * The versions behind `entries`, which are the latest first and reach to `now` without a gap: each is the one after it
 * with the values before that change put back.
 */
export function versionsOf(entries: readonly HistoryEntry[], now: InteractionFields): Version[] {
  let fields = fieldsOf(now)
  return entries.map((entry) => {
    const version = { entry, fields, rows: rowsOf(entry, fields) }
    fields = { ...fields, ...entry.before }
    return version
  })
}

function rowsOf({ action, before, after, lost }: HistoryEntry, now: InteractionFields): ChangeRow[] {
  const isFirst = action === 'created' || (action === 'imported' && Object.keys(before).length === 0)
  const was: InteractionFields = { ...now, ...before }
  const is: InteractionFields = { ...now, ...after }
  const touched = new Set([...Object.keys(after), ...Object.keys(before)])
  for (const side of [lost?.mine, lost?.theirs])
    Object.keys(side ?? {}).forEach((field) => touched.add(field))
  return rowsFor([...touched]).flatMap((row): ChangeRow[] => {
    const whole = row.key === 'time' ? rowsFor(['startDateTime', 'endDateTime', 'timezone'])[0]! : row
    const words = rowWords(whole, is)
    if (isFirst && words === '') return []
    const beforeWords = isFirst ? null : rowWords(whole, was)
    const unkept = (['mine', 'theirs'] as const).flatMap((whose) => {
      const side = lost?.[whose]
      if (!side || !row.fields.some((field) => field in side)) return []
      const values = { ...is, ...side }
      const sideWords = rowWords(whole, values)
      return sideWords === words ? [] : [{ whose, words: sideWords, fields: pick(whole, values) }]
    })
    if (beforeWords === words && unkept.length === 0) return []
    // The status has actions of its own, which know what may follow what.
    const canRestore = !isFirst && row.key !== 'status' && beforeWords !== words
    return [
      {
        key: row.key,
        label: row.label,
        before: beforeWords,
        after: words,
        lost: unkept,
        restore: canRestore ? pick(whole, was) : null,
      },
    ]
  })
}

const pick = ({ fields }: Row, version: InteractionFields): InteractionPatch =>
  Object.fromEntries(fields.map((field) => [field, version[field]]))

/** All of a version but its status. */
export function restoreAll({ fields }: Version): InteractionPatch {
  const { status: _, ...others } = fields
  return others
}

/** Whether the record says the same as this version, its status aside. */
export const isAs = (version: Version, now: InteractionFields): boolean =>
  interactionFields.every((field) => field === 'status' || version.fields[field] === now[field])

const did: Record<HistoryEntry['action'], string> = {
  created: 'added it',
  updated: 'changed it',
  deleted: 'deleted it',
  restored: 'restored it',
  merged: 'settled a conflict',
  imported: 'imported it',
  undone: 'took a change back',
}

/** “Ada Harbour changed it”; what no person did the app did by itself. */
export const entryWords = ({ actor, action }: HistoryEntry): string =>
  `${actor?.displayName ?? 'Fieldbook'} ${did[action]}`
