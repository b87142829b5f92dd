import {
  exportAudit,
  exportAuditOfSite,
  listAudit,
  listAuditOfSite,
  readActivity,
} from '#common/contract/audit'
import type { FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import { actorOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import { attachment } from '../../shared/attachment.ts'
import type { AuditService } from './audit.service.ts'

export function auditRoutes(app: App, audit: AuditService): void {
  app.route({ ...listAudit, handler: (request) => audit.list(actorOf(request), request.query) })

  app.route({
    ...listAuditOfSite,
    handler: (request) => audit.list(actorOf(request), { ...request.query, site: request.params.id }),
  })

  const asFile = (reply: FastifyReply, csv: AsyncIterable<string>) =>
    reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', attachment('Fieldbook audit.csv'))
      .send(Readable.from(csv))

  app.route({
    ...exportAudit,
    handler: async (request, reply) =>
      asFile(reply, await audit.exported(actorOf(request), null, request.query)),
  })

  app.route({
    ...exportAuditOfSite,
    handler: async (request, reply) =>
      asFile(reply, await audit.exported(actorOf(request), request.params.id, request.query)),
  })

  app.route({ ...readActivity, handler: (request) => audit.activity(actorOf(request), request.query) })
}
