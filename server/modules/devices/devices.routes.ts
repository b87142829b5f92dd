import { listDevices, reportDevice, signOutDevice } from '#common/contract/devices'
import { readFleetHealth } from '#common/contract/reports'
import { actorOf, sessionOf } from '../../plugins/auth.ts'
import type { App } from '../../shared/app.ts'
import type { DevicesService } from './devices.service.ts'

export function deviceRoutes(app: App, devices: DevicesService): void {
  app.route({
    ...listDevices,
    handler: (request) => devices.list(actorOf(request), sessionOf(request).id, request.query),
  })

  app.route({ ...readFleetHealth, handler: (request) => devices.health(actorOf(request)) })

  app.route({
    ...signOutDevice,
    handler: async (request) => {
      await devices.signOut(actorOf(request), request.params.id)
      return { success: true as const }
    },
  })

  app.route({
    ...reportDevice,
    handler: async (request) => {
      await devices.report(actorOf(request), sessionOf(request).id, request.body)
      return { success: true as const }
    },
  })

  // Once the answer is out: nobody waits for it.
  app.addHook('onResponse', async (request) => {
    if (!request.session) return
    const { id, row } = request.session
    const { iat = 0 } = request.user as { iat?: number }
    await devices.used(row.tenantId, id, iat * 1000)
  })
}
