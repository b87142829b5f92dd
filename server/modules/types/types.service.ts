import { v7 as uuidv7 } from 'uuid'
import { AppError } from '#common/contract/errors'
import type { ManagedType } from '#common/contract/interaction-types'
import { fold } from '#common/rules/folding'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import { enterSite, type Transact, type Transaction } from '../../shared/transaction.ts'
import type { Journal } from '../journal/journal.service.ts'
import { createTypesRepository, type KeptType } from './types.repository.ts'

interface TypeChanges {
  name?: string
  position?: number
  active?: boolean
}

const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such type')

export type TypesService = ReturnType<typeof createTypesService>

/** The organisation's list of interaction types. Every change goes to the tenant's feed, so that devices follow. */
export function createTypesService(transact: Transact, journal: Journal) {
  /** By name, over all sites. */
  async function usage(tx: Transaction): Promise<Map<string, number>> {
    const counts = new Map<string, number>()
    for (const siteId of await createTypesRepository(tx).siteIds()) {
      for (const { type, count } of await createTypesRepository(await enterSite(tx, siteId)).used())
        counts.set(type, (counts.get(type) ?? 0) + count)
    }
    await enterSite(tx, null)
    return counts
  }

  /** `others` are those that moved with it; a type that is not offered is gone for devices. */
  async function close(
    tx: Transaction,
    actor: Actor,
    before: KeptType | null,
    after: KeptType | null,
    others: readonly KeptType[] = [],
  ): Promise<void> {
    const { id } = (after ?? before)!
    const change = (entityId: string, active: boolean) => ({
      entity: 'interactionType',
      entityId,
      removed: !active,
    })
    await journal.record(tx, actor, {
      action: `type.${!after ? 'deleted' : before ? 'updated' : 'created'}`,
      feedId: actor.tenantId,
      entity: 'interactionType',
      entityId: id,
      oldValues: before,
      newValues: after,
      changes: [change(id, after?.active ?? false), ...others.map((other) => change(other.id, other.active))],
    })
  }

  function assertFree(all: readonly KeptType[], id: string, name: string): void {
    if (!all.some((other) => other.id !== id && fold(other.name) === fold(name))) return
    throw new AppError('VALIDATION_ERROR', 'The type is not valid', {
      details: [{ field: 'name', message: 'There is a type of this name already' }],
    })
  }

  const inTransaction = {
    /** Adds the type where the organisation does not have it, in use or not. */
    async assure(tx: Transaction, actor: Actor, name: string): Promise<void> {
      const repository = createTypesRepository(tx)
      if ((await repository.list()).some((type) => type.name === name)) return
      await repository.takeTurns()
      const all = await repository.list()
      if (all.some((type) => type.name === name)) return
      const type: KeptType = { id: uuidv7(), name, position: (all.at(-1)?.position ?? -1) + 1, active: true }
      await repository.insert(type)
      await close(tx, actor, null, type)
    },
  }

  return {
    inTransaction,

    list: (actor: Actor): Promise<ManagedType[]> =>
      transact(scopeOf(actor), async (tx) => {
        const types = await createTypesRepository(tx).list()
        const used = await usage(tx)
        return types.map((type) => ({ ...type, used: used.get(type.name) ?? 0 }))
      }),

    /** The same again, under the same id, is answered the same. */
    add: (
      actor: Actor,
      { id = uuidv7(), name: given }: { id?: string; name: string },
    ): Promise<ManagedType> =>
      transact(scopeOf(actor), async (tx) => {
        const repository = createTypesRepository(tx)
        await repository.takeTurns()
        const all = await repository.list()
        const name = given.trim()
        const same = all.find((type) => type.id === id)
        if (same?.name === name) return { ...same, used: (await usage(tx)).get(name) ?? 0 }
        if (same) throw new AppError('CONFLICT', 'There is another type with this id', { current: same })
        assertFree(all, id, name)
        const type: KeptType = { id, name, position: (all.at(-1)?.position ?? -1) + 1, active: true }
        await repository.insert(type)
        await close(tx, actor, null, type)
        return { ...type, used: 0 }
      }),

    update: (actor: Actor, id: string, changes: TypeChanges): Promise<ManagedType> =>
      transact(scopeOf(actor), async (tx) => {
        const repository = createTypesRepository(tx)
        await repository.takeTurns()
        const all = await repository.lock()
        const before = all.find((type) => type.id === id)
        if (!before) throw missing()
        const used = (await usage(tx)).get(before.name) ?? 0
        const name = changes.name?.trim() ?? before.name
        if (name !== before.name) {
          assertFree(all, id, name)
          if (used > 0) {
            const message = 'Interactions have this type, and keep its name; add another type instead'
            throw new AppError('VALIDATION_ERROR', 'The type is not valid', {
              details: [{ field: 'name', message }],
            })
          }
        }
        const changed = { ...before, name, active: changes.active ?? before.active }
        const order = all.filter((type) => type.id !== id)
        order.splice(changes.position ?? all.indexOf(before), 0, changed)
        const placed = order.map((type, position) => ({ ...type, position }))
        const moved = placed.filter((type) => {
          const was = all.find((other) => other.id === type.id)!
          return was.position !== type.position || was.name !== type.name || was.active !== type.active
        })
        const after = placed.find((type) => type.id === id)!
        if (moved.length === 0) return { ...after, used }
        for (const type of moved) await repository.update(type)
        await close(
          tx,
          actor,
          before,
          after,
          moved.filter((type) => type.id !== id),
        )
        return { ...after, used }
      }),

    remove: (actor: Actor, id: string): Promise<void> =>
      transact(scopeOf(actor), async (tx) => {
        const repository = createTypesRepository(tx)
        await repository.takeTurns()
        const before = (await repository.lock()).find((type) => type.id === id)
        if (!before) throw missing()
        if ((await usage(tx)).has(before.name)) {
          throw new AppError('CONFLICT', 'Interactions have this type; take it out of use instead', {
            current: before,
          })
        }
        await repository.remove(id)
        await close(tx, actor, before, null)
      }),
  }
}
