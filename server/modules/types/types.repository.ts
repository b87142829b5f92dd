import type { ManagedType } from '#common/contract/interaction-types'
import type { Transaction } from '../../shared/transaction.ts'

/** A type as it is kept, without how often it is used. */
export type KeptType = Omit<ManagedType, 'used'>

export const createTypesRepository = ({ db, scope }: Transaction) => ({
  list: (): Promise<KeptType[]> =>
    db('interaction_types')
      .orderByRaw('position, name')
      .select<KeptType[]>('id', 'name', 'position', 'active'),

  /** The whole list, held until the transaction ends; nobody can begin to use one of them meanwhile. */
  lock: (): Promise<KeptType[]> =>
    db('interaction_types')
      .orderByRaw('position, name')
      .forUpdate()
      .select<KeptType[]>('id', 'name', 'position', 'active'),

  /** Two who add at once take turns. */
  async takeTurns(): Promise<void> {
    await db.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`types of ${scope.tenantId}`])
  },

  siteIds: (): Promise<string[]> => db('sites').orderBy('id').pluck('id'),

  /** Interactions of the scope's site by type, deleted ones too as long as they can come back. */
  async used(): Promise<{ type: string; count: number }[]> {
    const rows = await db('interactions')
      .where({ site_id: scope.siteId })
      .whereNotNull('type')
      .groupBy('type')
      .select<{ type: string; count: string }[]>('type', db.raw('count(*) AS count'))
    return rows.map(({ type, count }) => ({ type, count: Number(count) }))
  },

  async insert({ id, name, position, active }: KeptType): Promise<void> {
    await db('interaction_types').insert({ tenant_id: scope.tenantId, id, name, position, active })
  },

  async update({ id, name, position, active }: KeptType): Promise<void> {
    await db('interaction_types').where({ id }).update({ name, position, active })
  },

  async remove(id: string): Promise<void> {
    await db('interaction_types').where({ id }).delete()
  },
})
