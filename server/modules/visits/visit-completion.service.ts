import { v7 as uuidv7 } from 'uuid'
import type { PhotoFields, PhotoInput } from '#common/contract/photos'
import type { Visit, VisitPatch } from '#common/contract/visits'
import type { Actor } from '../../shared/scope.ts'
import { announced, type PhotosService } from './photos.service.ts'
import { assertVersion, type VisitsService } from './visits.service.ts'

export interface Completion extends Pick<VisitPatch, 'answers' | 'notes'> {
  photos?: PhotoInput[]
  completedAt?: string
  version: number
}

export type CompleteVisit = ReturnType<typeof createVisitCompletion>

/**
 * Completes a visit with the last that belongs to it, all of it or nothing. One that is completed already takes what it
 * can grow by. A photo without an id is the one the visit has with the same bytes for the same purpose, if any, so that
 * it is not there twice.
 */
export const createVisitCompletion =
  (visits: VisitsService, photos: PhotosService) =>
  (
    actor: Actor,
    id: string,
    { photos: more = [], completedAt, version, ...given }: Completion,
  ): Promise<Visit> =>
    visits.work(actor, id, async (tx, current) => {
      assertVersion(current, version)
      const isUnnamed = more.some((photo) => photo.id === undefined)
      const there = new Set((isUnnamed ? await photos.inTransaction.ofVisits(tx, [id]) : []).map(keyOf))
      const named = more
        .map((photo) => ({ id: photo.id, fields: announced(id, photo) }))
        .filter((photo) => photo.id !== undefined || !there.has(keyOf(photo.fields)))
        .map((photo) => [photo.id ?? uuidv7(), photo.fields] as const)
      const along = await photos.inTransaction.insert(tx, current, new Map(named))
      const isDone = current.status === 'completed' && completedAt === undefined
      const completed = {
        status: 'completed' as const,
        completedAt: completedAt ?? new Date().toISOString(),
      }
      const patch = { ...given, ...(!isDone && completed) }
      return (await visits.inTransaction.edit(tx, actor, current, patch, { strictly: true, along })).record
    })

const keyOf = ({ sha256, purpose, questionId }: PhotoFields) => [sha256, purpose, questionId].join(' ')
