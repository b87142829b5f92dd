import { AppError } from '#common/contract/errors'
import { type Photo, PhotoFields } from '#common/contract/photos'
import { problemsOf } from '#common/contract/sentences'
import type { PhotoMutation, VisitMutation } from '#common/contract/sync'
import { type Visit, VisitFields } from '#common/contract/visits'
import { may } from '#common/rules/permissions'
import {
  normalisePhoto,
  normaliseVisit,
  photoConflicts,
  photoFieldsOf,
  removalConflicts,
  visitConflicts,
  visitFieldsOf,
} from '#common/rules/visit-rules'
import type { Actor } from '../../shared/scope.ts'
import type { Transaction } from '../../shared/transaction.ts'
import type { PhotosService } from '../visits/photos.service.ts'
import type { VisitsService } from '../visits/visits.service.ts'
import { applied, conflict, type Effect, rejected, settled, unread } from './effect.ts'

/**
 * What edits of visits and photos come to: as those of interactions, field by field, and answer by answer. They are of
 * the person's own visits and of no others.
 */
export function createFieldWorkPush(
  { inTransaction: visits }: Pick<VisitsService, 'inTransaction'>,
  { inTransaction: photos }: Pick<PhotosService, 'inTransaction'>,
) {
  async function visitEdit(tx: Transaction, actor: Actor, mutation: VisitMutation): Promise<Effect> {
    const { mutationId, entityId, op } = mutation
    const patch = normaliseVisit(mutation.patch)
    if (op === 'create') {
      const details = within('patch', problemsOf(VisitFields, patch))
      if (details.length > 0)
        return settled(rejected(mutationId, 'VALIDATION_ERROR', 'The edit cannot be read', details))
      const { record, seq } = await visits.start(tx, actor, entityId, patch as VisitFields)
      return applied(mutation, record, seq, true)
    }
    const current = await visits.lock(tx, actor, entityId)
    if (!current) return noVisit(mutationId)
    const missing = [
      ...unsaid(mutation.base, patch),
      ...unsaid(mutation.base.answers ?? {}, patch.answers ?? {}).map((id) => `answers.${id}`),
    ].filter((field) => field !== 'answers')
    if (missing.length > 0) return unread(mutationId, missing)
    const fields = visitConflicts(normaliseVisit(mutation.base), patch, visitFieldsOf(current))
    if (fields) return conflict(mutation, current, fields)
    const { record, seq } = await visits.edit(tx, actor, current, patch)
    return applied(mutation, record, seq, true)
  }

  async function photoEdit(tx: Transaction, actor: Actor, mutation: PhotoMutation): Promise<Effect> {
    const { mutationId, entityId, op } = mutation
    const patch = normalisePhoto(mutation.patch)
    if (op === 'create') {
      const details = within('patch', problemsOf(PhotoFields, patch))
      if (details.length > 0)
        return settled(rejected(mutationId, 'VALIDATION_ERROR', 'The edit cannot be read', details))
      const visit = await visits.lock(tx, actor, patch.visitId!)
      if (!visit) return noVisit(mutationId)
      const { record, seq } = await photos.add(tx, actor, visit, entityId, patch as PhotoFields)
      return applied(mutation, record, seq, true)
    }
    const found = await photos.find(tx, entityId)
    const visit = found && (await visits.lock(tx, actor, found.visitId))
    // As it is now that nobody else changes it.
    const current = visit && (await photos.find(tx, entityId))
    if (!current || !visit) {
      const isGone = !found || visit !== null
      if (isGone && op === 'delete') return applied(mutation, null, null, false)
      if (isGone && (await photos.wasRemoved(tx, entityId)))
        return conflict(mutation, null, Object.keys(patch))
      const message = 'There is no such photo of a visit of yours at this site'
      return settled(rejected(mutationId, 'RESOURCE_NOT_FOUND', message))
    }
    const before = photoFieldsOf(current)
    if (op === 'delete') {
      const unseen = removalConflicts(mutation.base, before)
      if (unseen) return conflict(mutation, current, unseen)
      return applied(mutation, null, await photos.remove(tx, actor, visit, current), true)
    }
    const missing = unsaid(mutation.base, patch)
    if (missing.length > 0) return unread(mutationId, missing)
    const fields = photoConflicts(normalisePhoto(mutation.base), patch, before)
    if (fields) return conflict(mutation, current, fields)
    const { record, seq } = await photos.edit(tx, actor, visit, current, { ...before, ...patch })
    return applied(mutation, record, seq, true)
  }

  return async (tx: Transaction, actor: Actor, mutation: VisitMutation | PhotoMutation): Promise<Effect> => {
    const { mutationId, siteId, entity, op } = mutation
    const action = entity === 'visit' && op === 'create' ? 'visit.start' : 'visit.work'
    if (!may(actor, action, { siteId, createdBy: actor.id })) {
      const message = 'Only agents who belong to this site work on visits'
      return settled(rejected(mutationId, 'AUTHORIZATION_ERROR', message))
    }
    try {
      return await (entity === 'visit' ? visitEdit(tx, actor, mutation) : photoEdit(tx, actor, mutation))
    } catch (error) {
      // Refused before anything was written, so the receipt can be kept in this transaction.
      if (!(error instanceof AppError)) throw error
      if (error.code === 'CONFLICT')
        return conflict(mutation, (error.current as Visit | Photo | undefined) ?? null, [])
      return settled(rejected(mutationId, error.code, error.message, error.details))
    }
  }
}

const noVisit = (mutationId: string) =>
  settled(rejected(mutationId, 'RESOURCE_NOT_FOUND', 'There is no such visit of yours at this site'))

const within = (part: string, details: { field: string; message: string }[]) =>
  details.map(({ field, message }) => ({ field: field ? `${part}.${field}` : part, message }))

/** What an edit touches without saying how it was. */
const unsaid = (base: object, patch: object) => Object.keys(patch).filter((field) => !(field in base))
