import { deleteView, listViews, saveView } from '#common/contract/views'
import { actorOf, requiredSite } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { ViewsService } from './views.service.ts'

export function viewRoutes(app: App, views: ViewsService): void {
  app.route({
    ...listViews,
    handler: async (request) => ({ views: await views.list(actorOf(request), requiredSite(request)) }),
  })

  app.route({
    ...saveView,
    handler: async (request) => ({
      success: true as const,
      view: await views.save(actorOf(request), requiredSite(request), request.params.id, request.body),
    }),
  })

  app.route({
    ...deleteView,
    handler: async (request) => {
      await views.remove(actorOf(request), requiredSite(request), request.params.id)
      return { success: true as const }
    },
  })
}
