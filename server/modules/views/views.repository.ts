import type { View } from '#common/contract/views'
import type { Transaction } from '../../shared/transaction.ts'

interface ViewRow extends Pick<View, 'id' | 'name' | 'shared' | 'filter' | 'sort' | 'columns'> {
  site_id: string
  owner_id: string
  updated_at: Date
}

const toView = ({ site_id, owner_id, updated_at, ...row }: ViewRow): View => ({
  id: row.id,
  siteId: site_id,
  ownerId: owner_id,
  name: row.name,
  shared: row.shared,
  filter: row.filter,
  sort: row.sort,
  columns: row.columns,
  updatedAt: updated_at.toISOString(),
})

const columnsOf = (view: View) => ({
  owner_id: view.ownerId,
  name: view.name,
  shared: view.shared,
  filter: JSON.stringify(view.filter),
  sort: JSON.stringify(view.sort),
  columns: JSON.stringify(view.columns),
  updated_at: view.updatedAt,
})

const viewColumns = [
  'id',
  'site_id',
  'owner_id',
  'name',
  'shared',
  'filter',
  'sort',
  'columns',
  'updated_at',
] as const satisfies readonly (keyof ViewRow)[]

/** Row-level security leaves out what is somebody else's and not shared: here there is no such view. */
export const createViewsRepository = ({ db, scope }: Transaction) => ({
  async list(): Promise<View[]> {
    const rows = await db('saved_views')
      .where({ site_id: scope.siteId })
      .orderByRaw('lower(name), id')
      .select<ViewRow[]>(viewColumns)
    return rows.map(toView)
  },

  /** Held until the transaction ends. */
  async lock(id: string): Promise<View | null> {
    const row = await db('saved_views')
      .where({ site_id: scope.siteId, id })
      .forUpdate()
      .first<ViewRow | undefined>(viewColumns)
    return row ? toView(row) : null
  },

  /** False when there is one under this id already, seen or not. */
  async insert(view: View): Promise<boolean> {
    const { rowCount } = await db.raw<{ rowCount: number }>('? ON CONFLICT DO NOTHING', [
      db('saved_views').insert({
        tenant_id: scope.tenantId,
        site_id: view.siteId,
        id: view.id,
        ...columnsOf(view),
      }),
    ])
    return rowCount > 0
  },

  async update(view: View): Promise<void> {
    const { owner_id: _, ...changed } = columnsOf(view)
    await db('saved_views').where({ site_id: scope.siteId, id: view.id }).update(changed)
  },

  async remove(id: string): Promise<void> {
    await db('saved_views').where({ site_id: scope.siteId, id }).delete()
  },
})
