import type { Transaction } from '../../shared/transaction.ts'

export const createHousekeepingRepository = ({ db }: Transaction) => ({
  /** Of all organisations; for this no scope is needed. */
  async tenantIds(): Promise<string[]> {
    const { rows } = await db.raw<{ rows: { id: string }[] }>('SELECT tenant_ids() AS id')
    return rows.map(({ id }) => id)
  },

  async settings(): Promise<Record<string, unknown>> {
    const row = await db('tenants').first<{ settings: Record<string, unknown> } | undefined>('settings')
    return row?.settings ?? {}
  },

  siteIds: (): Promise<string[]> => db('sites').orderBy('id').pluck('id'),
})
