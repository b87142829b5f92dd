import { AppError } from '#common/contract/errors'
import type { Site } from '#common/contract/sites'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import { createSitesRepository } from './sites.repository.ts'

export type SitesService = ReturnType<typeof createSitesService>

/** The sites a person belongs to; to them there are no others. */
export const createSitesService = (transact: Transact) => {
  const find = (actor: Actor, ids: string[]): Promise<Site[]> =>
    transact(scopeOf(actor), (tx) => createSitesRepository(tx).find(ids))

  return {
    list: (actor: Actor) =>
      find(
        actor,
        actor.sites.map(({ id }) => id),
      ),

    async read(actor: Actor, id: string): Promise<Site> {
      const [site] = await find(
        actor,
        actor.sites.filter((own) => own.id === id).map((own) => own.id),
      )
      if (!site) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such site among yours')
      return site
    },
  }
}
