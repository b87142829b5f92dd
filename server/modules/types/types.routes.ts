import { addType, deleteType, listTypes, updateType } from '#common/contract/interaction-types'
import { actorOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { TypesService } from './types.service.ts'

export function typeRoutes(app: App, types: TypesService): void {
  app.route({ ...listTypes, handler: async (request) => ({ types: await types.list(actorOf(request)) }) })

  app.route({
    ...addType,
    handler: async (request, reply) =>
      reply.code(201).send({ success: true, type: await types.add(actorOf(request), request.body) }),
  })

  app.route({
    ...updateType,
    handler: async (request) => ({
      success: true as const,
      type: await types.update(actorOf(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...deleteType,
    handler: async (request) => {
      await types.remove(actorOf(request), request.params.id)
      return { success: true as const }
    },
  })
}
