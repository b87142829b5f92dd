import type { AuditAction } from '#common/contract/audit-actions'
import { type Actor, scopeOf, systemScope } from '../../shared/scope.ts'
import { type Transact, type Transaction, turnTo } from '../../shared/transaction.ts'
import type { Entry, Journal, Origin } from '../journal/journal.service.ts'
import { createOrganisationsRepository } from './organisations.repository.ts'

/** Who looks after an organisation from home, which is the platform or the organisation, and by which session. */
export interface Administrator {
  actor: Actor
  session: string
}

/** In the feed of an organisation it is nobody of its own who did it. */
export const asOutsider = (actor: Actor): Origin => ({ ...actor, enteredBy: actor.id })

/**
 * Writes what was done to an organisation into the platform's audit, last in the transaction that does it: after the
 * organisation's own entry, since all who write both have to lock the feeds in one order.
 */
export const platformJournal =
  (journal: Journal) =>
  async (
    tx: Transaction,
    actor: Actor,
    action: AuditAction,
    id: string,
    values: Pick<Entry, 'oldValues' | 'newValues'> = {},
  ) => {
    const platform = await turnTo(tx, scopeOf(actor))
    await journal.record(platform, actor, {
      action,
      feedId: actor.tenantId,
      entity: 'tenant',
      entityId: id,
      ...values,
    })
  }

/**
 * Lets a super admin act in an organisation, and answers with its name; with null where there is none of that id. The
 * first request of a session is in the audit of both sides.
 */
export function createEntering(transact: Transact, journal: Journal) {
  const onPlatform = platformJournal(journal)
  return ({ actor, session }: Administrator, tenantId: string): Promise<{ name: string } | null> =>
    transact(systemScope(tenantId), async (tx) => {
      const organisations = createOrganisationsRepository(tx)
      const found = await organisations.enter(session)
      if (!found || found.isAudited || !(await organisations.addEntry(session))) return found
      await journal.record(tx, asOutsider(actor), {
        action: 'tenant.entered',
        feedId: tenantId,
        entity: 'tenant',
        entityId: tenantId,
      })
      await onPlatform(tx, actor, 'tenant.entered', tenantId, { newValues: { name: found.name } })
      return found
    })
}
