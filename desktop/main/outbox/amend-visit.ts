import { AppError } from '#common/contract/errors'
import type { Photo, PhotoPatch } from '#common/contract/photos'
import type { Question } from '#common/contract/surveys'
import { type PhotoMutation, schemaVersion, type VisitMutation } from '#common/contract/sync'
import type { Visit, VisitPatch } from '#common/contract/visits'
import { isSame, photoFieldsOf, visitDifference, visitFieldsOf, withPatch } from '#common/rules/visit-rules'
import { again, assertDiscardable, find, readable } from './amend.ts'
import { assertPhoto } from './compose-photo.ts'
import { assertVisit, merged, type VisitContext } from './compose-visit.ts'
import { descendantsOf, type Entry, type FieldEntry, type FieldMutation, type Plan } from './entry.ts'

/** How a person settles what is stopped of a visit or a photo. */

export interface VisitAmendContext extends VisitContext {
  /** Which version the server's copy of a visit or a photo has here. */
  versionOf(mutation: FieldMutation): number | null
  /** The questions of a survey. */
  questionsOf(visit: Visit): readonly Question[]
}

const chainOf = ({ family, newId }: VisitContext) => ({
  chain: family as readonly Entry<FieldMutation>[],
  newId,
})

/**
 * Takes an edit out, and with it those that build on it; but a photo that could not be added takes only its own along:
 * what else waits for it, as the end of its visit, is sent without it.
 */
export function discardOfVisit(mutationId: string, context: VisitAmendContext): Plan<FieldMutation> {
  const chain = chainOf(context)
  const entry = find(mutationId, chain)
  const descendants = descendantsOf(chain.chain, mutationId)
  const isPhoto = entry.entity === 'photo'
  const own = descendants.filter(({ entityId }) => !isPhoto || entityId === entry.entityId)
  const others = descendants.filter((other) => !own.includes(other))
  assertDiscardable([entry, ...descendants])
  const ids = new Map<string, string | null>([entry, ...own].map((each) => [each.mutationId, null]))
  const { versionOf } = context
  return {
    remove: [entry, ...own],
    outcome: 'discarded',
    renewed: others,
    add: again(others, ids, context, { versionOf }),
    visitId: visitOf(entry),
  }
}

const visitOf = ({ visitId, entityId }: Pick<FieldEntry, 'visitId' | 'entityId'>) => visitId ?? entityId

/**
 * Ends a conflict: `fields` are the values the person wants, and for those left out the edit's own ones stay. What comes
 * of it is a new edit on top of the server's version, or none where nothing is left to change. Edits that build on this
 * one follow it.
 */
export function resolveOfVisit(
  mutationId: string,
  fields: VisitPatch | PhotoPatch,
  context: VisitAmendContext,
): Plan<FieldMutation> {
  const chain = chainOf(context)
  const entry = find(mutationId, chain)
  const mutation = readable(entry)
  if (!entry.conflict) throw new AppError('CONFLICT', 'This change is not in conflict any more.')
  const { theirs } = entry.conflict
  if (!theirs)
    throw new AppError('CONFLICT', 'It is not on the server any more. This change can only be discarded.')
  const descendants = descendantsOf(chain.chain, mutationId)
  const settled =
    mutation.entity === 'visit'
      ? onTopOfVisit(theirs as Visit, mutation, fields as VisitPatch, context)
      : onTopOfPhoto(theirs as Photo, mutation, fields as PhotoPatch, context)
  const ids = new Map([[mutationId, settled?.mutationId ?? null]])
  const versionOf = (other: FieldMutation) =>
    other.entityId === entry.entityId ? theirs.version : context.versionOf(other)
  return {
    remove: [entry, ...descendants],
    outcome: 'replaced',
    add: [...(settled ? [settled] : []), ...again(descendants, ids, context, { versionOf })],
    visitId: visitOf(entry),
  }
}

function onTopOfVisit(
  theirs: Visit,
  mutation: VisitMutation,
  fields: VisitPatch,
  { photos, questionsOf, newId, now }: VisitAmendContext,
): VisitMutation | null {
  const before = visitFieldsOf(theirs)
  const after = visitFieldsOf(withPatch(before, merged(mutation.patch, fields)))
  const edit = visitDifference(before, after)
  if (!edit) return null
  assertVisit(after, before, questionsOf({ ...theirs, surveyNumber: after.surveyNumber }), { photos })
  const { version: baseVersion } = theirs
  return { ...mutation, ...renewed({ newId, now }), op: 'update', baseVersion, dependsOn: [], ...edit }
}

function onTopOfPhoto(
  theirs: Photo,
  mutation: PhotoMutation,
  fields: PhotoPatch,
  { shown, newId, now }: VisitAmendContext,
): PhotoMutation | null {
  const settled = { ...mutation, ...renewed({ newId, now }), baseVersion: theirs.version, dependsOn: [] }
  const before = photoFieldsOf(theirs)
  if (mutation.op === 'delete') return { ...settled, base: marks(before) }
  const after = photoFieldsOf({ ...theirs, ...mutation.patch, ...fields })
  if (isSame(before, after)) return null
  assertPhoto(after, before, shown?.status ?? 'in_progress')
  return { ...settled, op: 'update', base: marks(before), patch: marks(after) }
}

const marks = ({ shelf, quadrants }: PhotoPatch): PhotoPatch => ({
  ...(shelf !== undefined && { shelf }),
  ...(quadrants && { quadrants }),
})

const renewed = ({ newId, now }: Pick<VisitContext, 'newId' | 'now'>) => ({
  mutationId: newId(),
  schemaVersion: schemaVersion as VisitMutation['schemaVersion'],
  deviceTime: now(),
})
