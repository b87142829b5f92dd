import { v7 as uuidv7 } from 'uuid'
import type { Tenant, TenantStatus } from '#common/contract/tenants'
import type { Transaction } from '../../shared/transaction.ts'

interface Columns extends Omit<Tenant, 'createdAt'> {
  created_at: Date
  /** Of a list. */
  total?: number
}

/** What can be changed of an organisation. */
export interface OrganisationFields {
  name: string
  slug: string
  status: TenantStatus
}

const tenantOf = ({ created_at, total: _, ...row }: Columns): Tenant => ({
  ...row,
  createdAt: created_at.toISOString(),
})

/** The organisations, read across all of them for whose session is a super admin's, and written one by one. */
export const createOrganisationsRepository = ({ db, scope }: Transaction) => {
  const listed = async (
    session: string,
    search: string,
    one: string | null,
    page: number,
    pageSize: number,
  ) => {
    const { rows } = await db.raw<{ rows: Columns[] }>(
      'SELECT * FROM list_tenants(:session, :search, :one, :first::integer, :size::integer)',
      { session, search, one, first: (page - 1) * pageSize, size: pageSize },
    )
    return rows
  }

  return {
    /** `search` is folded. */
    async page(session: string, search: string, page: number, pageSize: number) {
      const rows = await listed(session, search, null, page, pageSize)
      // A page past the end does not say how many there are.
      const [first] = rows.length > 0 ? rows : await listed(session, search, null, 1, 1)
      return { tenants: rows.map(tenantOf), total: first?.total ?? 0 }
    },

    async find(session: string, id: string): Promise<Tenant | null> {
      const [row] = await listed(session, '', id, 1, 1)
      return row ? tenantOf(row) : null
    },

    /** The scope's own. */
    async own(): Promise<Tenant | null> {
      const { rows } = await db.raw<{ rows: Columns[] }>(
        `SELECT id, name, slug, status, created_at, version,
           (SELECT count(*)::int FROM users WHERE active) AS users,
           (SELECT count(*)::int FROM sites WHERE active) AS sites
         FROM tenants WHERE kind = 'organisation'`,
      )
      return rows[0] ? tenantOf(rows[0]) : null
    },

    /** The scope's own, held until the transaction ends. */
    async lock(): Promise<(OrganisationFields & { version: number }) | null> {
      const row = await db('tenants')
        .where({ id: scope.tenantId, kind: 'organisation' })
        .forNoKeyUpdate()
        .first<(OrganisationFields & { version: number }) | undefined>('name', 'slug', 'status', 'version')
      return row ?? null
    },

    async update(fields: OrganisationFields): Promise<void> {
      await db('tenants')
        .where({ id: scope.tenantId })
        .update({ ...fields, version: db.raw('version + 1') })
    },

    /** The scope's own, with a site and these types; answers with the ids of the types. */
    async insert(
      { name, slug }: Pick<Tenant, 'name' | 'slug'>,
      site: { id: string; name: string },
      types: readonly string[],
    ): Promise<string[]> {
      const tenant = { tenant_id: scope.tenantId }
      await db('tenants').insert({ id: scope.tenantId, name, slug })
      await db('sites').insert({ ...tenant, ...site })
      const rows = types.map((type, position) => ({ ...tenant, id: uuidv7(), name: type, position }))
      await db('interaction_types').insert(rows)
      return rows.map(({ id }) => id)
    },

    /** What a super admin enters, and whether the audit knows of it; null for anybody else, and where there is none. */
    async enter(session: string): Promise<{ name: string; isAudited: boolean } | null> {
      const { rows } = await db.raw<{ rows: { name: string; is_audited: boolean }[] }>(
        'SELECT * FROM enter_tenant(?, ?)',
        [session, scope.tenantId],
      )
      return rows[0] ? { name: rows[0].name, isAudited: rows[0].is_audited } : null
    },

    /** False where another request of the session was first. */
    async addEntry(session: string): Promise<boolean> {
      const { rowCount } = await db.raw<{ rowCount: number }>(
        'INSERT INTO tenant_entries (tenant_id, session_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
        [scope.tenantId, session],
      )
      return rowCount > 0
    },
  }
}
