import {
  addCycleLocations,
  createCallCycle,
  deleteCallCycle,
  explainMiss,
  listCallCycles,
  readCallCycle,
  readCycleStatus,
  updateCallCycle,
} from '#common/contract/call-cycles'
import { actorOf, requiredSite } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { CallCyclesService } from './call-cycles.service.ts'

export function callCycleRoutes(app: App, cycles: CallCyclesService): void {
  app.route({ ...listCallCycles, handler: (request) => cycles.list(actorOf(request), request.query) })

  app.route({ ...readCallCycle, handler: (request) => cycles.read(actorOf(request), request.params.id) })

  app.route({
    ...createCallCycle,
    handler: async (request, reply) => {
      const cycle = await cycles.create(actorOf(request), requiredSite(request), request.body)
      return reply.code(201).send({ success: true, cycle })
    },
  })

  app.route({
    ...updateCallCycle,
    handler: async (request) => ({
      success: true as const,
      cycle: await cycles.update(actorOf(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...deleteCallCycle,
    handler: async (request) => {
      await cycles.remove(actorOf(request), request.params.id)
      return { success: true as const }
    },
  })

  app.route({
    ...addCycleLocations,
    handler: async (request, reply) => {
      const { locations, version } = request.body
      const cycle = await cycles.addLocations(actorOf(request), request.params.id, locations, version)
      return reply.code(201).send({ success: true, cycle })
    },
  })

  app.route({
    ...readCycleStatus,
    handler: (request) => cycles.status(actorOf(request), request.params.id, request.query),
  })

  app.route({
    ...explainMiss,
    handler: async (request) => {
      await cycles.explain(actorOf(request), request.params.id, request.body)
      return { success: true as const }
    },
  })
}
