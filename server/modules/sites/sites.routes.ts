import {
  assignToSite,
  changeSiteSettings,
  createSite,
  listSites,
  listSiteUsers,
  readSite,
  removeFromSite,
  updateSite,
} from '#common/contract/sites'
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
    ...createSite,
    handler: async (request, reply) =>
      reply.code(201).send({ success: true, site: await sites.create(actorOf(request), request.body) }),
  })

  app.route({
    ...updateSite,
    handler: async (request) => ({
      success: true as const,
      site: await sites.update(actorOf(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...changeSiteSettings,
    handler: async (request) => ({
      success: true as const,
      site: await sites.changeSettings(actorOf(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...listSiteUsers,
    handler: (request) => sites.members(actorOf(request), request.params.id, request.query),
  })

  app.route({
    ...assignToSite,
    handler: async (request) => {
      const { userId, role } = request.body
      const user = await sites.assign(actorOf(request), request.params.id, userId, role)
      return { success: true as const, user }
    },
  })

  app.route({
    ...removeFromSite,
    handler: async (request) => {
      await sites.remove(actorOf(request), request.params.id, request.query.userId)
      return { success: true as const }
    },
  })
}
