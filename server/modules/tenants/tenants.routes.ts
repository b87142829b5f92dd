import {
  changeTenantSettings,
  createTenant,
  listTenants,
  readRegistration,
  readTenant,
  readTenantSettings,
  registerTenant,
  updateTenant,
} from '#common/contract/tenants'
import type { FastifyRequest } from 'fastify'
import { actorOf, originOf, sessionOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { OrganisationsService } from './organisations.service.ts'
import type { TenantsService } from './tenants.service.ts'

export function tenantRoutes(app: App, tenants: TenantsService, organisations: OrganisationsService): void {
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

  const administratorOf = (request: FastifyRequest) => ({
    actor: actorOf(request),
    session: sessionOf(request).id,
  })

  app.route({
    ...listTenants,
    handler: (request) => organisations.list(administratorOf(request), request.query),
  })
  app.route({
    ...readTenant,
    handler: async (request) => ({
      tenant: await organisations.read(administratorOf(request), request.params.id),
    }),
  })
  app.route({
    ...createTenant,
    handler: async (request, reply) =>
      reply
        .code(201)
        .send({ success: true, tenant: await organisations.create(administratorOf(request), request.body) }),
  })
  app.route({
    ...updateTenant,
    handler: async (request) => ({
      success: true as const,
      tenant: await organisations.update(administratorOf(request), request.params.id, request.body),
    }),
  })
  app.route({ ...readRegistration, handler: () => ({ open: organisations.isOpen }) })
  app.route({
    ...registerTenant,
    handler: async (request, reply) => {
      const actor = request.session ? actorOf(request) : null
      const tenant = await organisations.register(originOf(request), actor, request.body)
      return reply.code(201).send({ success: true, tenant })
    },
  })
}
