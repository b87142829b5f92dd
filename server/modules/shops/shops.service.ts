import { v7 as uuidv7 } from 'uuid'
import { AppError, type FieldProblem } from '#common/contract/errors'
import type { Shop, ShopFields, ShopProblem, ShopRow } from '#common/contract/shops'
import { placeProblems, planShops, readShopRow, tidied } from '#common/rules/shop-rows'
import { canonicalJson } from '../../shared/canonical-json.ts'
import { isReferredTo } from '../../shared/outage.ts'
import { refused } from '../../shared/people.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import type { Entry, Journal } from '../journal/journal.service.ts'
import { createShopsRepository } from './shops.repository.ts'

type ShopChanges = Partial<ShopFields> & { active?: boolean; version: number }

interface Imported {
  created: number
  updated: number
  unchanged: number
  problems: ShopProblem[]
}

const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such shop at this site')

const invalid = (details: FieldProblem[]) =>
  new AppError('VALIDATION_ERROR', 'The shop is not valid', { details })

export type ShopsService = ReturnType<typeof createShopsService>

/** The shops of a site. Every change goes to the site's feed; one out of use stays there, since visits name it. */
export function createShopsService(transact: Transact, journal: Journal) {
  const entryOf = (before: Shop | null, after: Shop | null): Omit<Entry, 'feedId'> => {
    const { id } = (after ?? before)!
    return {
      action: `shop.${!after ? 'deleted' : before ? 'updated' : 'created'}`,
      entity: 'shop',
      entityId: id,
      oldValues: before && auditOf(before),
      newValues: after && auditOf(after),
      changes: [{ entity: 'shop', entityId: id, removed: !after }],
    }
  }
  const auditOf = ({ name, address, reference, latitude, longitude, active }: Shop) => ({
    name,
    address,
    reference,
    latitude,
    longitude,
    active,
  })

  const newShop = (tx: Transaction, id: string, fields: ShopFields): Shop => ({
    id,
    siteId: tx.scope.siteId!,
    ...fields,
    active: true,
    version: 1,
    updatedAt: new Date().toISOString(),
  })
  const changed = (before: Shop, fields: Partial<Shop>): Shop => ({
    ...before,
    ...fields,
    version: before.version + 1,
    updatedAt: new Date().toISOString(),
  })

  async function assertFits(tx: Transaction, shop: Shop): Promise<void> {
    const problems = placeProblems(shop)
    const { id, reference } = shop
    const known = reference === null ? [] : await createShopsRepository(tx).alike([shop])
    if (known.some((other) => other.id !== id && other.reference === reference))
      problems.push({ field: 'reference', message: 'There is a shop with this reference already' })
    if (problems.length > 0) throw invalid(problems)
  }

  const inTransaction = {
    /** At the scope's site. */
    find: (tx: Transaction, id: string) => createShopsRepository(tx).find(id),
    /** Those of the site with these ids. */
    list: (tx: Transaction, ids: readonly string[]) => createShopsRepository(tx).list(ids),
    /** Of the site, by id, after this one. */
    following: (tx: Transaction, after: string | null, limit: number) =>
      createShopsRepository(tx).following(after, limit),
  }

  return {
    inTransaction,

    list: (
      actor: Actor,
      siteId: string,
      query: { search?: string; active?: 'true' | 'false' | 'all'; page?: number; pageSize?: number },
    ) =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const { page = 1, pageSize = 25 } = query
        return { ...(await createShopsRepository(tx).page(query)), page, pageSize }
      }),

    read: (actor: Actor, siteId: string, id: string): Promise<Shop> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const shop = await createShopsRepository(tx).find(id)
        if (!shop) throw missing()
        return shop
      }),

    /** The same again, under the same id, is answered the same. */
    create: (
      actor: Actor,
      siteId: string,
      { id = uuidv7(), ...given }: ShopFields & { id?: string },
    ): Promise<Shop> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const repository = createShopsRepository(tx)
        await repository.takeTurns()
        const shop = newShop(tx, id, tidied(given))
        const same = await repository.find(id)
        if (same && canonicalJson(auditOf(same)) === canonicalJson(auditOf(shop))) return same
        if (same) throw new AppError('CONFLICT', 'There is another shop with this id', { current: same })
        await assertFits(tx, shop)
        if (!(await repository.insert(shop))) throw refused('id', 'This id cannot be used. Send another one.')
        await journal.record(tx, actor, { ...entryOf(null, shop), feedId: siteId })
        return shop
      }),

    update: (actor: Actor, siteId: string, id: string, { version, ...changes }: ShopChanges): Promise<Shop> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const repository = createShopsRepository(tx)
        await repository.takeTurns()
        const before = await repository.find(id)
        if (!before) throw missing()
        if (before.version !== version) {
          const message = 'The shop was changed meanwhile; look at it again and repeat your change'
          throw new AppError('CONFLICT', message, { current: before })
        }
        const after = changed(before, tidied({ ...before, ...changes }))
        if (canonicalJson(auditOf(after)) === canonicalJson(auditOf(before))) return before
        await assertFits(tx, after)
        await repository.save([after])
        await journal.record(tx, actor, { ...entryOf(before, after), feedId: siteId })
        return after
      }),

    remove: (actor: Actor, siteId: string, id: string): Promise<void> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const repository = createShopsRepository(tx)
        await repository.takeTurns()
        const before = await repository.find(id)
        if (!before) throw missing()
        // Who made the visits, and that there are any, may be hidden from whoever asks.
        await repository.remove(id).catch((error: unknown) => {
          if (!isReferredTo(error)) throw error
          const message = 'The shop was visited or is in a call cycle; take it out of use instead'
          throw new AppError('CONFLICT', message, { current: before })
        })
        await journal.record(tx, actor, { ...entryOf(before, null), feedId: siteId })
      }),

    importRows: (
      actor: Actor,
      siteId: string,
      rows: readonly ShopRow[],
      dryRun: boolean,
    ): Promise<Imported> =>
      transact(scopeOf(actor, siteId), async (tx) => {
        const repository = createShopsRepository(tx)
        if (!dryRun) await repository.takeTurns()
        const known = await repository.alike(rows.map((row) => readShopRow(row).shop))
        const { created, updated, unchanged, problems } = planShops(rows, known)
        const counts = { created: created.length, updated: updated.length, unchanged }
        if (dryRun || created.length + updated.length === 0) return { ...counts, problems }
        const done = [
          ...created.map((fields) => ({ before: null, after: newShop(tx, uuidv7(), fields) })),
          ...updated.map(({ before, after }) => ({ before, after: changed(before, after) })),
        ]
        await repository.save(done.map(({ after }) => after))
        await journal.recordAll(tx, actor, siteId, [
          { action: 'shop.imported', entity: 'shop', newValues: counts },
          ...done.map(({ before, after }) => entryOf(before, after)),
        ])
        return { ...counts, problems }
      }),
  }
}
