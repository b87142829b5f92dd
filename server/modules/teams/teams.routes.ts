import {
  addTeamMember,
  createTeam,
  listTeamCandidates,
  listTeamMembers,
  listTeams,
  removeTeamMember,
  updateTeam,
} from '#common/contract/teams'
import { actorOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { TeamsService } from './teams.service.ts'

export function teamRoutes(app: App, teams: TeamsService): void {
  app.route({ ...listTeams, handler: async (request) => ({ teams: await teams.list(actorOf(request)) }) })

  app.route({
    ...createTeam,
    handler: async (request, reply) =>
      reply.code(201).send({ success: true, team: await teams.create(actorOf(request), request.body) }),
  })

  app.route({
    ...updateTeam,
    handler: async (request) => ({
      success: true as const,
      team: await teams.update(actorOf(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...listTeamMembers,
    handler: (request) => teams.members(actorOf(request), request.params.id, request.query),
  })

  app.route({
    ...listTeamCandidates,
    handler: async (request) => ({
      users: await teams.candidates(actorOf(request), request.params.id, request.query.search),
    }),
  })

  app.route({
    ...addTeamMember,
    handler: async (request, reply) => {
      const user = await teams.addMember(actorOf(request), request.params.id, request.body.userId)
      return reply.code(201).send({ success: true, user })
    },
  })

  app.route({
    ...removeTeamMember,
    handler: async (request) => {
      await teams.removeMember(actorOf(request), request.params.id, request.query.userId)
      return { success: true as const }
    },
  })
}
