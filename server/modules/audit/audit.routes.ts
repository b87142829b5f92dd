import { listAudit, listAuditOfSite, readActivity } from '#common/contract/audit'
import { actorOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { AuditService } from './audit.service.ts'

export function auditRoutes(app: App, audit: AuditService): void {
  app.route({ ...listAudit, handler: (request) => audit.list(actorOf(request), request.query) })

  app.route({
    ...listAuditOfSite,
    handler: (request) => audit.list(actorOf(request), { ...request.query, site: request.params.id }),
  })

  app.route({ ...readActivity, handler: (request) => audit.activity(actorOf(request), request.query) })
}
