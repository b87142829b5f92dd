import { changeTenantSettings, readTenantSettings } from '#common/contract/tenants'
import { actorOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { TenantsService } from './tenants.service.ts'

export function tenantRoutes(app: App, tenants: TenantsService): void {
  app.route({
    ...readTenantSettings,
    handler: async (request) => ({ settings: await tenants.settings(actorOf(request)) }),
  })
  app.route({
    ...changeTenantSettings,
    handler: async (request) => ({
      success: true as const,
      settings: await tenants.changeSettings(actorOf(request), request.body),
    }),
  })
}
