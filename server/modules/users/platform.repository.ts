import type { Transaction } from '../../shared/transaction.ts'

/** The tenant that is no organisation: the home of super admins, of which there is one at most. */
export const createPlatformRepository = ({ db, scope }: Transaction) => ({
  tenantIds: async (): Promise<string[]> => {
    const { rows } = await db.raw<{ rows: { id: string }[] }>('SELECT tenant_ids() AS id')
    return rows.map(({ id }) => id)
  },

  /** Whether the scope's is it. */
  async isPlatform(): Promise<boolean> {
    const row = await db('tenants')
      .where({ id: scope.tenantId, kind: 'platform' })
      .first<{ id: string } | undefined>('id')
    return row !== undefined
  },

  async insert(name: string): Promise<void> {
    await db('tenants').insert({
      id: scope.tenantId,
      name,
      slug: `platform-${scope.tenantId.slice(-12)}`,
      kind: 'platform',
    })
  },
})
