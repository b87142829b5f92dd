import { AppError } from '#common/contract/errors'
import type { Site, SiteSettings } from '#common/contract/sites'
import { may } from '#common/rules/permissions'
import { canonicalJson } from '../../shared/canonical-json.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact } from '../../shared/transaction.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createSitesRepository } from './sites.repository.ts'

export type SitesService = ReturnType<typeof createSitesService>

/** The sites a person belongs to; to them there are no others. */
export const createSitesService = (transact: Transact, journal: Journal) => {
  const find = (actor: Actor, ids: string[]): Promise<Site[]> =>
    transact(scopeOf(actor), (tx) => createSitesRepository(tx).find(ids))

  const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such site among yours')

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
      if (!site) throw missing()
      return site
    },

    /** In place of those there were. Devices learn of them with their next pull, which this asks them for. */
    async changeSettings(actor: Actor, id: string, settings: SiteSettings): Promise<Site> {
      if (!actor.sites.some((own) => own.id === id)) throw missing()
      if (!may(actor, 'site.manage', { siteId: id })) {
        throw new AppError('AUTHORIZATION_ERROR', 'Only administrators of the site may change its settings')
      }
      return transact(scopeOf(actor), async (tx) => {
        const repository = createSitesRepository(tx)
        const site = await repository.lock(id)
        if (canonicalJson(site.settings) === canonicalJson(settings)) return site
        await repository.changeSettings(id, settings)
        await journal.record(tx, actor, {
          action: 'site.updated',
          feedId: id,
          entity: 'site',
          entityId: id,
          oldValues: { settings: site.settings },
          newValues: { settings },
        })
        tx.announce(id)
        return { ...site, settings }
      })
    },
  }
}
