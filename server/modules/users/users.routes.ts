import {
  assignRoles,
  createUser,
  disableUser,
  inviteUser,
  listRoles,
  listUsers,
  readUser,
  resetUserPassword,
  unlockUser,
  updateUser,
} from '#common/contract/users'
import { actorOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { UsersService } from './users.service.ts'

export function userRoutes(app: App, users: UsersService): void {
  app.route({ ...listUsers, handler: (request) => users.list(actorOf(request), request.query) })
  app.route({ ...listRoles, handler: async (request) => ({ roles: await users.roles(actorOf(request)) }) })

  app.route({
    ...readUser,
    handler: async (request) => ({ user: await users.read(actorOf(request), request.params.id) }),
  })

  app.route({
    ...createUser,
    handler: async (request, reply) =>
      reply.code(201).send({ success: true, user: await users.create(actorOf(request), request.body) }),
  })

  app.route({
    ...updateUser,
    handler: async (request) => ({
      success: true as const,
      user: await users.update(actorOf(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...disableUser,
    handler: async (request) => {
      await users.disable(actorOf(request), request.params.id)
      return { success: true as const }
    },
  })

  app.route({
    ...assignRoles,
    handler: async (request) => ({
      success: true as const,
      user: await users.assignRoles(actorOf(request), request.params.id, request.body.roles),
    }),
  })

  app.route({
    ...unlockUser,
    handler: async (request) => ({
      success: true as const,
      user: await users.unlock(actorOf(request), request.params.id),
    }),
  })

  app.route({
    ...resetUserPassword,
    handler: async (request) => ({
      success: true as const,
      user: await users.resetPassword(actorOf(request), request.params.id),
    }),
  })

  app.route({
    ...inviteUser,
    handler: async (request) => ({
      success: true as const,
      user: await users.invite(actorOf(request), request.params.id),
    }),
  })
}
