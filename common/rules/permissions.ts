import type { TenantRole } from '../contract/auth.ts'
import type { SiteRole } from '../contract/sites.ts'

/**
 * Who may do what (SPEC §3): the one table from which API and app decide. A tenant's `admin` is administrator of all
 * its sites, which the server has already written into the subject's `sites`.
 */

type Reach = 'any' | 'own'

interface Rule {
  /** Anyone signed in. */
  everyone?: true
  /** By role in the site the action is about; `own` only for records one created. */
  site?: Partial<Record<SiteRole, Reach>>
  /** By role in the tenant, wherever it happens. */
  tenant?: readonly TenantRole[]
  /** By role in the tenant, to the teams at or below those one leads, to their people and what these did. */
  team?: readonly TenantRole[]
  /** By role in the tenant, in the sites one belongs to and to what is one's own. */
  member?: readonly TenantRole[]
  /** To oneself. */
  self?: true
  /** A request for it must say in which site it happens, as where a role in the site decides. */
  inSite?: true
}

const readers = { viewer: 'any', editor: 'any', administrator: 'any' } as const
const writers = { editor: 'any', administrator: 'any' } as const
const administrators = { administrator: 'any' } as const

/** Of an organisation. A super admin has none of their own, and these rights too in one they have entered. */
const admins = ['admin'] as const
/** What a super admin is in an organisation they entered: an admin who belongs to none of its sites. */
export const rolesInside: readonly TenantRole[] = ['super_admin', 'admin']
/** Each of what is theirs: an admin of the organisation, a super admin of the platform. */
const auditors = [...admins, 'super_admin'] as const
const areaManagers = ['area_manager', 'regional_manager', 'national_manager'] as const
const leaders = ['team_leader', ...areaManagers] as const
const agents = ['agent'] as const

const policy = {
  'session.own': { everyone: true },
  'sync.use': { everyone: true },
  'site.read': { everyone: true },
  'interaction.read': { site: readers },
  'interaction.create': { site: writers },
  'interaction.update': { site: writers },
  'interaction.delete': { site: { editor: 'own', administrator: 'any' } },
  'interaction.deleteMany': { site: administrators },
  'interaction.readDeleted': { site: administrators },
  'interaction.restore': { site: administrators },
  'interaction.export': { site: writers },
  'interaction.import': { site: administrators },
  'view.own': { site: readers },
  'view.share': { site: writers },
  'view.manage': { site: administrators },
  'site.manage': { site: administrators },
  'site.people': { site: administrators, tenant: admins },
  'site.create': { tenant: admins },
  'site.update': { tenant: admins },
  'type.manage': { tenant: admins },
  'shop.read': { site: readers },
  'shop.manage': { site: administrators },
  'brand.read': { everyone: true },
  'brand.manage': { tenant: admins },
  'survey.read': { everyone: true },
  'survey.manage': { tenant: admins },
  'visit.start': { member: agents, inSite: true },
  'visit.work': { member: agents },
  'visit.read': { tenant: admins, team: leaders, self: true },
  'goal.read': { tenant: admins, team: leaders, self: true },
  'goal.manage': { tenant: admins, team: leaders },
  'callCycle.read': { tenant: admins, team: leaders, self: true },
  'callCycle.create': { member: [...admins, ...leaders], inSite: true },
  'callCycle.manage': { tenant: admins, team: leaders },
  'callCycle.excuse': { tenant: admins, team: leaders, self: true },
  'analytics.read': { tenant: admins, team: leaders, self: true },
  'analytics.coverage': { tenant: admins, team: leaders },
  'report.read': { tenant: admins },
  'report.schedule': { tenant: admins, team: leaders },
  'user.list': { tenant: admins, team: leaders },
  'user.read': { tenant: admins, team: leaders, self: true },
  'user.create': { tenant: admins },
  'user.update': { tenant: admins, self: true },
  'user.manage': { tenant: admins },
  'user.forget': { tenant: admins },
  'user.copyData': { tenant: admins, self: true },
  'team.list': { tenant: admins, team: leaders },
  'team.manage': { tenant: admins, team: areaManagers },
  'team.addMember': { tenant: admins, team: leaders },
  'tenant.read': { tenant: auditors },
  'tenant.update': { tenant: auditors },
  'tenant.manage': { tenant: admins },
  'tenant.list': { tenant: ['super_admin'] },
  'tenant.create': { tenant: ['super_admin'] },
  'tenant.suspend': { tenant: ['super_admin'] },
  'audit.read': { tenant: auditors },
  'audit.readOfSite': { site: administrators },
  'activity.read': { tenant: auditors },
  'device.manage': { tenant: admins },
  'notice.manage': { tenant: admins },
} as const satisfies Record<string, Rule>

export type Action = keyof typeof policy

/** Whether an action happens in a site, so that a request for it must say which. */
export const needsSite = (action: Action): boolean => {
  const { site, inSite }: Rule = policy[action]
  return site !== undefined || inSite === true
}

export interface Subject {
  id: string
  roles: readonly TenantRole[]
  sites: readonly { id: string; role: SiteRole }[]
}

/**
 * What an action is about: the site it happens in and, for a record, who created it, or a person; `inTeam` of a person,
 * a team or what somebody did says whether it is at or below the teams the subject leads.
 */
export interface Target {
  siteId?: string
  createdBy?: string
  userId?: string
  inTeam?: boolean
}

/**
 * May `subject` do `action` to `target`? Without `createdBy`, `userId` or `inTeam` the answer is whether there may be
 * any record of the site, any person or any team it may be done to: what a route asks before the record is known.
 */
export function may(subject: Subject, action: Action, target: Target = {}): boolean {
  const rule: Rule = policy[action]
  if (rule.everyone || rule.tenant?.some((role) => subject.roles.includes(role))) return true
  if (rule.team?.some((role) => subject.roles.includes(role)) && target.inTeam !== false) return true
  if (rule.self && (target.userId === undefined || target.userId === subject.id)) return true
  if (rule.member?.some((role) => subject.roles.includes(role))) return isOwnWork(subject, target)
  const role = subject.sites.find((site) => site.id === target.siteId)?.role
  const reach = role && rule.site?.[role]
  if (reach === 'own') return target.createdBy === undefined || target.createdBy === subject.id
  return reach === 'any'
}

const isOwnWork = ({ id, sites }: Subject, { siteId, createdBy }: Target): boolean =>
  (siteId === undefined ? sites.length > 0 : sites.some((site) => site.id === siteId)) &&
  (createdBy === undefined || createdBy === id)

/**
 * All that `subject` may do in a site, or in none, and in the tenant: by name to anything, and with `:own` behind it to
 * what is theirs alone, which is themselves, what they created or the teams they lead; `:team` is behind it too where
 * what people of these teams did is meant. The database asks by this.
 */
export function grantsOf(subject: Subject, siteId: string | null): string[] {
  const here = { ...subject, sites: subject.sites.filter(({ id }) => id === siteId) }
  const place = siteId === null ? {} : { siteId }
  const others = { ...place, createdBy: '', userId: '', inTeam: false }
  return (Object.keys(policy) as Action[]).flatMap((action) => {
    if (may(here, action, others)) return action
    const ofTeam = may(here, action, { ...others, inTeam: true }) ? [`${action}:team`] : []
    return may(here, action, place) ? [`${action}:own`, ...ofTeam] : []
  })
}
