import type { TenantRole } from '#common/contract/auth'
import type { Endpoint } from '#common/contract/endpoint'
import { endpoints, type Endpoints } from '#common/contract/index'
import { type SiteRole, siteRoles } from '#common/contract/sites'
import { needsSite, type Subject } from '#common/rules/permissions'

/** Who may call what, once more and in other words than the policy: SPEC §3 as two ladders of endpoints. */

export type Name = keyof Endpoints

/** Of a site: each rung may also do what those above it in this list may. An organisation's admin is on the last one. */
export const siteLadder: Record<SiteRole, readonly Name[]> = {
  viewer: [
    'listInteractions',
    'readInteraction',
    'readHistory',
    'reportLocalExport',
    'listViews',
    'saveView',
    'deleteView',
    'listShops',
    'readShop',
  ],
  editor: [
    'createInteraction',
    'updateInteraction',
    'deleteInteraction',
    'changeInBulk',
    'undoBulk',
    'startExport',
    'readExport',
    'cancelExport',
    'readExportFile',
  ],
  administrator: [
    'listDeleted',
    'restoreInteraction',
    'startImport',
    'sendImportRows',
    'listImports',
    'readImport',
    'checkImport',
    'runImport',
    'undoImport',
    'cancelImport',
    'listImportProblems',
    'readImportFile',
    'changeSiteSettings',
    'listSiteUsers',
    'assignToSite',
    'removeFromSite',
    'listAuditOfSite',
    'exportAuditOfSite',
    'createShop',
    'updateShop',
    'deleteShop',
    'importShops',
  ],
}

/** Of the organisation, and of the platform. An admin may do all but what is a super admin's. */
export const tenantLadder = {
  everybody: [
    'signOut',
    'changePassword',
    'listMySessions',
    'endSession',
    'readMe',
    'listMySites',
    'chooseSite',
    'listSites',
    'readSite',
    'readUser',
    'copyUserData',
    'updateUser',
    'reportDevice',
    'pushMutations',
    'pullChanges',
    'listBrands',
    'readBrand',
    'listInfographics',
    'readInfographicFile',
    'listSurveys',
    'readSurvey',
    'readSurveyVersion',
    'listVisits',
    'readVisit',
    'listVisitPhotos',
    'readPhoto',
    'readPhotoFile',
    'readThumbnail',
    'listGoals',
    'readGoal',
    'readGoalProgress',
    'listCallCycles',
    'readCallCycle',
    'readCycleStatus',
    'explainMiss',
    'readPlan',
    'readOverview',
    'readVisitSeries',
    'readShopFigures',
    'readShelfShare',
    'readShelfShareByShop',
    'readInteractionFigures',
    'readAnalyticsChoices',
  ],
  agent: [
    'startVisit',
    'updateVisit',
    'completeVisit',
    'addPhoto',
    'sendPhoto',
    'sendThumbnail',
    'removePhoto',
    'markShelf',
  ],
  leader: [
    'listUsers',
    'listRoles',
    'listTeams',
    'listTeamMembers',
    'listTeamCandidates',
    'addTeamMember',
    'removeTeamMember',
    'createGoal',
    'updateGoal',
    'deleteGoal',
    'assignGoal',
    'unassignGoal',
    'createCallCycle',
    'updateCallCycle',
    'deleteCallCycle',
    'addCycleLocations',
    'readCoverage',
    'listCoverageSlots',
    'listSchedules',
    'createSchedule',
    'updateSchedule',
    'deleteSchedule',
    'sendSchedule',
  ],
  manager: ['createTeam', 'updateTeam'],
  admin: [
    'createSite',
    'updateSite',
    'listSiteUsers',
    'assignToSite',
    'removeFromSite',
    'readTenantSettings',
    'changeTenantSettings',
    'createUser',
    'disableUser',
    'forgetUser',
    'listDevices',
    'listNotices',
    'createNotice',
    'updateNotice',
    'withdrawNotice',
    'signOutDevice',
    'readFleetHealth',
    'readSurveyCompletion',
    'assignRoles',
    'unlockUser',
    'resetUserPassword',
    'inviteUser',
    'listTypes',
    'addType',
    'updateType',
    'deleteType',
    'createBrand',
    'updateBrand',
    'deleteBrand',
    'addInfographic',
    'sendInfographic',
    'removeInfographic',
    'createSurvey',
    'updateSurvey',
    'deleteSurvey',
    'publishSurvey',
    'addQuestion',
    'updateQuestion',
    'deleteQuestion',
  ],
  auditor: ['listAudit', 'exportAudit', 'readActivity', 'readTenant', 'updateTenant'],
  super_admin: ['listTenants', 'createTenant'],
} as const satisfies Record<string, readonly Name[]>
type Rung = keyof typeof tenantLadder

const managers = ['area_manager', 'regional_manager', 'national_manager', 'admin'] as const
const tenantRungs: Record<Exclude<Rung, 'everybody'>, readonly TenantRole[]> = {
  agent: ['agent'],
  leader: ['team_leader', ...managers],
  manager: managers,
  admin: ['admin'],
  auditor: ['admin', 'super_admin'],
  super_admin: ['super_admin'],
}

export const forAnybody: readonly Name[] = [
  'signIn',
  'refreshSession',
  'forgotPassword',
  'resetPassword',
  'readOidc',
  'startOidc',
  'oidcCallback',
  'finishOidc',
  'readRegistration',
  'registerTenant',
]

/** Who may do to what is not theirs what others may do to themselves, what they made or the teams they lead. */
export const toOthers: Partial<Record<Name, SiteRole | Exclude<Rung, 'everybody'> | 'nobody'>> = {
  readVisit: 'admin',
  listVisitPhotos: 'admin',
  readPhoto: 'admin',
  readPhotoFile: 'admin',
  readThumbnail: 'admin',
  updateVisit: 'nobody',
  completeVisit: 'nobody',
  addPhoto: 'nobody',
  sendPhoto: 'nobody',
  sendThumbnail: 'nobody',
  removePhoto: 'nobody',
  markShelf: 'nobody',
  deleteInteraction: 'administrator',
  readUser: 'admin',
  copyUserData: 'admin',
  updateUser: 'admin',
  listTeamMembers: 'admin',
  listTeamCandidates: 'admin',
  addTeamMember: 'admin',
  removeTeamMember: 'admin',
  createTeam: 'admin',
  updateTeam: 'admin',
  readGoal: 'admin',
  readGoalProgress: 'admin',
  updateGoal: 'admin',
  deleteGoal: 'admin',
  assignGoal: 'admin',
  unassignGoal: 'admin',
  readCallCycle: 'admin',
  readCycleStatus: 'admin',
  explainMiss: 'admin',
  updateCallCycle: 'admin',
  deleteCallCycle: 'admin',
  addCycleLocations: 'admin',
  updateSchedule: 'admin',
  deleteSchedule: 'admin',
  sendSchedule: 'admin',
}

export const roleAt = ({ sites }: Subject, siteId: string) => sites.find(({ id }) => id === siteId)?.role
const isAtLeast = (role: SiteRole | undefined, least: SiteRole) =>
  role !== undefined && siteRoles.indexOf(role) >= siteRoles.indexOf(least)
const rungOf = (name: Name) =>
  (Object.keys(tenantLadder) as Rung[]).find((rung) => (tenantLadder[rung] as readonly Name[]).includes(name))
export const siteRungOf = (name: Name) => siteRoles.find((role) => siteLadder[role].includes(name))
/** What is done at a site one has to belong to, whatever one's role is there. */
const atTheirSite: Partial<Record<Name, Rung>> = { startVisit: 'agent', createCallCycle: 'leader' }
export const isAtSite = (name: Name) => siteRungOf(name) !== undefined || name in atTheirSite
const stands = ({ roles, sites }: Subject, rung: Rung) =>
  rung === 'everybody' ||
  (tenantRungs[rung].some((role) => roles.includes(role)) && (rung !== 'agent' || sites.length > 0))

export function isGivenByTenantRole(name: Name, subject: Subject): boolean {
  const rung = rungOf(name)
  return rung !== undefined && !(name in atTheirSite) && stands(subject, rung)
}

export function isGiven(name: Name, subject: Subject, siteId: string): boolean {
  const least = siteRungOf(name)
  const there = atTheirSite[name]
  if (there) return stands(subject, there) && roleAt(subject, siteId) !== undefined
  return (
    isGivenByTenantRole(name, subject) || (least !== undefined && isAtLeast(roleAt(subject, siteId), least))
  )
}

export function isGivenToOthers(name: Name, subject: Subject, siteId: string): boolean {
  const least = toOthers[name]
  if (least === 'nobody') return false
  if (!least) return isGiven(name, subject, siteId)
  return least in tenantRungs
    ? stands(subject, least as Rung)
    : isAtLeast(roleAt(subject, siteId), least as SiteRole)
}

export const all = Object.entries(endpoints) as [Name, Endpoint][]
export const isOfSite = ({ config: { policy, site } }: Endpoint) =>
  policy !== 'public' && (site === 'path' || needsSite(policy))
