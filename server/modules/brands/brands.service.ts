import type { Readable } from 'node:stream'
import { v7 as uuidv7 } from 'uuid'
import type { AuditAction } from '#common/contract/audit-actions'
import type { Brand, Infographic } from '#common/contract/brands'
import { AppError } from '#common/contract/errors'
import { fold } from '#common/rules/folding'
import { canonicalJson } from '../../shared/canonical-json.ts'
import { isReferredTo } from '../../shared/outage.ts'
import { refused } from '../../shared/people.ts'
import type { PictureFile } from '../../shared/picture-answer.ts'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'
import type { Journal } from '../journal/journal.service.ts'
import type { PicturesService, PictureState } from '../pictures/pictures.service.ts'
import { createBrandsRepository, type KeptBrand } from './brands.repository.ts'

type BrandFields = Pick<Brand, 'name' | 'description' | 'colour'>
type BrandChanges = Partial<BrandFields> & { active?: boolean; version: number }
type InfographicFields = Omit<Infographic, 'id' | 'brandId' | 'received' | 'storedAt'>

const missing = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such brand')
const missingInfographic = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such infographic')

const auditOf = ({ name, description, colour, active }: KeptBrand) => ({ name, description, colour, active })

const contentOf = ({ brandId, title, sha256, size, type, width, height }: Omit<Infographic, 'id'>) =>
  canonicalJson({ brandId, title, sha256, size, type, width, height })

export type BrandsService = ReturnType<typeof createBrandsService>

/** The brands of the organisation and their pictures, in its feed; one out of use stays there, since shelves name it. */
export function createBrandsService(transact: Transact, journal: Journal, pictures: PicturesService) {
  async function find(tx: Transaction, id: string): Promise<Brand> {
    const brand = await createBrandsRepository(tx).find(id)
    if (!brand) throw missing()
    return brand
  }

  async function findInfographic(tx: Transaction, id: string): Promise<Infographic> {
    const infographic = await createBrandsRepository(tx).infographic(id)
    if (!infographic) throw missingInfographic()
    return infographic
  }

  async function assertFree(tx: Transaction, { id, name }: KeptBrand): Promise<void> {
    const all = await createBrandsRepository(tx).list(null)
    if (all.some((other) => other.id !== id && fold(other.name) === fold(name)))
      throw refused('name', 'There is a brand of this name already')
  }

  async function close(tx: Transaction, actor: Actor, before: Brand | null, after: Brand | null) {
    const { id } = (after ?? before)!
    await journal.record(tx, actor, {
      action: `brand.${!after ? 'deleted' : before ? 'updated' : 'created'}`,
      feedId: actor.tenantId,
      entity: 'brand',
      entityId: id,
      oldValues: before && auditOf(before),
      newValues: after && auditOf(after),
      changes: [{ entity: 'brand', entityId: id, removed: !after }],
    })
  }

  /** `isSeen`: devices have it, or are to have it. */
  const closeInfographic = (
    tx: Transaction,
    actor: Actor,
    action: AuditAction,
    { id, brandId, title, sha256 }: Infographic,
    isSeen: boolean,
  ) =>
    journal.record(tx, actor, {
      action,
      feedId: actor.tenantId,
      entity: 'brand',
      entityId: brandId,
      newValues: { id, title, sha256 },
      changes: isSeen ? [{ entity: 'brand', entityId: brandId, removed: false }] : [],
    })

  const inTransaction = {
    /** Those with these ids; null: all. */
    list: (tx: Transaction, ids: readonly string[] | null) => createBrandsRepository(tx).list(ids),
  }

  return {
    inTransaction,

    list: (actor: Actor): Promise<Brand[]> =>
      transact(scopeOf(actor), (tx) => createBrandsRepository(tx).list(null)),

    read: (actor: Actor, id: string): Promise<Brand> => transact(scopeOf(actor), (tx) => find(tx, id)),

    /** The same again, under the same id, is answered the same. */
    create: (actor: Actor, { id = uuidv7(), ...given }: BrandFields & { id?: string }): Promise<Brand> =>
      transact(scopeOf(actor), async (tx) => {
        const repository = createBrandsRepository(tx)
        await repository.takeTurns()
        const name = given.name.trim()
        const brand: Brand = { id, ...given, name, active: true, version: 1, infographics: [] }
        const same = await repository.find(id)
        if (same && canonicalJson(auditOf(same)) === canonicalJson(auditOf(brand))) return same
        if (same) throw new AppError('CONFLICT', 'There is another brand with this id', { current: same })
        await assertFree(tx, brand)
        await repository.insert(brand)
        await close(tx, actor, null, brand)
        return brand
      }),

    update: (actor: Actor, id: string, { version, ...changes }: BrandChanges): Promise<Brand> =>
      transact(scopeOf(actor), async (tx) => {
        const repository = createBrandsRepository(tx)
        await repository.takeTurns()
        const before = await find(tx, id)
        if (before.version !== version) {
          const message = 'The brand was changed meanwhile; look at it again and repeat your change'
          throw new AppError('CONFLICT', message, { current: before })
        }
        const name = changes.name?.trim() ?? before.name
        const after: Brand = { ...before, ...changes, name, version: version + 1 }
        if (canonicalJson(auditOf(after)) === canonicalJson(auditOf(before))) return before
        await assertFree(tx, after)
        await repository.update(after)
        await close(tx, actor, before, after)
        return after
      }),

    remove: (actor: Actor, id: string): Promise<void> =>
      transact(scopeOf(actor), async (tx) => {
        const repository = createBrandsRepository(tx)
        await repository.takeTurns()
        const before = await find(tx, id)
        for (const infographic of await repository.infographics(id))
          await pictures.inTransaction.discard(tx, infographic.id)
        await repository.remove(id).catch((error: unknown) => {
          if (!isReferredTo(error)) throw error
          const message = 'The brand is marked on shelves or has a goal; take it out of use instead'
          throw new AppError('CONFLICT', message, { current: before })
        })
        await close(tx, actor, before, null)
      }),

    infographics: (actor: Actor, brandId: string): Promise<Infographic[]> =>
      transact(scopeOf(actor), async (tx) => {
        await find(tx, brandId)
        return createBrandsRepository(tx).infographics(brandId)
      }),

    /** The same again, under the same id, is answered as it is by now. */
    announce: (
      actor: Actor,
      brandId: string,
      { id = uuidv7(), title: given, ...picture }: InfographicFields & { id?: string },
    ): Promise<Infographic> =>
      transact(scopeOf(actor), async (tx) => {
        const repository = createBrandsRepository(tx)
        await repository.takeTurns()
        await find(tx, brandId)
        const title = given.trim()
        const infographic: Infographic = { id, brandId, title, ...picture, received: 0, storedAt: null }
        const same = await repository.infographic(id)
        if (same && contentOf(same) === contentOf(infographic)) return same
        if (same)
          throw new AppError('CONFLICT', 'There is another infographic with this id', { current: same })
        if (await repository.hadInfographic(brandId, id))
          throw new AppError('CONFLICT', 'The infographic with this id was removed')
        if (!(await pictures.inTransaction.announce(tx, { id, visitId: null, ...picture })))
          throw refused('id', 'This id cannot be used. Send another one.')
        await repository.addInfographic(infographic)
        await closeInfographic(tx, actor, 'brand.infographicAdded', infographic, false)
        return infographic
      }),

    async receive(actor: Actor, id: string, offset: number, body: Readable): Promise<PictureState> {
      await transact(scopeOf(actor), (tx) => findInfographic(tx, id))
      return pictures.receive(scopeOf(actor), id, offset, body, async (tx) => {
        const infographic = await findInfographic(tx, id)
        await closeInfographic(tx, actor, 'brand.infographicStored', infographic, true)
      })
    },

    async file(actor: Actor, id: string): Promise<PictureFile | null> {
      await transact(scopeOf(actor), (tx) => findInfographic(tx, id))
      return pictures.file(scopeOf(actor), id)
    },

    removeInfographic: (actor: Actor, id: string): Promise<void> =>
      transact(scopeOf(actor), async (tx) => {
        const infographic = await findInfographic(tx, id)
        const wasStored = await pictures.inTransaction.discard(tx, id)
        await closeInfographic(tx, actor, 'brand.infographicRemoved', infographic, wasStored)
      }),
  }
}
