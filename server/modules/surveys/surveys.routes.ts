import {
  addQuestion,
  createSurvey,
  deleteQuestion,
  deleteSurvey,
  listSurveys,
  publishSurvey,
  readSurvey,
  readSurveyVersion,
  updateQuestion,
  updateSurvey,
} from '#common/contract/surveys'
import { actorOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { SurveysService } from './surveys.service.ts'

export function surveyRoutes(app: App, surveys: SurveysService): void {
  app.route({
    ...listSurveys,
    handler: async (request) => ({ surveys: await surveys.list(actorOf(request)) }),
  })

  app.route({
    ...readSurvey,
    handler: async (request) => ({ survey: await surveys.read(actorOf(request), request.params.id) }),
  })

  app.route({
    ...readSurveyVersion,
    handler: async (request) => {
      const { id, number } = request.params
      return { surveyVersion: await surveys.readVersion(actorOf(request), id, number) }
    },
  })

  app.route({
    ...createSurvey,
    handler: async (request, reply) =>
      reply.code(201).send({ success: true, survey: await surveys.create(actorOf(request), request.body) }),
  })

  app.route({
    ...updateSurvey,
    handler: async (request) => ({
      success: true as const,
      survey: await surveys.update(actorOf(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...deleteSurvey,
    handler: async (request) => {
      await surveys.remove(actorOf(request), request.params.id)
      return { success: true as const }
    },
  })

  app.route({
    ...publishSurvey,
    handler: async (request, reply) => {
      const published = await surveys.publish(actorOf(request), request.params.id, request.body.version)
      return reply.code(201).send({ success: true, ...published })
    },
  })

  app.route({
    ...addQuestion,
    handler: async (request, reply) => {
      const added = await surveys.addQuestion(actorOf(request), request.params.id, request.body)
      return reply.code(201).send({ success: true, ...added })
    },
  })

  app.route({
    ...updateQuestion,
    handler: async (request) => ({
      success: true as const,
      ...(await surveys.updateQuestion(actorOf(request), request.params.id, request.body)),
    }),
  })

  app.route({
    ...deleteQuestion,
    handler: async (request) => {
      const { params, query } = request
      const survey = await surveys.removeQuestion(actorOf(request), params.id, query.version)
      return { success: true as const, survey }
    },
  })
}
