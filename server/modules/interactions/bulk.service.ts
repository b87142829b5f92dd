import { v7 as uuidv7 } from 'uuid'
import type { AuditAction } from '#common/contract/audit-actions'
import { AppError } from '#common/contract/errors'
import type { Interaction, InteractionFields } from '#common/contract/interactions'
import type { BulkChange, Refusal } from '#common/contract/record-keeping'
import { type BulkEffect, bulkEffect } from '#common/rules/bulk'
import { fieldLabel } from '#common/rules/field-labels'
import { fieldsOf, interactionFields, interactionProblems } from '#common/rules/interaction-rules'
import { may } from '#common/rules/permissions'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createHistoryRepository } from './history.repository.ts'
import { createInteractionsRepository, type Known } from './interactions.repository.ts'
import { created, edited, entryOf } from './interactions.service.ts'

const undoableMilliseconds = 24 * 3600_000

interface Outcome {
  done: number
  refused: Refusal[]
}

type Entry = ReturnType<typeof entryOf>

/** What was done to a record: null before it was there, or after it was deleted. */
export type Deed = { before: Interaction; after: Interaction | null } | { before: null; after: Interaction }

export type BulkService = ReturnType<typeof createBulkService>

/**
 * Changes to many interactions, and taking them back. Each request is one transaction: what is answered has happened,
 * and where there was no answer nothing has or all of it. The site's feed is locked only for its last step, when all
 * rows are written, so that others wait no longer than for one of their own edits.
 */
export function createBulkService(transact: Transact, journal: Journal) {
  /** The rows one after the other and then what the whole came to, which is how an undo finds them. */
  async function close(
    tx: Transaction,
    actor: Actor,
    entries: Entry[],
    action: AuditAction & `bulk.${string}`,
    bulkId: string,
    newValues: object,
  ) {
    await journal.recordAll(tx, actor, tx.scope.siteId!, [
      ...entries,
      { action, entity: 'bulk', entityId: bulkId, newValues },
    ])
  }

  async function withKnownType(
    tx: Transaction,
    change: BulkChange,
    effects: BulkEffect[],
  ): Promise<BulkEffect[]> {
    const type = change.kind === 'update' ? change.patch.type : null
    if (!type || (await createInteractionsRepository(tx).typeExists(type, { active: true }))) return effects
    const reason = `${fieldLabel('type')}: Is not one of the types of your organisation.`
    return effects.map((effect) => ('patch' in effect && effect.patch.type ? { reason } : effect))
  }

  const inTransaction = {
    /** Records of the site by id, deleted ones too; with `lock` they are held until the transaction ends. */
    known: (
      tx: Transaction,
      ids: readonly string[],
      { lock }: { lock: boolean },
    ): Promise<Map<string, Known>> =>
      createInteractionsRepository(tx)[lock ? 'lockMany' : 'findManyKnown'](ids),

    /** The types the organisation offers; they keep their names until the transaction ends. */
    typeNames: (tx: Transaction): Promise<string[]> => createInteractionsRepository(tx).typeNames(),

    /** Takes in new records, and fields for locked ones; answers with an entry for each, in this order. */
    async take(
      tx: Transaction,
      actor: Actor,
      rows: readonly { current: Interaction | null; fields: InteractionFields }[],
    ): Promise<Entry[]> {
      const entries = rows.map(({ current, fields }) =>
        entryOf(
          'imported',
          current,
          current ? edited(current, fields, actor.id) : created(uuidv7(), tx.scope.siteId!, fields, actor.id),
        ),
      )
      const repository = createInteractionsRepository(tx)
      await repository.insertMany(
        entries.flatMap(({ oldValues, newValues }) => (oldValues ? [] : newValues!)),
      )
      await write(
        tx,
        actor,
        entries.filter(({ oldValues }) => oldValues),
      )
      return entries
    },

    /** Takes back what was done to locked records: an entry for each, or why it was spared; null where it is gone already. */
    async takeBack(
      tx: Transaction,
      actor: Actor,
      deeds: readonly Deed[],
      known: ReadonlyMap<string, Known>,
    ): Promise<(Entry | string | null)[]> {
      const repository = createInteractionsRepository(tx)
      const oldTypes = new Map<string, boolean>()
      for (const { before } of deeds) {
        const type = before?.type ?? null
        if (type !== null && !oldTypes.has(type)) oldTypes.set(type, await repository.typeExists(type))
      }
      const outcomes = deeds.map((deed) =>
        undoOne(actor, deed, known.get((deed.before ?? deed.after).id), oldTypes),
      )
      await write(
        tx,
        actor,
        outcomes.filter((outcome) => outcome !== null && typeof outcome === 'object'),
      )
      return outcomes
    },
  }

  /** What entries say about records that are there. */
  async function write(tx: Transaction, actor: Actor, entries: readonly Entry[]) {
    const repository = createInteractionsRepository(tx)
    await repository.replaceMany(entries.flatMap(({ newValues }) => newValues ?? []))
    await repository.removeMany(
      entries.flatMap(({ entityId, newValues }) => (newValues ? [] : entityId)),
      { by: actor.id, at: new Date().toISOString() },
    )
  }

  return {
    inTransaction,

    change: (
      actor: Actor,
      siteId: string,
      { ids, change, dryRun = false }: { ids: readonly string[]; change: BulkChange; dryRun?: boolean },
    ): Promise<Outcome & { bulkId: string | null }> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        if (change.kind === 'delete' && !may(actor, 'interaction.deleteMany', { siteId })) {
          throw new AppError(
            'AUTHORIZATION_ERROR',
            'Only administrators of the site may delete many interactions at once',
          )
        }
        const repository = createInteractionsRepository(tx)
        const records = dryRun
          ? new Map((await repository.findMany(ids)).map((record) => [record.id, record]))
          : present(await repository.lockMany(ids))
        const found = ids.map((id) => records.get(id) ?? null)
        const effects = await withKnownType(
          tx,
          change,
          found.map((record) => bulkEffect(record, actor, change)),
        )
        const refused: Refusal[] = []
        const entries: Entry[] = []
        for (const [index, effect] of effects.entries()) {
          const record = found[index]!
          if ('reason' in effect)
            refused.push({ id: ids[index]!, title: record?.title ?? null, reason: effect.reason })
          else if ('delete' in effect) entries.push(entryOf('deleted', record, null))
          else {
            const fields = { ...fieldsOf(record), ...effect.patch }
            entries.push(entryOf('updated', record, edited(record, fields, actor.id)))
          }
        }
        const done = entries.length
        if (dryRun || done === 0) return { bulkId: null, done, refused }
        await write(tx, actor, entries)
        const bulkId = uuidv7()
        await close(tx, actor, entries, 'bulk.done', bulkId, { change, done })
        return { bulkId, done, refused }
      }),

    /** What somebody changed since is spared. Asked again it answers the same and does nothing. */
    undo: (actor: Actor, siteId: string, bulkId: string): Promise<Outcome> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const history = createHistoryRepository(tx)
        const since = new Date(Date.now() - undoableMilliseconds).toISOString()
        const find = async () => {
          const entry = await history.bulkEntry(bulkId, actor.id, since)
          if (entry) return entry
          throw new AppError('RESOURCE_NOT_FOUND', 'There is no such change of yours of the last day')
        }
        const bulk = await find()
        if (bulk.action === 'bulk.undone') return bulk.outcome as Outcome
        const rows = await history.bulkRows(bulk.position, (bulk.outcome as Outcome).done)
        const repository = createInteractionsRepository(tx)
        const known = await repository.lockMany(rows.map(({ before }) => before.id))
        // Whoever undid it at the same moment had these locks until now.
        const latest = await find()
        if (latest.action === 'bulk.undone') return latest.outcome as Outcome

        const outcomes = await inTransaction.takeBack(tx, actor, rows, known)
        const refused: Refusal[] = []
        const entries: Entry[] = []
        for (const [index, undone] of outcomes.entries()) {
          const { before } = rows[index]!
          if (typeof undone === 'string') {
            refused.push({
              id: before.id,
              title: known.get(before.id)?.record.title ?? before.title,
              reason: undone,
            })
          } else if (undone) entries.push(undone)
        }
        const outcome = { done: entries.length, refused }
        await close(tx, actor, entries, 'bulk.undone', bulkId, outcome)
        return outcome
      }),
  }
}

/** The entry of what was taken back, or why it was not; null where there is nothing to take back any more. */
function undoOne(
  actor: Actor,
  { before, after }: Deed,
  now: Known | undefined,
  /** Whether the organisation still has them. */
  types: ReadonlyMap<string, boolean>,
): Entry | string | null {
  if (!before) {
    if (!now || now.deleted) return null
    return changedSince(interactionFields, after, now.record) ?? entryOf('undone', now.record, null)
  }
  if (!after) {
    // To others a deleted record cannot even be locked.
    if (!may(actor, 'interaction.restore', { siteId: before.siteId }))
      return 'Only administrators of the site may restore interactions.'
    if (!now?.deleted) return 'It was restored meanwhile.'
    if (now.record.version !== before.version + 1) return 'It was restored and deleted again meanwhile.'
    return entryOf('undone', now.record, edited(now.record, fieldsOf(now.record), actor.id))
  }
  if (!now || now.deleted) return 'It was deleted meanwhile.'
  const current = now.record
  const touched = interactionFields.filter((field) => before[field] !== after[field])
  const changed = changedSince(touched, after, current)
  if (changed !== null) return changed
  const old = Object.fromEntries(touched.map((field) => [field, before[field]])) as Partial<InteractionFields>
  const fields: InteractionFields = { ...fieldsOf(current), ...old }
  // Back to a status it had is no step of its life, so only the record itself is checked.
  const problems = interactionProblems(fields, fields.status)
  if (problems.length > 0)
    return problems.map(({ field, message }) => `${fieldLabel(field)}: ${message}.`).join(' ')
  if (old.type && !types.get(old.type)) return `${fieldLabel('type')}: “${old.type}” does not exist any more.`
  return entryOf('undone', current, edited(current, fields, actor.id))
}

function changedSince(
  fields: readonly (keyof InteractionFields)[],
  then: Interaction,
  now: Interaction,
): string | null {
  const changed = fields.filter((field) => now[field] !== then[field])
  return changed.length > 0 ? `${changed.map(fieldLabel).join(', ')}: changed since.` : null
}

const present = (known: ReadonlyMap<string, Known>) =>
  new Map([...known].flatMap(([id, { record, deleted }]) => (deleted ? [] : [[id, record] as const])))
