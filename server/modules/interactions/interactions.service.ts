import { v7 as uuidv7 } from 'uuid'
import { AppError } from '#common/contract/errors'
import {
  type Interaction,
  type InteractionFields,
  type InteractionFilter,
  type InteractionInput,
  type InteractionPage,
  type InteractionPatch,
} from '#common/contract/interactions'
import { conditionsOf, type SortKey } from '#common/rules/finder-query'
import {
  emptyFields,
  fieldsOf,
  interactionFields,
  interactionProblems,
  normalise,
} from '#common/rules/interaction-rules'
import { may } from '#common/rules/permissions'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createInteractionsRepository } from './interactions.repository.ts'

/** Counting stops here unless an exact count is asked for. */
const countCap = 1000

export interface ListQuery {
  filter: InteractionFilter
  sort: SortKey[]
  page: number
  pageSize: number
  exact: boolean
}

const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such interaction at this site')

export type InteractionsService = ReturnType<typeof createInteractionsService>

/**
 * The interactions of a site. Each write checks, stores and journals in the transaction it is given, so that sync
 * can put a receipt beside it; the methods that take an actor and a site bring their own transaction.
 */
export function createInteractionsService(transact: Transact, journal: Journal) {
  async function check(
    tx: Transaction,
    fields: InteractionFields,
    before: Interaction | null,
  ): Promise<void> {
    const details = interactionProblems(fields, before?.status ?? null)
    if (
      fields.type !== null &&
      fields.type !== before?.type &&
      !details.some(({ field }) => field === 'type')
    ) {
      const known = await createInteractionsRepository(tx).typeExists(fields.type)
      if (!known) details.push({ field: 'type', message: 'Is not one of the types of your organisation' })
    }
    if (details.length > 0)
      throw new AppError('VALIDATION_ERROR', 'The interaction is not valid', { details })
  }

  async function close(
    tx: Transaction,
    actor: Actor,
    action: string,
    before: Interaction | null,
    after: Interaction | null,
  ) {
    const entityId = (after ?? before)!.id
    return journal.record(tx, actor, {
      action: `interaction.${action}`,
      feedId: (after ?? before)!.siteId,
      entity: 'interaction',
      entityId,
      oldValues: before,
      newValues: after,
      changes: [{ entity: 'interaction', entityId, removed: after === null }],
    })
  }

  const inTransaction = {
    /** A create under an id that is taken is a CONFLICT with the record that has it. */
    async create(
      tx: Transaction,
      actor: Actor,
      input: InteractionInput,
    ): Promise<{ record: Interaction; seq: number }> {
      const { id = uuidv7(), ...given } = input
      const fields = normalise({ ...emptyFields, ...given })
      await check(tx, fields, null)
      const repository = createInteractionsRepository(tx)
      const at = new Date().toISOString()
      if (!(await repository.insert(id, fields, { by: actor.id, at }))) {
        const current = await repository.find(id)
        throw new AppError('CONFLICT', 'An interaction with this id exists already', { current })
      }
      const record: Interaction = {
        id,
        siteId: tx.scope.siteId!,
        ...fields,
        version: 1,
        createdBy: actor.id,
        createdAt: at,
        updatedBy: actor.id,
        updatedAt: at,
      }
      return { record, seq: await close(tx, actor, 'created', null, record) }
    },

    /** Writes `fields` over a locked record. When nothing differs nothing is written and `seq` is null. */
    async write(tx: Transaction, actor: Actor, current: Interaction, patch: InteractionPatch) {
      const fields = normalise({ ...fieldsOf(current), ...patch })
      await check(tx, fields, current)
      if (interactionFields.every((field) => fields[field] === current[field]))
        return { record: current, seq: null }
      const record: Interaction = {
        ...current,
        ...fields,
        version: current.version + 1,
        updatedBy: actor.id,
        updatedAt: new Date().toISOString(),
      }
      const written = { by: actor.id, at: record.updatedAt }
      await createInteractionsRepository(tx).update(record.id, record.version, fields, written)
      return { record, seq: await close(tx, actor, 'updated', current, record) }
    },

    async remove(tx: Transaction, actor: Actor, current: Interaction): Promise<number> {
      const written = { by: actor.id, at: new Date().toISOString() }
      await createInteractionsRepository(tx).remove(current.id, current.version + 1, written)
      return close(tx, actor, 'deleted', current, null)
    },

    lock: (tx: Transaction, id: string) => createInteractionsRepository(tx).lock(id),

    mayRemove: (actor: Actor, current: Interaction) =>
      may(actor, 'interaction.delete', { siteId: current.siteId, createdBy: current.createdBy }),

    findMany: (tx: Transaction, ids: readonly string[]) => createInteractionsRepository(tx).findMany(ids),
    newest: (tx: Transaction, after: { start: string | null; id: string } | null, limit: number) =>
      createInteractionsRepository(tx).newest(after, limit),
    count: (tx: Transaction) => createInteractionsRepository(tx).count([], null),
  }

  async function lockAt(tx: Transaction, id: string, version: number | null): Promise<Interaction> {
    const found = await inTransaction.lock(tx, id)
    if (!found || found.deleted) throw missing()
    if (version !== null && version !== found.record.version) {
      throw new AppError('CONFLICT', 'Somebody changed this interaction since you opened it', {
        current: found.record,
      })
    }
    return found.record
  }

  return {
    inTransaction,

    list: (actor: Actor, siteId: string, query: ListQuery): Promise<InteractionPage> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const repository = createInteractionsRepository(tx)
        const conditions = conditionsOf(query.filter)
        const { page, pageSize } = query
        const interactions = await repository.page(conditions, query.sort, (page - 1) * pageSize, pageSize)
        const counted = await repository.count(conditions, query.exact ? null : countCap + 1)
        const capped = !query.exact && counted > countCap
        return {
          interactions,
          total: capped ? countCap : counted,
          ...(capped && { totalIsCapped: true as const }),
          page,
          pageSize,
        }
      }),

    read: (actor: Actor, siteId: string, id: string): Promise<Interaction> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const found = await createInteractionsRepository(tx).find(id)
        if (!found) throw missing()
        return found
      }),

    create: (actor: Actor, siteId: string, input: InteractionInput): Promise<Interaction> =>
      transact(scopeOf(actor, siteId), async (tx) => (await inTransaction.create(tx, actor, input)).record),

    /** `version` is the one the edit was made on; if the record has moved on, nothing is changed. */
    update: (
      actor: Actor,
      siteId: string,
      id: string,
      patch: InteractionPatch,
      version: number,
    ): Promise<Interaction> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const current = await lockAt(tx, id, version)
        return (await inTransaction.write(tx, actor, current, patch)).record
      }),

    remove: (actor: Actor, siteId: string, id: string, version: number | null): Promise<void> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const current = await lockAt(tx, id, version)
        if (!inTransaction.mayRemove(actor, current)) {
          throw new AppError('AUTHORIZATION_ERROR', 'You may delete only interactions you created')
        }
        await inTransaction.remove(tx, actor, current)
      }),
  }
}
