import { v7 as uuidv7 } from 'uuid'
import type { AuditDeed } from '#common/contract/audit-actions'
import { AppError } from '#common/contract/errors'
import {
  type Interaction,
  type InteractionFields,
  type InteractionFilter,
  type InteractionInput,
  type InteractionPage,
  type InteractionPatch,
} from '#common/contract/interactions'
import { restorableDays } from '#common/contract/record-keeping'
import { type Condition, conditionsOf, type SortKey } from '#common/rules/finder-query'
import { searchTerms } from '#common/rules/folding'
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
import type { Journal, Origin } from '../journal/journal.service.ts'
import { createInteractionsRepository, type PageQuery } from './interactions.repository.ts'
import { createListCursor } from './list-cursor.ts'

/** Counting stops here unless an exact count is asked for. */
const countCap = 1000

export interface ListQuery {
  filter: InteractionFilter
  sort: SortKey[]
  page: number
  /** Replaces the page. */
  cursor: string | undefined
  pageSize: number
  fields: (keyof Interaction)[] | null
  exact: boolean
}

export const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such interaction at this site')

export type InteractionsService = ReturnType<typeof createInteractionsService>

/** A new record. */
export function created(id: string, siteId: string, fields: InteractionFields, by: string): Interaction {
  const at = new Date().toISOString()
  return { id, siteId, ...fields, version: 1, createdBy: by, createdAt: at, updatedBy: by, updatedAt: at }
}

/** The record after an edit of it. */
export const edited = (current: Interaction, fields: InteractionFields, by: string): Interaction => ({
  ...current,
  ...fields,
  version: current.version + 1,
  updatedBy: by,
  updatedAt: new Date().toISOString(),
})

/** What the journal is told of an edit; `after` is null when the record is gone. */
export function entryOf(
  action: AuditDeed<'interaction'>,
  before: Interaction | null,
  after: Interaction | null,
) {
  const entityId = (after ?? before)!.id
  return {
    action: `interaction.${action}` as const,
    entity: 'interaction',
    entityId,
    oldValues: before,
    newValues: after,
    changes: [{ entity: 'interaction', entityId, removed: after === null }],
  }
}

/** What was deleted before this moment is not restored any more. */
const restorableSince = () => new Date(Date.now() - restorableDays * 24 * 3600_000).toISOString()

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
      const known = await createInteractionsRepository(tx).typeExists(fields.type, { active: true })
      if (!known) details.push({ field: 'type', message: 'Is not one of the types of your organisation' })
    }
    if (details.length > 0)
      throw new AppError('VALIDATION_ERROR', 'The interaction is not valid', { details })
  }

  async function close(
    tx: Transaction,
    actor: Actor,
    action: AuditDeed<'interaction'>,
    before: Interaction | null,
    after: Interaction | null,
  ) {
    return journal.record(tx, actor, { ...entryOf(action, before, after), feedId: (after ?? before)!.siteId })
  }

  const inTransaction = {
    /**
     * A create under an id that is taken is a CONFLICT with the record that has it, or with nothing where that is
     * deleted. It stays taken when that is purged: nothing deleted comes back by a create that comes late.
     */
    async create(
      tx: Transaction,
      actor: Actor,
      input: InteractionInput,
    ): Promise<{ record: Interaction; seq: number }> {
      const { id = uuidv7(), ...given } = input
      const fields = normalise({ ...emptyFields, ...given })
      await check(tx, fields, null)
      const repository = createInteractionsRepository(tx)
      const record = created(id, tx.scope.siteId!, fields, actor.id)
      const isGone = input.id !== undefined && (await repository.wasRemoved(id))
      if (isGone || !(await repository.insert(id, fields, { by: actor.id, at: record.createdAt }))) {
        const current = await repository.find(id)
        throw new AppError('CONFLICT', 'An interaction with this id exists already', { current })
      }
      return { record, seq: await close(tx, actor, 'created', null, record) }
    },

    /** Writes `fields` over a locked record. When nothing differs nothing is written and `seq` is null. */
    async write(tx: Transaction, actor: Actor, current: Interaction, patch: InteractionPatch) {
      const fields = normalise({ ...fieldsOf(current), ...patch })
      await check(tx, fields, current)
      if (interactionFields.every((field) => fields[field] === current[field]))
        return { record: current, seq: null }
      const record = edited(current, fields, actor.id)
      const written = { by: actor.id, at: record.updatedAt }
      await createInteractionsRepository(tx).update(record.id, record.version, fields, written)
      return { record, seq: await close(tx, actor, 'updated', current, record) }
    },

    async remove(tx: Transaction, actor: Actor, current: Interaction): Promise<number> {
      const written = { by: actor.id, at: new Date().toISOString() }
      await createInteractionsRepository(tx).remove(current.id, current.version + 1, written)
      return close(tx, actor, 'deleted', current, null)
    },

    /** As it was; its type may be one that is not offered any more. */
    async restore(tx: Transaction, actor: Actor, deleted: Interaction): Promise<Interaction> {
      const record = edited(deleted, fieldsOf(deleted), actor.id)
      await createInteractionsRepository(tx).replaceMany([record])
      await close(tx, actor, 'restored', deleted, record)
      return record
    },

    /** Removes for good what can be restored no longer, at most so many; answers with how many. */
    async purge(tx: Transaction, origin: Origin, limit: number): Promise<number> {
      const count = await createInteractionsRepository(tx).purge(restorableSince(), limit)
      if (count > 0)
        await journal.record(tx, origin, {
          action: 'interaction.purged',
          feedId: tx.scope.siteId!,
          newValues: { count },
        })
      return count
    },

    /** Archives what nobody changed since then, at most so many; answers with how many. They keep who changed them last. */
    async archiveStale(tx: Transaction, origin: Origin, before: string, limit: number): Promise<number> {
      const repository = createInteractionsRepository(tx)
      const stale = await repository.lockStale(before, limit)
      if (stale.length === 0) return 0
      const archived = stale.map((current) =>
        edited(current, { ...fieldsOf(current), status: 'archived' }, current.updatedBy),
      )
      await repository.replaceMany(archived)
      const entries = archived.map((record, index) => entryOf('updated', stale[index]!, record))
      await journal.recordAll(tx, origin, tx.scope.siteId!, entries)
      return stale.length
    },

    lock: (tx: Transaction, id: string) => createInteractionsRepository(tx).lock(id),

    mayRemove: (actor: Actor, current: Interaction) =>
      may(actor, 'interaction.delete', { siteId: current.siteId, createdBy: current.createdBy }),

    /** Whether there was a record that is deleted, or purged, which it was before. */
    wasRemoved: (tx: Transaction, id: string) => createInteractionsRepository(tx).wasRemoved(id),

    findMany: (tx: Transaction, ids: readonly string[]) => createInteractionsRepository(tx).findMany(ids),
    newest: (tx: Transaction, after: { start: string | null; id: string } | null, limit: number) =>
      createInteractionsRepository(tx).newest(after, limit),
    page: (tx: Transaction, query: PageQuery) => createInteractionsRepository(tx).page(query),
    /** How many match, counted no further than `cap` where one is given. */
    count: (tx: Transaction, conditions: readonly Condition[] = [], cap: number | null = null) =>
      createInteractionsRepository(tx).count(conditions, cap),
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
        const { sort, pageSize, fields } = query
        const cursor = createListCursor(siteId, query)
        const given = query.cursor === undefined ? null : cursor.read(query.cursor)
        const page = given?.page ?? query.page
        const from = given?.after ?? (page - 1) * pageSize
        const wanted: PageQuery = { conditions, sort, from, limit: pageSize, fields }
        const few = conditions.length > 0 ? await repository.pageOfFew(wanted, countCap) : null
        const { interactions, next } = few?.page ?? (await repository.page(wanted))
        const counted = few?.count ?? (await repository.count(conditions, query.exact ? null : countCap + 1))
        const capped = !query.exact && counted > countCap
        return {
          interactions,
          total: capped ? countCap : counted,
          ...(capped && { totalIsCapped: true as const }),
          page,
          pageSize,
          ...(next && { nextCursor: cursor.write({ page: page + 1, after: next }) }),
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

    listDeleted: (
      actor: Actor,
      siteId: string,
      { search = '', page = 1, pageSize = 25 }: { search?: string; page?: number; pageSize?: number },
    ) =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const { found, total } = await createInteractionsRepository(tx).deleted(
          searchTerms(search),
          restorableSince(),
          (page - 1) * pageSize,
          pageSize,
        )
        return {
          interactions: found.map(({ record, deleted }) => ({
            ...record,
            deletedAt: deleted!.at,
            deletedBy: deleted!.by,
          })),
          total,
          page,
          pageSize,
        }
      }),

    restore: (actor: Actor, siteId: string, id: string): Promise<Interaction> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const found = await inTransaction.lock(tx, id)
        if (!found || (found.deleted && found.deleted.at < restorableSince())) throw missing()
        return found.deleted ? inTransaction.restore(tx, actor, found.record) : found.record
      }),
  }
}
