import type { Brand, Infographic } from '#common/contract/brands'
import type { Transaction } from '../../shared/transaction.ts'

/** A brand as it is kept, without its pictures. */
export type KeptBrand = Omit<Brand, 'infographics'>

interface InfographicRow extends Omit<Infographic, 'brandId' | 'storedAt'> {
  brandId: string
  storedAt: Date | null
}

const columns = ['id', 'name', 'description', 'colour', 'active', 'version'] as const

const toInfographic = ({ storedAt, ...row }: InfographicRow): Infographic => ({
  ...row,
  storedAt: storedAt?.toISOString() ?? null,
})

export const createBrandsRepository = ({ db, scope }: Transaction) => {
  const pictured = () =>
    db('brand_infographics as i')
      .join('pictures as p', (join) => join.on('p.tenant_id', 'i.tenant_id').on('p.id', 'i.id'))
      .select({
        id: 'i.id',
        brandId: 'i.brand_id',
        title: 'i.title',
        sha256: 'p.sha256',
        size: 'p.size',
        type: 'p.type',
        width: 'p.width',
        height: 'p.height',
        received: 'p.received',
        storedAt: 'p.stored_at',
      })

  return {
    /** Those with these ids; null: all. By name. */
    async list(ids: readonly string[] | null): Promise<Brand[]> {
      const query = db('brands').orderByRaw('folded(name) COLLATE "C", id')
      const brands = await (ids ? query.whereIn('id', ids) : query).select<KeptBrand[]>(...columns)
      const found = brands.map(({ id }) => id)
      const rows = (await pictured()
        .whereIn('i.brand_id', found)
        .whereNotNull('p.stored_at')
        .orderBy(['p.stored_at', 'i.id'])) as InfographicRow[]
      const byBrand = Map.groupBy(rows.map(toInfographic), ({ brandId }) => brandId)
      return brands.map((brand) => ({ ...brand, infographics: byBrand.get(brand.id) ?? [] }))
    },

    async find(id: string): Promise<Brand | null> {
      const [brand] = await this.list([id])
      return brand ?? null
    },

    /** Whoever adds or changes brands does so one after the other. */
    async takeTurns(): Promise<void> {
      await db.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`brands of ${scope.tenantId}`])
    },

    async insert({ id, name, description, colour }: KeptBrand): Promise<void> {
      await db('brands').insert({ tenant_id: scope.tenantId, id, name, description, colour })
    },

    async update({ id, name, description, colour, active, version }: KeptBrand): Promise<void> {
      await db('brands').where({ id }).update({ name, description, colour, active, version })
    },

    /** Fails with the database's own error where it is marked on a shelf or has a goal. */
    async remove(id: string): Promise<void> {
      await db('brands').where({ id }).delete()
    },

    /** Those still arriving too. */
    async infographics(brandId: string): Promise<Infographic[]> {
      const rows = (await pictured()
        .where('i.brand_id', brandId)
        .orderBy(['i.created_at', 'i.id'])) as InfographicRow[]
      return rows.map(toInfographic)
    },

    async infographic(id: string): Promise<Infographic | null> {
      const [row] = (await pictured().where('i.id', id)) as InfographicRow[]
      return row ? toInfographic(row) : null
    },

    /** Whether the brand had one under this id; for as long as the audit is kept. */
    async hadInfographic(brandId: string, id: string): Promise<boolean> {
      const row = await db('audit_logs')
        .where({ feed_id: scope.tenantId, entity: 'brand', entity_id: brandId })
        .where({ action: 'brand.infographicRemoved' })
        .whereRaw(`new_values ->> 'id' = ?`, [id])
        .first<{ id: string } | undefined>('id')
      return row !== undefined
    },

    async addInfographic({ id, brandId, title }: Pick<Infographic, 'id' | 'brandId' | 'title'>) {
      await db('brand_infographics').insert({ tenant_id: scope.tenantId, id, brand_id: brandId, title })
    },
  }
}
