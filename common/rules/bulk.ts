import type { FieldProblem } from '../contract/errors.ts'
import type { InteractionFields, InteractionPatch } from '../contract/interactions.ts'
import type { BulkChange } from '../contract/record-keeping.ts'
import { fieldLabel } from './field-labels.ts'
import { fieldsOf, interactionProblems, normalise } from './interaction-rules.ts'
import { difference } from './merge.ts'
import { may, type Subject } from './permissions.ts'

/** What a change to many records means for one of them: the fields to change, its deletion, or why it is left alone. */
export type BulkEffect = { patch: InteractionPatch } | { delete: true } | { reason: string }

/** `record` is null when it is not there, or no longer. Server and device decide alike. */
export function bulkEffect(
  record: (InteractionFields & { siteId: string; createdBy: string }) | null,
  actor: Subject,
  change: BulkChange,
): BulkEffect {
  if (!record) return { reason: 'It was deleted meanwhile.' }
  const { siteId, createdBy } = record
  if (change.kind === 'delete') {
    if (may(actor, 'interaction.deleteMany', { siteId, createdBy })) return { delete: true }
    return { reason: 'Only administrators of the site may delete many interactions at once.' }
  }
  if (!may(actor, 'interaction.update', { siteId, createdBy }))
    return { reason: 'Your role at this site does not allow you to change interactions.' }
  const before = fieldsOf(record)
  const after = { ...before, ...normalise(change.kind === 'archive' ? { status: 'archived' } : change.patch) }
  const { patch } = difference(before, after)
  if (Object.keys(patch).length === 0) return { reason: 'It is like that already.' }
  const problems = interactionProblems(after, before.status)
  if (problems.length === 0) return { patch }
  return { reason: inWords(problems) }
}

/** Problems of fields as one text. */
export const inWords = (problems: readonly FieldProblem[]) =>
  problems.map(({ field, message }) => `${fieldLabel(field)}: ${message}.`).join(' ')
