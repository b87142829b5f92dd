import {
  completeVisit,
  listVisitPhotos,
  listVisits,
  readVisit,
  startVisit,
  updateVisit,
} from '#common/contract/visits'
import { actorOf, requiredSite } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { PhotosService } from './photos.service.ts'
import type { CompleteVisit } from './visit-completion.service.ts'
import type { VisitsService } from './visits.service.ts'

export function visitRoutes(
  app: App,
  visits: VisitsService,
  photos: PhotosService,
  complete: CompleteVisit,
): void {
  app.route({ ...listVisits, handler: (request) => visits.list(actorOf(request), request.query) })

  app.route({ ...readVisit, handler: (request) => visits.read(actorOf(request), request.params.id) })

  app.route({
    ...startVisit,
    handler: async (request, reply) => {
      const visit = await visits.start(actorOf(request), requiredSite(request), request.body)
      return reply.code(201).send({ success: true, visit })
    },
  })

  app.route({
    ...updateVisit,
    handler: async (request) => ({
      success: true as const,
      visit: await visits.update(actorOf(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...completeVisit,
    handler: async (request) => ({
      success: true as const,
      visit: await complete(actorOf(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...listVisitPhotos,
    handler: async (request) => ({ photos: await photos.ofVisit(actorOf(request), request.params.id) }),
  })
}
