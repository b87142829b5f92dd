import type { TenantRole } from '#common/contract/auth'
import { organisationRoles, type User, type UserStatus } from '#common/contract/users'
import { momentWords, readerZone } from '../../../ui/date-words.ts'
import type { Tone } from '../../../ui/Pill.tsx'
import { tenantRoleWords } from '../../../ui/role-words.ts'

export type OrganisationRole = (typeof organisationRoles)[number]

/** What somebody with the role may do, beyond what their sites let them. */
export const roleMeans: Record<OrganisationRole, string> = {
  agent: 'Makes visits: surveys, photos, shelf shares',
  team_leader: 'Sees the field work of their teams, sets goals and call cycles, adds people to the teams',
  area_manager: 'As a team leader for an area; makes teams',
  regional_manager: 'As an area manager for a region',
  national_manager: 'As a regional manager for the whole country',
  admin: 'Looks after people, sites, types and settings, reads the audit; administrator of every site',
}

export const rolesWords = (roles: readonly TenantRole[]): string =>
  organisationRoles
    .filter((role) => roles.includes(role))
    .map((role) => tenantRoleWords[role])
    .join(', ')

export const statusWords: Record<UserStatus, { words: string; tone: Tone }> = {
  active: { words: 'Active', tone: 'green' },
  invited: { words: 'Invited', tone: 'blue' },
  locked: { words: 'Locked', tone: 'orange' },
  disabled: { words: 'Disabled', tone: 'plain' },
  forgotten: { words: 'Forgotten', tone: 'plain' },
}

export const lastSignIn = ({ lastLoginAt }: User): string =>
  lastLoginAt ? momentWords(lastLoginAt, readerZone()) : 'Never'
