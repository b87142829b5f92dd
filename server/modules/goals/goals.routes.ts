import {
  assignGoal,
  createGoal,
  deleteGoal,
  listGoals,
  readGoal,
  readGoalProgress,
  unassignGoal,
  updateGoal,
} from '#common/contract/goals'
import { actorOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { GoalsService } from './goals.service.ts'

export function goalRoutes(app: App, goals: GoalsService): void {
  app.route({ ...listGoals, handler: (request) => goals.list(actorOf(request), request.query) })

  app.route({
    ...readGoal,
    handler: async (request) => ({ goal: await goals.read(actorOf(request), request.params.id) }),
  })

  app.route({
    ...createGoal,
    handler: async (request, reply) => {
      const goal = await goals.create(actorOf(request), request.body)
      return reply.code(201).send({ success: true, goal })
    },
  })

  app.route({
    ...updateGoal,
    handler: async (request) => ({
      success: true as const,
      goal: await goals.update(actorOf(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...deleteGoal,
    handler: async (request) => {
      await goals.remove(actorOf(request), request.params.id)
      return { success: true as const }
    },
  })

  app.route({
    ...assignGoal,
    handler: async (request, reply) => {
      const goal = await goals.assign(actorOf(request), request.params.id, request.body)
      return reply.code(201).send({ success: true, goal })
    },
  })

  app.route({
    ...unassignGoal,
    handler: async (request) => ({
      success: true as const,
      goal: await goals.unassign(actorOf(request), request.params.id, request.query.assignmentId),
    }),
  })

  app.route({
    ...readGoalProgress,
    handler: (request) => goals.progress(actorOf(request), request.params.id),
  })
}
