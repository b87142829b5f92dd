import {
  chooseSite,
  endSession,
  listMySessions,
  listMySites,
  readMe,
  refreshSession,
  signIn,
  signOut,
} from '#common/contract/auth'
import { changePassword, forgotPassword, resetPassword } from '#common/contract/passwords'
import type { App } from '../../shared/app.ts'
import { actorOf, originOf, sessionOf } from '../../plugins/auth.ts'
import type { FastifyRequest } from 'fastify'
import { type AuthService, sessionUser } from './auth.service.ts'
import type { Afterwards } from './sign-in.service.ts'

export function authRoutes(app: App, auth: AuthService): void {
  const left = new WeakMap<FastifyRequest, () => Promise<void>>()
  const afterwards =
    (request: FastifyRequest): Afterwards =>
    (work) =>
      left.set(request, work)
  app.addHook('onResponse', (request) => left.get(request)?.() ?? Promise.resolve())

  app.route({
    ...signIn,
    handler: (request) => auth.signIn(request.body, originOf(request), afterwards(request)),
  })

  app.route({
    ...refreshSession,
    handler: (request) => auth.refresh(request.body.refreshToken, originOf(request)),
  })

  app.route({
    ...signOut,
    handler: async (request) => {
      await auth.signOut(actorOf(request), sessionOf(request).id)
      return { success: true as const }
    },
  })

  app.route({
    ...changePassword,
    handler: async (request) => {
      const { id, row } = sessionOf(request)
      await auth.changePassword(actorOf(request), id, request.body)
      return { success: true as const, user: { ...sessionUser(row), mustChangePassword: false } }
    },
  })

  app.route({
    ...forgotPassword,
    handler: async (request) => {
      auth.forgotPassword(request.body.account, originOf(request), afterwards(request))
      return { success: true as const }
    },
  })

  app.route({
    ...resetPassword,
    handler: async (request) => {
      await auth.resetPassword(request.body.token, request.body.password, originOf(request))
      return { success: true as const }
    },
  })

  app.route({
    ...listMySessions,
    handler: async (request) => ({
      sessions: await auth.sessions(actorOf(request), sessionOf(request).id),
    }),
  })

  app.route({
    ...endSession,
    handler: async (request) => {
      await auth.endSession(actorOf(request), request.params.id)
      return { success: true as const }
    },
  })

  app.route({ ...readMe, handler: async (request) => ({ user: sessionUser(sessionOf(request).row) }) })

  app.route({ ...listMySites, handler: async (request) => ({ sites: [...actorOf(request).sites] }) })

  app.route({
    ...chooseSite,
    handler: async (request) => {
      const { siteId, makeDefault = false } = request.body
      const currentSite = await auth.chooseSite(actorOf(request), sessionOf(request).id, siteId, makeDefault)
      return { success: true as const, currentSite }
    },
  })
}
