import { pullChanges, pushMutations } from '#common/contract/sync'
import { activeSiteOf, actorOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { createPullService } from './pull.service.ts'
import type { createPushService } from './push.service.ts'

const pageSize = 1000

export function syncRoutes(
  app: App,
  { push }: ReturnType<typeof createPushService>,
  { pull }: ReturnType<typeof createPullService>,
): void {
  app.route({
    ...pushMutations,
    handler: async (request) => ({
      results: await push(actorOf(request), request.body.deviceId, request.body.mutations, (error) =>
        request.log.error({ err: error }, 'an edit failed'),
      ),
    }),
  })

  app.route({
    ...pullChanges,
    handler: (request) => {
      const { deviceId, cursor, limit = pageSize } = request.query
      return pull(actorOf(request), deviceId, activeSiteOf(request), cursor, limit)
    },
  })
}
