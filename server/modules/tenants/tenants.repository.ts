import type { TenantSettings } from '#common/contract/tenants'
import type { Transaction } from '../../shared/transaction.ts'

/** The organisation of the scope. */
export const createTenantsRepository = ({ db, scope }: Transaction) => {
  const own = () => db('tenants').where({ id: scope.tenantId })
  const settingsOf = (row: { settings: TenantSettings } | undefined) => row?.settings ?? {}

  return {
    settings: async (): Promise<TenantSettings> =>
      settingsOf(await own().first<{ settings: TenantSettings } | undefined>('settings')),

    /** Held until the transaction ends, but not against those who only refer to it, as every entry of the audit does. */
    lockSettings: async (): Promise<TenantSettings> =>
      settingsOf(await own().forNoKeyUpdate().first<{ settings: TenantSettings } | undefined>('settings')),

    async changeSettings(settings: TenantSettings): Promise<void> {
      await own().update({ settings: JSON.stringify(settings) })
    },
  }
}
