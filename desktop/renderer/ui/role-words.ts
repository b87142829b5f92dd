import type { TenantRole } from '#common/contract/auth'
import type { SiteRole } from '#common/contract/sites'

/** Roles as people say them. */
export const tenantRoleWords: Record<TenantRole, string> = {
  agent: 'Agent',
  team_leader: 'Team leader',
  area_manager: 'Area manager',
  regional_manager: 'Regional manager',
  national_manager: 'National manager',
  admin: 'Organisation admin',
  super_admin: 'Super administrator',
}

export const siteRoleWords: Record<SiteRole, string> = {
  administrator: 'Administrator: everything in this site',
  editor: 'Editor: read, add and change',
  viewer: 'Viewer: read',
}
