import { v7 as uuidv7 } from 'uuid'
import type { PhotoInput } from '#common/contract/photos'
import type { Visit, VisitPatch } from '#common/contract/visits'
import type { Actor } from '../../shared/scope.ts'
import { announced, type PhotosService } from './photos.service.ts'
import type { VisitsService } from './visits.service.ts'

export interface Completion extends Pick<VisitPatch, 'answers' | 'notes'> {
  photos?: PhotoInput[]
  completedAt?: string
}

export type CompleteVisit = ReturnType<typeof createVisitCompletion>

/**
 * Completes a visit with the last that belongs to it, all of it or nothing. One that is completed already is answered
 * the same, and takes what it can grow by.
 */
export const createVisitCompletion =
  (visits: VisitsService, photos: PhotosService) =>
  (actor: Actor, id: string, { photos: more = [], completedAt, ...given }: Completion): Promise<Visit> =>
    visits.workOn(actor, id, async (tx, current) => {
      for (const photo of more)
        await photos.inTransaction.add(tx, actor, current, photo.id ?? uuidv7(), announced(id, photo))
      const isDone = current.status === 'completed' && completedAt === undefined
      const completed = {
        status: 'completed' as const,
        completedAt: completedAt ?? new Date().toISOString(),
      }
      const patch = { ...given, ...(!isDone && completed) }
      return (await visits.inTransaction.edit(tx, actor, current, patch, { strictly: true })).record
    })
