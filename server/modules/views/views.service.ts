import { AppError } from '#common/contract/errors'
import type { View, ViewInput } from '#common/contract/views'
import { may } from '#common/rules/permissions'
import { canonicalJson } from '../../shared/canonical-json.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createViewsRepository } from './views.repository.ts'

export type ViewsService = ReturnType<typeof createViewsService>

const forbidden = (message: string) => new AppError('AUTHORIZATION_ERROR', message)

/**
 * Saved Finder views of a site: one's own, and those shared. Saving and deleting may be repeated, since devices do so
 * when an answer is lost; whoever saves last is right.
 */
export function createViewsService(transact: Transact, journal: Journal) {
  /** What everybody has, or had, is announced, so that devices ask again. */
  async function close(
    tx: Transaction,
    actor: Actor,
    before: View | null,
    after: View | null,
  ): Promise<void> {
    const siteId = tx.scope.siteId!
    await journal.record(tx, actor, {
      action: `view.${!after ? 'deleted' : before ? 'updated' : 'created'}`,
      feedId: siteId,
      entity: 'view',
      entityId: (after ?? before)!.id,
      oldValues: before,
      newValues: after,
    })
    if (before?.shared || after?.shared) tx.announce(siteId)
  }

  async function save(
    tx: Transaction,
    actor: Actor,
    siteId: string,
    id: string,
    input: ViewInput,
  ): Promise<View> {
    const repository = createViewsRepository(tx)
    const before = await repository.lock(id)
    const own = !before || before.ownerId === actor.id
    if (!own && !may(actor, 'view.manage', { siteId })) {
      throw forbidden('Only administrators of the site may change a view somebody else has shared')
    }
    if (input.shared && !may(actor, 'view.share', { siteId })) {
      throw forbidden('Your role at this site does not allow you to share views')
    }
    if (!own && !input.shared) {
      throw forbidden('Only the person who made this view can keep it to themselves; you may delete it')
    }
    const view: View = {
      id,
      siteId,
      ownerId: before?.ownerId ?? actor.id,
      ...input,
      updatedAt: new Date().toISOString(),
    }
    if (before && canonicalJson({ ...view, updatedAt: before.updatedAt }) === canonicalJson(before))
      return before
    if (before) await repository.update(view)
    else if (!(await repository.insert(view))) {
      // It was made at this moment, or is not to be seen.
      if (await repository.lock(id)) return save(tx, actor, siteId, id, input)
      throw new AppError('RESOURCE_NOT_FOUND', 'There is no such view at this site')
    }
    await close(tx, actor, before, view)
    return view
  }

  return {
    list: (actor: Actor, siteId: string): Promise<View[]> =>
      transact(scopeOf(actor, siteId), (tx) => createViewsRepository(tx).list()),

    save: (actor: Actor, siteId: string, id: string, input: ViewInput): Promise<View> =>
      transact(scopeOf(actor, siteId), (tx) => save(tx, actor, siteId, id, input)),

    /** One that is not there is as good as deleted. */
    remove: (actor: Actor, siteId: string, id: string): Promise<void> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const repository = createViewsRepository(tx)
        const before = await repository.lock(id)
        if (!before) return
        if (before.ownerId !== actor.id && !may(actor, 'view.manage', { siteId })) {
          throw forbidden('Only administrators of the site may delete a view somebody else has shared')
        }
        await repository.remove(id)
        await close(tx, actor, before, null)
      }),
  }
}
