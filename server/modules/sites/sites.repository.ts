import type { Site, SiteSettings } from '#common/contract/sites'
import type { Transaction } from '../../shared/transaction.ts'

export const createSitesRepository = ({ db }: Transaction) => ({
  find: (ids: readonly string[]): Promise<Site[]> =>
    db('sites').whereIn('id', ids).orderBy('name').select<Site[]>('id', 'name', 'description', 'settings'),

  /** Held until the transaction ends. */
  lock: (id: string): Promise<Site> =>
    db('sites').where({ id }).forUpdate().first<Site>('id', 'name', 'description', 'settings'),

  async changeSettings(id: string, settings: SiteSettings): Promise<void> {
    await db('sites')
      .where({ id })
      .update({ settings: JSON.stringify(settings) })
  },
})
