import { changeSiteSettings, listSites, readSite } from '#common/contract/sites'
import { actorOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { SitesService } from './sites.service.ts'

export function siteRoutes(app: App, sites: SitesService): void {
  app.route({ ...listSites, handler: async (request) => ({ sites: await sites.list(actorOf(request)) }) })
  app.route({
    ...readSite,
    handler: async (request) => ({ site: await sites.read(actorOf(request), request.params.id) }),
  })
  app.route({
    ...changeSiteSettings,
    handler: async (request) => ({
      success: true as const,
      site: await sites.changeSettings(actorOf(request), request.params.id, request.body),
    }),
  })
}
