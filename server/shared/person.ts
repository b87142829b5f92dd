import type { TenantRole } from '#common/contract/auth'
import type { SiteMembership, SiteRole } from '#common/contract/sites'
import type { Actor } from './scope.ts'
import type { Transaction } from './transaction.ts'

/**
 * What a person may do in the scope's site at this moment, for work that goes on when their request is over; null when
 * they are no longer with the organisation.
 */
export async function readPerson(
  { db, scope }: Transaction,
  userId: string,
): Promise<Pick<Actor, 'id' | 'tenantId' | 'roles' | 'sites'> | null> {
  const { rows } = await db.raw<{ rows: Row[] }>(
    `SELECT
       ARRAY(SELECT r.role FROM user_roles r WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id) AS roles,
       s.id AS site_id, s.name AS site_name, m.role AS site_role
     FROM users u
     JOIN tenants t ON t.id = u.tenant_id AND t.status = 'active'
     LEFT JOIN sites s ON s.tenant_id = u.tenant_id AND s.id = :siteId AND s.active
     LEFT JOIN user_sites m ON m.tenant_id = u.tenant_id AND m.site_id = s.id AND m.user_id = u.id
     WHERE u.tenant_id = :tenantId AND u.id = :userId AND u.active`,
    { tenantId: scope.tenantId, siteId: scope.siteId, userId },
  )
  const [row] = rows
  if (!row) return null
  const role = row.roles.includes('admin') ? 'administrator' : row.site_role
  const sites: SiteMembership[] = row.site_id && role ? [{ id: row.site_id, name: row.site_name, role }] : []
  return { id: userId, tenantId: scope.tenantId, roles: row.roles, sites }
}

interface Row {
  roles: TenantRole[]
  site_id: string | null
  site_name: string
  site_role: SiteRole | null
}
