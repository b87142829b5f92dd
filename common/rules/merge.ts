import type { InteractionField, InteractionFields, InteractionPatch } from '../contract/interactions.ts'

/**
 * Three-way merge by field (SYNC.md): what only one side touched is taken, what both changed to different values is
 * a conflict. Start, end and zone mean something only together: an edit of one carries all three, and they merge
 * or conflict as one.
 */

const together: readonly InteractionField[] = ['startDateTime', 'endDateTime', 'timezone']

export type Merged =
  { kind: 'merged'; fields: InteractionFields } | { kind: 'conflict'; fields: InteractionField[] }

const touchedBy = (patch: InteractionPatch) => Object.keys(patch) as InteractionField[]

function groupsOf(patch: InteractionPatch): InteractionField[][] {
  const touched = touchedBy(patch)
  const time = touched.filter((field) => together.includes(field))
  const rest = touched.filter((field) => !together.includes(field)).map((field) => [field])
  return time.length > 0 ? [time, ...rest] : rest
}

/**
 * Puts `patch` onto the record as it is now. `base` holds the values the edit was made on, for the same fields. A
 * group of fields conflicts when the record has neither those values nor the ones the edit asks for.
 */
export function merge(base: InteractionPatch, patch: InteractionPatch, theirs: InteractionFields): Merged {
  const conflicts = groupsOf(patch).filter(
    (group) =>
      !group.every((field) => theirs[field] === base[field]) &&
      !group.every((field) => theirs[field] === patch[field]),
  )
  if (conflicts.length > 0) return { kind: 'conflict', fields: conflicts.flat() }
  return { kind: 'merged', fields: { ...theirs, ...patch } }
}

/** What an edit from `previous` to `next` touches, with old and new values; empty when nothing changed. */
export function difference(previous: InteractionFields, next: InteractionFields) {
  const changed = touchedBy(next).filter((field) => previous[field] !== next[field])
  const touched = changed.some((field) => together.includes(field))
    ? [...new Set([...changed, ...together])]
    : changed
  const pick = (from: InteractionFields): InteractionPatch =>
    Object.fromEntries(touched.map((field) => [field, from[field]]))
  return { base: pick(previous), patch: pick(next) }
}
