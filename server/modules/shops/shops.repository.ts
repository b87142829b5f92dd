import type { Shop, ShopFields } from '#common/contract/shops'
import { fieldSeparator, fold, searchTerms, sortKey } from '#common/rules/folding'
import type { Transaction } from '../../shared/transaction.ts'

interface Row extends Omit<Shop, 'siteId' | 'updatedAt'> {
  site_id: string
  updated_at: Date
}

const columns = [
  'id',
  'site_id',
  'name',
  'address',
  'reference',
  'latitude',
  'longitude',
  'active',
  'version',
  'updated_at',
] as const satisfies readonly (keyof Row)[]

const toShop = ({ site_id, updated_at, ...row }: Row): Shop => ({
  ...row,
  siteId: site_id,
  updatedAt: updated_at.toISOString(),
})

/** What a list is searched in. */
const searchTextOf = ({ name, address, reference }: ShopFields) =>
  [name, address, reference ?? ''].map(fold).join(fieldSeparator)

const toRow = ({ siteId, updatedAt, ...shop }: Shop, tenantId: string) => ({
  ...shop,
  tenant_id: tenantId,
  site_id: siteId,
  name_key: sortKey(shop.name),
  search_text: searchTextOf(shop),
  updated_at: updatedAt,
})

/** What of a shop is never changed. */
const fixed = ['tenant_id', 'site_id', 'id']

/** The shops of the scope's site. */
export const createShopsRepository = ({ db, scope }: Transaction) => {
  const ofSite = () => db('shops').where({ site_id: scope.siteId })

  return {
    /** Those with these ids. */
    async list(ids: readonly string[]): Promise<Shop[]> {
      const rows = await ofSite()
        .whereIn('id', ids)
        .orderBy('id')
        .select<Row[]>(...columns)
      return rows.map(toShop)
    },

    /** As many as may be, in order of their ids, after one of them. */
    async following(after: string | null, limit: number): Promise<Shop[]> {
      const query = ofSite().orderBy('id').limit(limit)
      const rows = await (after ? query.where('id', '>', after) : query).select<Row[]>(...columns)
      return rows.map(toShop)
    },

    async page({
      search = '',
      active = 'true',
      page = 1,
      pageSize = 25,
    }: {
      search?: string
      active?: 'true' | 'false' | 'all'
      page?: number
      pageSize?: number
    }): Promise<{ shops: Shop[]; total: number }> {
      const wanted = ofSite()
      if (active !== 'all') wanted.where({ active: active === 'true' })
      for (const term of searchTerms(search))
        wanted.where('search_text', 'like', `%${term.replace(/[\\%_]/g, '\\$&')}%`)
      const [counted] = await wanted.clone().count<{ count: string }[]>('* as count')
      const rows = await wanted
        .orderBy(['name_key', 'id'])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
        .select<Row[]>(...columns)
      return { shops: rows.map(toShop), total: Number(counted!.count) }
    },

    async find(id: string): Promise<Shop | null> {
      const row = await ofSite()
        .where({ id })
        .first<Row | undefined>(...columns)
      return row ? toShop(row) : null
    },

    /** Those that any of these rows may mean. */
    async alike(shops: readonly ShopFields[]): Promise<Shop[]> {
      const references = shops.flatMap(({ reference }) => reference ?? [])
      const names = shops.map(({ name }) => sortKey(name))
      const rows = await ofSite()
        .where((either) => void either.whereIn('reference', references).orWhereIn('name_key', names))
        .orderBy('id')
        .select<Row[]>(...columns)
      return rows.map(toShop)
    },

    /** Whoever adds or changes shops of a site does so one after the other. */
    async takeTurns(): Promise<void> {
      await db.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`shops of ${scope.siteId}`])
    },

    /** False when the organisation has one under this id already. */
    async insert(shop: Shop): Promise<boolean> {
      const { rowCount } = await db.raw<{ rowCount: number }>('? ON CONFLICT (tenant_id, id) DO NOTHING', [
        db('shops').insert(toRow(shop, scope.tenantId)),
      ])
      return rowCount > 0
    },

    /** Writes each as it is to be, whether it is there or not. */
    async save(shops: readonly Shop[]): Promise<void> {
      const rows = shops.map((shop) => toRow(shop, scope.tenantId))
      if (!rows[0]) return
      await db('shops')
        .insert(rows)
        .onConflict(['tenant_id', 'id'])
        .merge(Object.keys(rows[0]).filter((column) => !fixed.includes(column)))
    },

    /** Fails with the database's own error where a visit names it. */
    async remove(id: string): Promise<void> {
      await ofSite().where({ id }).delete()
    },
  }
}
