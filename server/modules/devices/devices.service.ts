import type { DeviceListQuery, DevicePage, DeviceReport } from '#common/contract/devices'
import { AppError } from '#common/contract/errors'
import type { FleetHealth } from '#common/contract/reports'
import { type Actor, scopeOf, systemScope } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createDevicesRepository } from './devices.repository.ts'

export type DevicesService = ReturnType<typeof createDevicesService>

/** Seconds: as precise as it is known when a device was last seen. */
export const seenEvery = 240

/** The devices of an organisation (docs/decisions/0028-device-reports.md). */
export function createDevicesService(transact: Transact, journal: Journal) {
  /** When a session was last written down as seen by this server, the one longest ago first; milliseconds since 1970. */
  const seen = new Map<string, number>()

  return {
    list: (actor: Actor, sessionId: string, query: DeviceListQuery): Promise<DevicePage> =>
      transact(scopeOf(actor), async (tx) => {
        const { devices, total } = await createDevicesRepository(tx).page(query)
        return {
          devices: devices.map((device) => ({ ...device, isThis: device.id === sessionId })),
          total,
          page: query.page ?? 1,
          pageSize: query.pageSize ?? 25,
        }
      }),

    /** Of all that are listed, as they last reported. */
    health: (actor: Actor): Promise<FleetHealth> =>
      transact(
        scopeOf(actor),
        async (tx) => ({
          asOf: new Date().toISOString(),
          ...(await createDevicesRepository(tx).health()),
        }),
        { snapshot: true },
      ),

    /** It is asked to sign in with its next request; what it has not sent stays on it. */
    signOut: (actor: Actor, id: string): Promise<void> =>
      transact(scopeOf(actor), async (tx) => {
        const ended = await createDevicesRepository(tx).end(id)
        if (!ended) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such device')
        await journal.record(tx, actor, {
          action: 'device.signed_out',
          feedId: actor.tenantId,
          entity: 'session',
          entityId: id,
          oldValues: ended,
        })
      }),

    report: (actor: Actor, sessionId: string, report: DeviceReport): Promise<void> =>
      transact(scopeOf(actor), (tx) => createDevicesRepository(tx).report(sessionId, report)),

    /**
     * A session was used, whose token was made at `since`, which was a use too. Written down no more often than every
     * few minutes, whatever it asks.
     */
    async used(tenantId: string, sessionId: string, since: number): Promise<void> {
      const now = Date.now()
      const recent = now - seenEvery * 1000
      if (Math.max(since, seen.get(sessionId) ?? 0) > recent) return
      for (const [id, at] of seen) {
        if (at > recent) break
        seen.delete(id)
      }
      seen.set(sessionId, now)
      await transact(systemScope(tenantId), (tx) => createDevicesRepository(tx).touch(sessionId, seenEvery))
    },
  }
}
