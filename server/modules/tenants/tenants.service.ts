import type { TenantSettings } from '#common/contract/tenants'
import { canonicalJson } from '../../shared/canonical-json.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createTenantsRepository } from './tenants.repository.ts'

export type TenantsService = ReturnType<typeof createTenantsService>

/** What an organisation's admins decide for all its sites. */
export const createTenantsService = (transact: Transact, journal: Journal) => ({
  settings: (actor: Actor): Promise<TenantSettings> =>
    transact(scopeOf(actor), (tx) => createTenantsRepository(tx).settings()),

  /** Those left out stay as they are, so that nobody undoes what somebody else has decided meanwhile. */
  changeSettings: (actor: Actor, changes: TenantSettings): Promise<TenantSettings> =>
    transact(scopeOf(actor), async (tx) => {
      const repository = createTenantsRepository(tx)
      const before = await repository.lockSettings()
      const settings = { ...before, ...changes }
      if (canonicalJson(before) === canonicalJson(settings)) return before
      await repository.changeSettings(settings)
      await journal.record(tx, actor, {
        action: 'tenant.updated',
        feedId: actor.tenantId,
        entity: 'tenant',
        entityId: actor.tenantId,
        oldValues: { settings: before },
        newValues: { settings },
      })
      return settings
    }),
})
