import type { Site } from '#common/contract/sites'
import type { Transaction } from '../../shared/transaction.ts'

export const createSitesRepository = ({ db }: Transaction) => ({
  find: (ids: readonly string[]): Promise<Site[]> =>
    db('sites').whereIn('id', ids).orderBy('name').select<Site[]>('id', 'name', 'description'),
})
