import { createShop, deleteShop, importShops, listShops, readShop, updateShop } from '#common/contract/shops'
import { actorOf, requiredSite } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { ShopsService } from './shops.service.ts'

export function shopRoutes(app: App, shops: ShopsService): void {
  app.route({
    ...listShops,
    handler: (request) => shops.list(actorOf(request), requiredSite(request), request.query),
  })

  app.route({
    ...readShop,
    handler: async (request) => ({
      shop: await shops.read(actorOf(request), requiredSite(request), request.params.id),
    }),
  })

  app.route({
    ...createShop,
    handler: async (request, reply) => {
      const shop = await shops.create(actorOf(request), requiredSite(request), request.body)
      return reply.code(201).send({ success: true, shop })
    },
  })

  app.route({
    ...updateShop,
    handler: async (request) => ({
      success: true as const,
      shop: await shops.update(actorOf(request), requiredSite(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...deleteShop,
    handler: async (request) => {
      await shops.remove(actorOf(request), requiredSite(request), request.params.id)
      return { success: true as const }
    },
  })

  app.route({
    ...importShops,
    handler: async (request) => {
      const { rows, dryRun = false } = request.body
      const imported = await shops.importRows(actorOf(request), requiredSite(request), rows, dryRun)
      return { success: true as const, ...imported }
    },
  })
}
