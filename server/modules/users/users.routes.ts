import { Readable } from 'node:stream'
import {
  assignRoles,
  copyUserData,
  createUser,
  disableUser,
  forgetUser,
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
import { attachment } from '../../shared/attachment.ts'
import type { Copying } from './copying.service.ts'
import type { Forgetting } from './forgetting.service.ts'
import type { UsersService } from './users.service.ts'

export function userRoutes(app: App, users: UsersService, forget: Forgetting, copy: Copying): void {
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

  app.route({
    ...forgetUser,
    handler: async (request) => ({
      success: true as const,
      user: await forget(actorOf(request), request.params.id),
    }),
  })

  app.route({
    ...copyUserData,
    handler: async (request, reply) => {
      const { name, pieces } = await copy(actorOf(request), request.params.id)
      return reply
        .type('application/json; charset=utf-8')
        .header('content-disposition', attachment(name))
        .send(Readable.from(pieces))
    },
  })
}
