import { AppError } from '#common/contract/errors'
import { liveUpdates } from '#common/contract/live'
import { sessionOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { createLiveService } from './live.service.ts'

export function liveRoutes(app: App, { join }: ReturnType<typeof createLiveService>): void {
  app.route({
    ...liveUpdates,
    schema: { hide: true },
    preHandler: async (request) => {
      // Only browsers send it, and no page of theirs has any business here.
      if (request.headers.origin !== undefined) {
        throw new AppError('AUTHORIZATION_ERROR', 'Live updates are not for web pages')
      }
    },
    handler: async () => {
      throw new AppError('VALIDATION_ERROR', 'Open this address as a WebSocket')
    },
    wsHandler: (socket, request) => {
      const { exp } = request.user as unknown as { exp: number }
      join(socket, sessionOf(request), exp * 1000)
    },
  })
}
