import { createNotice, listNotices, updateNotice, withdrawNotice } from '#common/contract/notices'
import { actorOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { NoticesService } from './notices.service.ts'

export function noticeRoutes(app: App, notices: NoticesService): void {
  app.route({ ...listNotices, handler: (request) => notices.list(actorOf(request)) })

  app.route({
    ...createNotice,
    handler: async (request, reply) => {
      const notice = await notices.create(actorOf(request), request.body)
      return reply.code(201).send({ success: true, notice })
    },
  })

  app.route({
    ...updateNotice,
    handler: async (request) => ({
      success: true as const,
      notice: await notices.update(actorOf(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...withdrawNotice,
    handler: async (request) => ({
      success: true as const,
      notice: await notices.withdraw(actorOf(request), request.params.id),
    }),
  })
}
