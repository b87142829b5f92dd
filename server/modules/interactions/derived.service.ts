import { AppError } from '#common/contract/errors'
import type { InteractionFields } from '#common/contract/interactions'
import { fieldsOf, interactionFields, interactionProblems, normalise } from '#common/rules/interaction-rules'
import { difference } from '#common/rules/merge'
import { type Actor, system } from '../../shared/scope.ts'
import { turnTo, type Transaction } from '../../shared/transaction.ts'
import type { Journal } from '../journal/journal.service.ts'
import type { TypesService } from '../types/types.service.ts'
import { createInteractionsRepository } from './interactions.repository.ts'
import { created, edited, entryOf } from './interactions.service.ts'

export type DerivedInteractions = ReturnType<typeof createDerivedInteractions>

/**
 * Interactions that follow from something else, as from a visit, whose id they have. The server makes them and keeps
 * them up with rights of its own, since whoever is the reason may only read at the site; what others write into them
 * stays.
 */
export function createDerivedInteractions(
  journal: Journal,
  { inTransaction: types }: Pick<TypesService, 'inTransaction'>,
) {
  async function asServer<T>(tx: Transaction, work: (server: Transaction) => Promise<T>): Promise<T> {
    const result = await work(await turnTo(tx, { ...tx.scope, by: system }))
    await turnTo(tx, tx.scope)
    return result
  }

  /** The live record, held, and the transaction in which the server may write it. */
  const withRecord = <T>(
    tx: Transaction,
    id: string,
    work: (
      server: Transaction,
      record: Parameters<typeof edited>[0],
      repository: ReturnType<typeof createInteractionsRepository>,
    ) => Promise<T>,
  ): Promise<T | null> =>
    asServer(tx, async (server) => {
      const repository = createInteractionsRepository(server)
      const found = await repository.lock(id)
      return !found || found.deleted ? null : work(server, found.record, repository)
    })

  return {
    /** An id that an interaction of the site has, or had, is a CONFLICT. */
    async assertFree(tx: Transaction, id: string): Promise<void> {
      const repository = createInteractionsRepository(tx)
      if ((await repository.findKnown(id)) !== null || (await repository.wasRemoved(id)))
        throw new AppError('CONFLICT', 'An interaction with this id exists already')
    },

    /** Under an id that is free. */
    make: (tx: Transaction, actor: Actor, id: string, fields: InteractionFields): Promise<void> =>
      asServer(tx, async (server) => {
        await types.assure(server, actor, fields.type!)
        const record = created(id, tx.scope.siteId!, fields, actor.id)
        const written = { by: actor.id, at: record.createdAt }
        if (!(await createInteractionsRepository(server).insert(id, fields, written)))
          throw new Error(`Interaction ${id} was added by somebody else meanwhile`)
        await journal.record(server, actor, { ...entryOf('created', null, record), feedId: record.siteId })
      }),

    /**
     * Brings what changed of the reason into its interaction, where that is still there: each field only where it is as
     * it was given, and nothing where it would not be a valid record with it. Answers with the versions before
     * and after; null where nothing was written.
     */
    keepUp: (
      tx: Transaction,
      actor: Actor,
      id: string,
      before: InteractionFields,
      after: InteractionFields,
    ): Promise<{ was: number; now: number } | null> =>
      withRecord(tx, id, async (server, record, repository) => {
        const given = normalise(before)
        const own = interactionFields.filter((field) => record[field] === given[field])
        const { patch } = difference(before, after)
        const kept = Object.fromEntries(
          own.filter((field) => field in patch).map((field) => [field, patch[field]]),
        )
        const fields = normalise({ ...fieldsOf(record), ...kept })
        const isSame = interactionFields.every((field) => fields[field] === record[field])
        if (isSame || interactionProblems(fields, record.status).length > 0) return null
        const now = edited(record, fields, actor.id)
        await repository.update(id, now.version, fields, { by: actor.id, at: now.updatedAt })
        await journal.record(server, actor, { ...entryOf('updated', record, now), feedId: now.siteId })
        return { was: record.version, now: now.version }
      }),

    /** Deletes it where it is at this version still, so that nobody else has changed it. */
    remove: (tx: Transaction, actor: Actor, id: string, version: number) =>
      withRecord(tx, id, async (server, record, repository) => {
        if (record.version !== version) return
        await repository.remove(id, version + 1, { by: actor.id, at: new Date().toISOString() })
        await journal.record(server, actor, { ...entryOf('deleted', record, null), feedId: record.siteId })
      }),
  }
}
