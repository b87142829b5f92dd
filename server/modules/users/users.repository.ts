import type { TenantRole } from '#common/contract/auth'
import type { NewUser, User, UserListQuery, UserSite, UserStatus } from '#common/contract/users'
import { searchTerms } from '#common/rules/folding'
import { sha256 } from '../../shared/canonical-json.ts'
import type { Transaction } from '../../shared/transaction.ts'

interface Columns {
  id: string
  username: string
  email: string
  display_name: string
  status: UserStatus
  default_site_id: string | null
  last_login_at: Date | null
  invited_at: Date | null
  created_at: Date
  version: number
  roles: TenantRole[]
  sites: UserSite[]
}

/** What a person is called and whether they may sign in: the part of them that has a version. */
export type Profile = Pick<User, 'username' | 'email' | 'displayName' | 'defaultSiteId'> & { active: boolean }

export interface Membership {
  siteId: string
  role: NewUser['sites'][number]['role']
}

export interface FirstPassword {
  hash: string
  /** Because somebody else chose it. */
  mustChange: boolean
}

/** Wrong passwords are counted by the hash of a person's id. */
const accountOf = 'sha256(convert_to(u.id::text, $$UTF8$$))'
const status = `
  CASE
    WHEN u.forgotten_at IS NOT NULL THEN 'forgotten'
    WHEN NOT u.active THEN 'disabled'
    WHEN u.password_changed_at <= u.invited_at THEN 'invited'
    WHEN EXISTS (SELECT FROM sign_in_failures f WHERE f.account = ${accountOf} AND f.locked_until > now())
      THEN 'locked'
    ELSE 'active'
  END`

const sortColumns: Record<string, string> = {
  displayName: 'u.name_key',
  username: 'lower(u.username)',
  email: 'lower(u.email)',
  lastLoginAt: 'u.last_login_at',
  createdAt: 'u.created_at',
}

/** Whoever is in a team below those that the scope's person leads. */
const inTheirTeams = 'u.id = ANY ((SELECT scope_people())::uuid[])'

const userOf = (row: Columns): User => ({
  id: row.id,
  username: row.username,
  email: row.email,
  displayName: row.display_name,
  status: row.status,
  roles: row.roles,
  sites: row.sites,
  defaultSiteId: row.default_site_id,
  lastLoginAt: row.last_login_at?.toISOString() ?? null,
  invitedAt: row.invited_at?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
  version: row.version,
})

export const createUsersRepository = ({ db, scope }: Transaction) => {
  const rowsOf = async <Row>(sql: string, values: Record<string, unknown>): Promise<Row[]> =>
    (await db.raw<{ rows: Row[] }>(sql, { tenantId: scope.tenantId, ...values } as never)).rows

  /** Of these, those the organisation has, in no order. `teamsOnly`: and the scope's person leads. */
  async function find(ids: readonly string[], teamsOnly = false): Promise<User[]> {
    const rows = await rowsOf<Columns>(
      `SELECT u.id, u.username, u.email, u.display_name, ${status} AS status, u.default_site_id, u.last_login_at,
         u.invited_at, u.created_at, u.version,
         ARRAY(SELECT r.role FROM user_roles r WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id ORDER BY r.role)
           AS roles,
         (
           SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name, 'role', m.role) ORDER BY s.name), '[]')
           FROM user_sites m
           JOIN sites s ON s.tenant_id = m.tenant_id AND s.id = m.site_id
           WHERE m.tenant_id = u.tenant_id AND m.user_id = u.id
         ) AS sites
       FROM users u
       WHERE u.tenant_id = :tenantId AND u.id = ANY (:ids::uuid[]) ${teamsOnly ? `AND ${inTheirTeams}` : ''}`,
      { ids },
    )
    return rows.map(userOf)
  }

  return {
    find,

    async page(
      {
        search = '',
        role,
        site,
        team,
        status: wanted,
        sort = 'displayName',
        page = 1,
        pageSize = 25,
      }: UserListQuery,
      teamsOnly: boolean,
    ): Promise<{ users: User[]; total: number }> {
      const terms = searchTerms(search).map((term) => `%${term.replace(/[\\%_]/g, '\\$&')}%`)
      const member = (table: string, column: string) => `EXISTS (
        SELECT FROM ${table} m WHERE m.tenant_id = u.tenant_id AND m.user_id = u.id AND m.${column} = :${column})`
      const where = [
        'u.tenant_id = :tenantId',
        teamsOnly && inTheirTeams,
        terms.length > 0 && 'u.search_text LIKE ALL (:terms::text[])',
        role && member('user_roles', 'role'),
        site && member('user_sites', 'site_id'),
        team && member('user_teams', 'team_id'),
        wanted && `${status} = :wanted`,
      ]
        .filter((condition) => typeof condition === 'string' && condition !== '')
        .join(' AND ')
      const values = {
        terms,
        role: role ?? null,
        site_id: site ?? null,
        team_id: team ?? null,
        wanted: wanted ?? null,
      }
      const used = Object.fromEntries(Object.entries(values).filter(([name]) => where.includes(`:${name}`)))
      const [counted] = await rowsOf<{ total: number }>(
        `SELECT count(*)::int AS total FROM users u WHERE ${where}`,
        used,
      )
      const direction = sort.startsWith('-') ? 'DESC' : 'ASC'
      const found = await rowsOf<{ id: string }>(
        `SELECT u.id FROM users u WHERE ${where}
         ORDER BY ${sortColumns[sort.replace('-', '')]!} ${direction} NULLS LAST, u.id ${direction}
         LIMIT :limit OFFSET :offset`,
        { ...used, limit: pageSize, offset: (page - 1) * pageSize },
      )
      const users = new Map((await find(found.map(({ id }) => id))).map((user) => [user.id, user]))
      return { users: found.flatMap(({ id }) => users.get(id) ?? []), total: counted!.total }
    },

    /** Held until the transaction ends. */
    async lock(id: string): Promise<User | null> {
      const locked = await db('users').where({ id }).forNoKeyUpdate().first<{ id: string } | undefined>('id')
      return locked ? ((await find([id]))[0] ?? null) : null
    },

    async insert(
      user: Pick<NewUser, 'username' | 'email' | 'displayName'> & {
        id: string
        defaultSiteId: string | null
      },
      password: FirstPassword | null,
    ): Promise<void> {
      await db('users').insert({
        tenant_id: scope.tenantId,
        id: user.id,
        username: user.username,
        email: user.email,
        display_name: user.displayName,
        default_site_id: user.defaultSiteId,
        ...(password
          ? { password_hash: password.hash, must_change_password: password.mustChange }
          : { invited_at: db.fn.now() }),
      })
    },

    /** Another address is nobody's before a code that is mailed there is used, whoever set it. */
    async update(id: string, profile: Profile): Promise<void> {
      await db('users')
        .where({ id })
        .update({
          username: profile.username,
          email: profile.email,
          email_confirmed: db.raw('email_confirmed AND email = ?', [profile.email]),
          display_name: profile.displayName,
          default_site_id: profile.defaultSiteId,
          active: profile.active,
          version: db.raw('version + 1'),
        })
    },

    async setInvited(id: string): Promise<void> {
      await db('users').where({ id }).update({ invited_at: db.fn.now() })
    },

    async endSessions(userId: string): Promise<void> {
      await db('sessions')
        .where({ user_id: userId })
        .whereNull('revoked_at')
        .update({ revoked_at: db.fn.now() })
    },

    async unlock(userId: string): Promise<void> {
      const account = sha256(userId)
      await db('sign_in_failures').where({ account }).delete()
      await db('sign_in_attempts').where({ account }).delete()
    },

    async assignRoles(userId: string, roles: readonly TenantRole[]): Promise<void> {
      await db('user_roles').where({ user_id: userId }).whereNotIn('role', roles).delete()
      if (roles.length === 0) return
      await db('user_roles')
        .insert(roles.map((role) => ({ tenant_id: scope.tenantId, user_id: userId, role })))
        .onConflict()
        .ignore()
    },

    async assignSites(
      userId: string,
      memberships: readonly Membership[],
      assignedBy: string | null,
    ): Promise<void> {
      await db('user_sites').insert(
        memberships.map(({ siteId, role }) => ({
          tenant_id: scope.tenantId,
          user_id: userId,
          site_id: siteId,
          role,
          assigned_by: assignedBy,
        })),
      )
    },

    /** Of these, the sites in use. */
    activeSites: (ids: readonly string[]): Promise<string[]> =>
      db('sites').whereIn('id', ids).where({ active: true }).pluck('id'),

    /** Whether anybody but this person, and able to sign in, is an admin. */
    async hasOtherAdmin(userId: string): Promise<boolean> {
      const others = await rowsOf(
        `SELECT FROM user_roles r JOIN users u ON u.tenant_id = r.tenant_id AND u.id = r.user_id AND u.active
         WHERE r.tenant_id = :tenantId AND r.role = 'admin' AND r.user_id <> :userId LIMIT 1`,
        { userId },
      )
      return others.length > 0
    },

    /** Active people by role. */
    async countByRole(teamsOnly: boolean): Promise<Map<string, number>> {
      const rows = await rowsOf<{ role: string; users: number }>(
        `SELECT r.role, count(*)::int AS users
         FROM user_roles r JOIN users u ON u.tenant_id = r.tenant_id AND u.id = r.user_id AND u.active
         WHERE r.tenant_id = :tenantId ${teamsOnly ? `AND ${inTheirTeams}` : ''} GROUP BY r.role`,
        {},
      )
      return new Map(rows.map(({ role, users }) => [role, users]))
    },
  }
}
