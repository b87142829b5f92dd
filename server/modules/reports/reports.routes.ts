import {
  createSchedule,
  deleteSchedule,
  listSchedules,
  readSurveyCompletion,
  sendSchedule,
  updateSchedule,
} from '#common/contract/reports'
import { actorOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { ReportsService } from './reports.service.ts'
import type { SchedulesService } from './schedules.service.ts'

export function reportRoutes(app: App, reports: ReportsService, schedules: SchedulesService): void {
  app.route({
    ...readSurveyCompletion,
    handler: (request) => reports.surveyCompletion(actorOf(request), request.query),
  })

  app.route({
    ...listSchedules,
    handler: async (request) => ({ schedules: await schedules.list(actorOf(request), request.query) }),
  })

  app.route({
    ...createSchedule,
    handler: async (request, reply) => {
      const schedule = await schedules.create(actorOf(request), request.body)
      return reply.code(201).send({ success: true, schedule })
    },
  })

  app.route({
    ...updateSchedule,
    handler: async (request) => ({
      success: true as const,
      schedule: await schedules.update(actorOf(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...deleteSchedule,
    handler: async (request) => {
      await schedules.remove(actorOf(request), request.params.id)
      return { success: true as const }
    },
  })

  app.route({
    ...sendSchedule,
    handler: async (request) => {
      await schedules.sendNow(actorOf(request), request.params.id)
      return { success: true as const }
    },
  })
}
