import type { SessionUser } from '#common/contract/auth'
import type { ErrorCode } from '#common/contract/errors'
import type { InteractionFields } from '#common/contract/interactions'
import type { Photo, PhotoFields } from '#common/contract/photos'
import type { Change, FieldConflict, PhotoMutation, VisitMutation } from '#common/contract/sync'
import type { Visit, VisitFields } from '#common/contract/visits'
import { may } from '#common/rules/permissions'
import {
  mayRemovePhoto,
  interactionOf,
  photoConflicts,
  photoFieldsOf,
  photoProblems,
  removalConflicts,
  visitConflicts,
  visitFieldsOf,
  visitProblems,
  withPatch,
} from '#common/rules/visit-rules'

/** The server's side of field work, for the model of the server: visits, photos, and what they are about. */

export type FieldChange = Exclude<Change, { entity: 'interaction' | 'person' | 'interactionType' }>
type RecordOf<E extends FieldChange['entity']> = Extract<FieldChange, { entity: E }>['record']
/** By entity and id. */
export type FieldDocs = Map<string, FieldChange>

export const fieldKey = (entity: string, id: string) => `${entity} ${id}`

export const isOfField = ({ entity }: { entity: string }) =>
  ['shop', 'brand', 'survey', 'surveyVersion', 'visit', 'photo'].includes(entity)

type Result =
  | { kind: 'applied'; record: Visit | Photo | null; writes: boolean }
  | { kind: 'conflict'; conflict: FieldConflict }
  | { kind: 'rejected'; code: ErrorCode; message: string }

const rejected = (code: ErrorCode, message = 'Refused'): Result => ({ kind: 'rejected', code, message })
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

export class FieldModel {
  readonly #docs: FieldDocs
  readonly #now: () => string

  constructor(docs: FieldDocs, now: () => string) {
    this.#docs = docs
    this.#now = now
  }

  find<E extends FieldChange['entity']>(entity: E, id: string): RecordOf<E> | undefined {
    return this.#docs.get(fieldKey(entity, id))?.record as RecordOf<E> | undefined
  }

  all<E extends FieldChange['entity']>(entity: E): RecordOf<E>[] {
    const docs = [...this.#docs.values()].filter((doc) => doc.entity === entity)
    return docs.map(({ record }) => record as RecordOf<E>)
  }

  /** Whether somebody may have this on a device. */
  isSeen({ entity, record }: FieldChange, user: SessionUser): boolean {
    if (entity === 'visit') return record.agentId === user.id
    return entity !== 'photo' || this.find('visit', record.visitId)?.agentId === user.id
  }

  /** The interaction of a visit as it follows from it. */
  interaction(visit: VisitFields, user: SessionUser): InteractionFields {
    const shop = visit.shopId === null ? null : (this.find('shop', visit.shopId) ?? null)
    return interactionOf(visit, { shop, agentName: user.displayName })
  }

  /** What an edit comes to; where it writes, `put` of the record follows. */
  apply(user: SessionUser, mutation: VisitMutation | PhotoMutation): Result {
    return mutation.entity === 'visit' ? this.#visit(user, mutation) : this.#photo(user, mutation)
  }

  #visit(user: SessionUser, { op, entityId: id, siteId, base, patch }: VisitMutation): Result {
    const found = this.find('visit', id)
    const at = this.#now()
    if (op === 'create') {
      if (!may(user, 'visit.start', { siteId })) return rejected('AUTHORIZATION_ERROR')
      const fields = visitFieldsOf(patch as VisitFields)
      if (found) {
        const isSame = found.agentId === user.id && found.version === 1 && same(visitFieldsOf(found), fields)
        if (isSame) return { kind: 'applied', record: found, writes: false }
        return { kind: 'conflict', conflict: { fields: [], base, mine: patch, theirs: found } }
      }
      const problem = this.#problem(fields, null, siteId, id)
      if (problem) return rejected('VALIDATION_ERROR', problem)
      const made = { id, siteId, agentId: user.id, version: 1, createdAt: at, updatedAt: at }
      return { kind: 'applied', record: { ...fields, ...made }, writes: true }
    }
    if (!found || found.siteId !== siteId) return rejected('RESOURCE_NOT_FOUND')
    if (!may(user, 'visit.work', { siteId, createdBy: found.agentId })) return rejected('AUTHORIZATION_ERROR')
    const conflicts = visitConflicts(base, patch, found)
    if (conflicts)
      return { kind: 'conflict', conflict: { fields: conflicts, base, mine: patch, theirs: found } }
    const after = withPatch(found, patch)
    const problem = this.#problem(after, found, siteId, id)
    if (problem) return rejected('VALIDATION_ERROR', problem)
    if (same(after, found)) return { kind: 'applied', record: found, writes: false }
    return { kind: 'applied', record: { ...after, version: found.version + 1, updatedAt: at }, writes: true }
  }

  #problem(visit: VisitFields, before: VisitFields | null, siteId: string, id: string): string | null {
    const shop = visit.shopId === null ? null : this.find('shop', visit.shopId)
    if (shop === undefined || (shop && shop.siteId !== siteId)) return 'There is no such shop at this site'
    if (shop && !shop.active && before?.shopId !== shop.id) return 'This shop is out of use'
    const survey = this.all('surveyVersion').find(
      ({ surveyId, number }) => surveyId === visit.surveyId && number === visit.surveyNumber,
    )
    const counts = new Map<string, number>()
    for (const { visitId, questionId } of this.all('photo'))
      if (visitId === id && questionId !== null) counts.set(questionId, (counts.get(questionId) ?? 0) + 1)
    return visitProblems(visit, before, survey?.questions ?? [], counts)[0]?.message ?? null
  }

  #photo(user: SessionUser, { op, entityId: id, siteId, base, patch }: PhotoMutation): Result {
    const found = this.find('photo', id)
    if (op === 'delete' && !found) return { kind: 'applied', record: null, writes: false }
    const visit = this.find('visit', found?.visitId ?? patch.visitId ?? '')
    if (visit?.siteId !== siteId) return rejected('RESOURCE_NOT_FOUND')
    if (!may(user, 'visit.work', { siteId, createdBy: visit.agentId })) return rejected('AUTHORIZATION_ERROR')
    if (op === 'delete') {
      const unseen = removalConflicts(base, photoFieldsOf(found!))
      if (unseen) return { kind: 'conflict', conflict: { fields: unseen, base, mine: patch, theirs: found! } }
      if (!mayRemovePhoto(found!, visit)) return rejected('VALIDATION_ERROR', 'The visit is over')
      return { kind: 'applied', record: null, writes: true }
    }
    if (op === 'create') {
      const fields = photoFieldsOf(patch as PhotoFields)
      if (found) {
        if (same(photoFieldsOf(found), fields)) return { kind: 'applied', record: found, writes: false }
        return { kind: 'conflict', conflict: { fields: [], base, mine: patch, theirs: found } }
      }
      const problem = photoProblems(fields, null, visit.status)[0]
      if (problem) return rejected('VALIDATION_ERROR', problem.message)
      const made = { id, siteId, version: 1, createdAt: this.#now() }
      const nothing = { received: 0, storedAt: null, hasThumbnail: false, quadrants: [] }
      return { kind: 'applied', record: { ...fields, ...made, ...nothing }, writes: true }
    }
    if (!found) return rejected('RESOURCE_NOT_FOUND')
    const before = photoFieldsOf(found)
    const conflicts = photoConflicts(base, patch, before)
    if (conflicts)
      return { kind: 'conflict', conflict: { fields: conflicts, base, mine: patch, theirs: found } }
    const after = { ...before, ...patch }
    const problem = photoProblems(after, before, visit.status)[0]
    if (problem) return rejected('VALIDATION_ERROR', problem.message)
    const quadrants = after.quadrants.map((quadrant) => ({ ...quadrant, areaPercentage: 50 }))
    return {
      kind: 'applied',
      record: { ...found, ...after, quadrants, version: found.version + 1 },
      writes: true,
    }
  }
}
