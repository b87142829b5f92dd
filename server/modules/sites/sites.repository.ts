import type { Site, SiteSettings, SiteUser } from '#common/contract/sites'
import { searchTerms } from '#common/rules/folding'
import type { Transaction } from '../../shared/transaction.ts'

/** A site without how many people belong to it. */
export type KeptSite = Omit<Site, 'users'>

const columns = ['id', 'name', 'description', 'settings', 'active', 'version']

interface MemberColumns {
  id: string
  username: string
  display_name: string
  active: boolean
  role: SiteUser['role']
  assigned_at: Date
}

const memberOf = (row: MemberColumns): SiteUser => ({
  id: row.id,
  username: row.username,
  displayName: row.display_name,
  active: row.active,
  role: row.role,
  assignedAt: row.assigned_at.toISOString(),
})

export const createSitesRepository = ({ db, scope }: Transaction) => {
  const members = (siteId: string) =>
    db('user_sites as m')
      .join('users as u', { 'u.tenant_id': 'm.tenant_id', 'u.id': 'm.user_id' })
      .where({ 'm.tenant_id': scope.tenantId, 'm.site_id': siteId })
  const memberColumns = ['u.id', 'u.username', 'u.display_name', 'u.active', 'm.role', 'm.assigned_at']

  return {
    find: (ids: readonly string[]): Promise<KeptSite[]> =>
      db('sites').whereIn('id', ids).orderBy('name').select<KeptSite[]>(columns),

    /** All there are, with how many people belong to each. */
    async all(): Promise<Site[]> {
      const rows = await db('sites')
        .leftJoin(
          db('user_sites').groupBy('site_id').select('site_id', db.raw('count(*)::int AS users')).as('m'),
          'm.site_id',
          'sites.id',
        )
        .orderBy('name')
        .select<(KeptSite & { users: number | null })[]>([...columns, 'm.users'])
      return rows.map((row) => ({ ...row, users: row.users ?? 0 }))
    },

    /** Held until the transaction ends. */
    lock: (id: string): Promise<KeptSite | undefined> =>
      db('sites').where({ id }).forNoKeyUpdate().first<KeptSite | undefined>(columns),

    async changeSettings(id: string, settings: SiteSettings): Promise<void> {
      await db('sites')
        .where({ id })
        .update({ settings: JSON.stringify(settings) })
    },

    /** Of another site, folded, this name. */
    async isNameTaken(id: string, name: string): Promise<boolean> {
      const other = await db('sites')
        .whereNot({ id })
        .whereRaw('folded(name) = folded(?)', [name])
        .first<{ id: string } | undefined>('id')
      return other !== undefined
    },

    async insert({ id, name, description }: Pick<KeptSite, 'id' | 'name' | 'description'>): Promise<void> {
      await db('sites').insert({ tenant_id: scope.tenantId, id, name, description })
    },

    async update(id: string, changes: Pick<KeptSite, 'name' | 'description' | 'active'>): Promise<void> {
      await db('sites')
        .where({ id })
        .update({ ...changes, version: db.raw('version + 1') })
    },

    /** How many active people, admins aside, have this site and no other in use. */
    async onlyHere(siteId: string, userId?: string): Promise<number> {
      const { rows } = await db.raw<{ rows: { count: number }[] }>(
        `SELECT count(*)::int AS count FROM user_sites m
         JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id AND u.active
         WHERE m.tenant_id = :tenantId AND m.site_id = :siteId
           AND (:userId::uuid IS NULL OR m.user_id = :userId::uuid)
           AND NOT EXISTS (
             SELECT FROM user_roles r WHERE r.tenant_id = m.tenant_id AND r.user_id = m.user_id AND r.role = 'admin')
           AND NOT EXISTS (
             SELECT FROM user_sites o JOIN sites s ON s.tenant_id = o.tenant_id AND s.id = o.site_id AND s.active
             WHERE o.tenant_id = m.tenant_id AND o.user_id = m.user_id AND o.site_id <> m.site_id)`,
        { tenantId: scope.tenantId, siteId, userId: userId ?? null },
      )
      return rows[0]!.count
    },

    async memberPage(
      siteId: string,
      { search = '', page, pageSize }: { search?: string | undefined; page: number; pageSize: number },
    ): Promise<{ users: SiteUser[]; total: number }> {
      const found = members(siteId)
      for (const term of searchTerms(search)) {
        void found.where('u.search_text', 'like', `%${term.replace(/[\\%_]/g, '\\$&')}%`)
      }
      const counted = await found.clone().first<{ total: number }>(db.raw('count(*)::int AS total'))
      const rows = await found
        .clone()
        .orderBy(['u.name_key', 'u.id'])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
        .select<MemberColumns[]>(memberColumns)
      return { users: rows.map(memberOf), total: counted.total }
    },

    async member(siteId: string, userId: string): Promise<SiteUser | null> {
      const row = await members(siteId)
        .where({ 'u.id': userId })
        .first<MemberColumns | undefined>(memberColumns)
      return row ? memberOf(row) : null
    },

    /** A person of the organisation, in the site or not. */
    async isOurs(userId: string): Promise<boolean> {
      const person = await db('users')
        .where({ id: userId, forgotten_at: null })
        .first<{ id: string } | undefined>('id')
      return person !== undefined
    },

    async assign(siteId: string, userId: string, role: SiteUser['role'], by: string | null): Promise<void> {
      await db('user_sites')
        .insert({ tenant_id: scope.tenantId, user_id: userId, site_id: siteId, role, assigned_by: by })
        .onConflict(['tenant_id', 'user_id', 'site_id'])
        .merge({ role, assigned_by: by, assigned_at: db.fn.now() })
    },

    /** With what pointed at it: where the person works by default. */
    async remove(siteId: string, userId: string): Promise<void> {
      await db('user_sites').where({ site_id: siteId, user_id: userId }).delete()
      await db('users').where({ id: userId, default_site_id: siteId }).update({ default_site_id: null })
    },
  }
}
