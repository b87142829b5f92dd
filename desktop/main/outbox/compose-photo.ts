import { AppError } from '#common/contract/errors'
import type { Photo, PhotoFields } from '#common/contract/photos'
import { type PhotoMutation, schemaVersion } from '#common/contract/sync'
import {
  isSame,
  mayRemovePhoto,
  photoCountProblems,
  photoFieldsOf,
  photoProblems,
} from '#common/rules/visit-rules'
import { mayFold, type VisitContext, workedOn } from './compose-visit.ts'
import { descendantsOf, type FieldEntry, lastOf, neverApplied, type Plan, stopped } from './entry.ts'
import { photoEntries, visitEntries } from './present-visit.ts'

const gone = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such photo on this device (any more).')

/** `before` is null when the photo is added. Throws VALIDATION_ERROR, field by field. */
export function assertPhoto(
  photo: PhotoFields,
  before: PhotoFields | null,
  status: Parameters<typeof photoProblems>[2],
): void {
  const details = photoProblems(photo, before, status)
  if (details.length > 0) throw new AppError('VALIDATION_ERROR', details[0]!.message, { details })
}

/** Announces a photo whose bytes are here. */
export function composePhoto(id: string, fields: PhotoFields, context: VisitContext): Plan<PhotoMutation> {
  const visit = workedOn(context)
  const { family, photos, newId, now } = context
  assertPhoto(fields, null, visit.status)
  const details = photoCountProblems(photos.length, 1)
  if (details.length > 0) throw new AppError('VALIDATION_ERROR', details[0]!.message, { details })
  if (photos.some(({ sha256 }) => sha256 === fields.sha256))
    throw new AppError('VALIDATION_ERROR', 'This photo is already in the visit.', {
      details: [{ field: 'picture', message: 'This photo is already in the visit' }],
    })
  const start = visitEntries(family).find(({ op, state }) => op === 'create' && state !== 'applied')
  const create: PhotoMutation = {
    mutationId: newId(),
    entity: 'photo',
    entityId: id,
    siteId: visit.siteId,
    op: 'create',
    baseVersion: null,
    base: {},
    patch: photoFieldsOf(fields),
    dependsOn: start ? [start.mutationId] : [],
    schemaVersion,
    deviceTime: now(),
  }
  return { remove: [], outcome: null, add: [create], visitId: visit.id }
}

function edited(id: string, context: VisitContext) {
  const visit = workedOn(context)
  const photo = context.photos.find((each) => each.id === id)
  if (!photo) throw gone()
  return { visit, photo, chain: photoEntries(context.family, id) }
}

type Marks = Pick<PhotoFields, 'shelf' | 'quadrants'>

/** `opened` is what its author had before them: what is shown where nothing is said. Null when that is marked already. */
export function composeMark(
  id: string,
  marks: Marks,
  opened: Marks | undefined,
  record: Photo | null,
  context: VisitContext,
): Plan<PhotoMutation> | null {
  const { visit, photo, chain } = edited(id, context)
  const { newId, now, family } = context
  const before = photoFieldsOf(photo)
  const after = photoFieldsOf({ ...photo, ...marks })
  const seen = photoFieldsOf({ ...photo, ...opened })
  if (isSame(before, after) || isSame(seen, after)) return null
  assertPhoto(after, before, visit.status)
  const refused = chain.find(({ op, state }) => op === 'update' && state === 'rejected')
  const last = refused ?? lastOf(chain, record !== null)
  const replaced = last && (refused || mayFold(last, family)) ? last : null
  const later = refused ? descendantsOf(chain, refused.mutationId) : []
  const under = replaced ? lastOf(chain.slice(0, chain.indexOf(replaced)), record !== null) : last
  const update: PhotoMutation = {
    mutationId: newId(),
    entity: 'photo',
    entityId: id,
    siteId: photo.siteId,
    op: 'update',
    baseVersion: under ? null : (record?.version ?? null),
    base: replaced?.mutation?.base ?? { shelf: seen.shelf, quadrants: seen.quadrants },
    patch: { shelf: after.shelf, quadrants: after.quadrants },
    dependsOn: under ? [under.mutationId] : [],
    schemaVersion,
    deviceTime: now(),
  }
  return {
    remove: replaced ? [replaced, ...later] : [],
    outcome: refused ? 'replaced' : null,
    add: [update],
    visitId: visit.id,
  }
}

/**
 * Takes a photo out again; one the server never got is simply taken out of the queue. Out of a visit that is over only
 * one whose bytes cannot come any more.
 */
export function composeRemoval(id: string, record: Photo | null, context: VisitContext): Plan<PhotoMutation> {
  const { visit, photo, chain } = edited(id, context)
  const { family, newId, now } = context
  const cannotCome = photo.state === 'stopped' || photo.state === 'missing'
  if (visit.status !== 'in_progress' && !(cannotCome && mayRemovePhoto(photo, visit)))
    throw new AppError('CONFLICT', 'The visit is over: its photos stay.')
  const isNeeded = family.some(
    (entry: FieldEntry) =>
      entry.entityId !== id &&
      entry.mutation?.dependsOn.some((need) => chain.some((own) => own.mutationId === need)),
  )
  if (!record && !isNeeded && chain.every(neverApplied))
    return { remove: chain, outcome: 'discarded', add: [], visitId: visit.id }
  const last = lastOf(
    chain.filter((entry) => !stopped(entry)),
    record !== null,
  )
  const refused = chain.find((entry) => entry.op === 'update' && stopped(entry))
  const { shelf, quadrants } = photoFieldsOf({ ...photo, ...refused?.mutation?.base })
  const deletion: PhotoMutation = {
    mutationId: newId(),
    entity: 'photo',
    entityId: id,
    siteId: photo.siteId,
    op: 'delete',
    baseVersion: last ? null : (record?.version ?? null),
    base: { shelf, quadrants },
    patch: {},
    dependsOn: last ? [last.mutationId] : [],
    schemaVersion,
    deviceTime: now(),
  }
  return { remove: chain.filter(stopped), outcome: 'discarded', add: [deletion], visitId: visit.id }
}
