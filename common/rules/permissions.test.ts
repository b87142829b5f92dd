import { describe, expect, test } from 'vitest'
import { type TenantRole, tenantRoles } from '../contract/auth.ts'
import type { SiteRole } from '../contract/sites.ts'
import { type Action, grantsOf, may, needsSite, type Subject } from './permissions.ts'

/** SPEC §3, for the actions there are: everything, one's own records, nothing. */
const table = {
  'session.own': { stranger: 'any', viewer: 'any', editor: 'any', administrator: 'any' },
  'sync.use': { stranger: 'any', viewer: 'any', editor: 'any', administrator: 'any' },
  'site.read': { stranger: 'any', viewer: 'any', editor: 'any', administrator: 'any' },
  'interaction.read': { stranger: '–', viewer: 'any', editor: 'any', administrator: 'any' },
  'interaction.create': { stranger: '–', viewer: '–', editor: 'any', administrator: 'any' },
  'interaction.update': { stranger: '–', viewer: '–', editor: 'any', administrator: 'any' },
  'interaction.delete': { stranger: '–', viewer: '–', editor: 'own', administrator: 'any' },
  'interaction.deleteMany': { stranger: '–', viewer: '–', editor: '–', administrator: 'any' },
  'interaction.readDeleted': { stranger: '–', viewer: '–', editor: '–', administrator: 'any' },
  'interaction.restore': { stranger: '–', viewer: '–', editor: '–', administrator: 'any' },
  'interaction.export': { stranger: '–', viewer: '–', editor: 'any', administrator: 'any' },
  'interaction.import': { stranger: '–', viewer: '–', editor: '–', administrator: 'any' },
  'view.own': { stranger: '–', viewer: 'any', editor: 'any', administrator: 'any' },
  'view.share': { stranger: '–', viewer: '–', editor: 'any', administrator: 'any' },
  'view.manage': { stranger: '–', viewer: '–', editor: '–', administrator: 'any' },
  'site.manage': { stranger: '–', viewer: '–', editor: '–', administrator: 'any' },
  'site.people': { stranger: '–', viewer: '–', editor: '–', administrator: 'any' },
  'shop.read': { stranger: '–', viewer: 'any', editor: 'any', administrator: 'any' },
  'shop.manage': { stranger: '–', viewer: '–', editor: '–', administrator: 'any' },
  'brand.read': { stranger: 'any', viewer: 'any', editor: 'any', administrator: 'any' },
  'survey.read': { stranger: 'any', viewer: 'any', editor: 'any', administrator: 'any' },
  'audit.readOfSite': { stranger: '–', viewer: '–', editor: '–', administrator: 'any' },
} satisfies Partial<Record<Action, Record<SiteRole | 'stranger', 'any' | 'own' | '–'>>>

const admins: TenantRole[] = ['admin']
const areaManagers: TenantRole[] = ['area_manager', 'regional_manager', 'national_manager', ...admins]
const leaders: TenantRole[] = ['team_leader', ...areaManagers]

/** What is an agent's own, at the sites they belong to. */
const ofAgents = ['visit.start', 'visit.work'] as const satisfies Action[]

/** What leaders do to whom they lead, in a site that has to be named. */
const inSite = ['callCycle.create'] as const satisfies Action[]

/** What the role in the tenant decides, in whatever site. */
const tenantTable: Record<
  Exclude<Action, keyof typeof table | (typeof ofAgents)[number] | (typeof inSite)[number]>,
  readonly TenantRole[]
> = {
  'type.manage': admins,
  'brand.manage': admins,
  'survey.manage': admins,
  'visit.read': leaders,
  'goal.read': leaders,
  'goal.manage': leaders,
  'callCycle.read': leaders,
  'callCycle.manage': leaders,
  'callCycle.excuse': leaders,
  'analytics.read': leaders,
  'analytics.coverage': leaders,
  'report.read': admins,
  'report.schedule': leaders,
  'tenant.read': ['admin', 'super_admin'],
  'tenant.update': ['admin', 'super_admin'],
  'tenant.manage': admins,
  'tenant.list': ['super_admin'],
  'tenant.create': ['super_admin'],
  'tenant.suspend': ['super_admin'],
  'site.create': admins,
  'site.update': admins,
  'user.list': leaders,
  'user.read': leaders,
  'user.create': admins,
  'user.update': admins,
  'user.manage': admins,
  'user.forget': admins,
  'user.copyData': admins,
  'team.list': leaders,
  'team.manage': areaManagers,
  'team.addMember': leaders,
  'audit.read': ['admin', 'super_admin'],
  'activity.read': ['admin', 'super_admin'],
  'device.manage': admins,
  'notice.manage': admins,
}

/** What anyone may do to themselves. */
const ofOneself = new Set<Action>([
  'user.read',
  'user.update',
  'user.copyData',
  'visit.read',
  'goal.read',
  'callCycle.read',
  'callCycle.excuse',
  'analytics.read',
])
/** What a role in the tenant opens in every site of it. */
const inEverySite: Partial<Record<Action, TenantRole[]>> = { 'site.people': ['admin'] }

/** What reaches leaders only at or below the teams they lead. */
const inTeams = new Set<Action>([
  'visit.read',
  'goal.read',
  'goal.manage',
  'callCycle.read',
  'callCycle.manage',
  'callCycle.excuse',
  'analytics.read',
  'analytics.coverage',
  'report.schedule',
  'user.list',
  'user.read',
  'team.list',
  'team.manage',
  'team.addMember',
])

const actions = Object.keys(table) as (keyof typeof table)[]
const someone = (role: SiteRole | 'stranger', roles: Subject['roles'] = []): Subject => ({
  id: 'me',
  roles,
  // Another site in which one may do everything, to show that it does not count here.
  sites: [{ id: 'elsewhere', role: 'administrator' }, ...(role === 'stranger' ? [] : [{ id: 'here', role }])],
})

test.each(tenantRoles)('callCycle.create: %s', (role) => {
  for (const action of inSite) {
    const allowed = leaders.includes(role)
    expect(needsSite(action)).toBe(true)
    expect(may(someone('administrator'), action, { siteId: 'here' })).toBe(false)
    expect(may(someone('viewer', [role]), action, { siteId: 'here' })).toBe(allowed)
    expect(may(someone('stranger', [role]), action, { siteId: 'here' })).toBe(false)
  }
})

for (const action of actions) {
  describe(action, () => {
    test.each(Object.entries(table[action]))('%s: %s', (role, reach) => {
      const subject = someone(role as SiteRole | 'stranger')
      expect(may(subject, action, { siteId: 'here', createdBy: 'me' })).toBe(reach !== '–')
      expect(may(subject, action, { siteId: 'here', createdBy: 'other' })).toBe(reach === 'any')
      // Before the record is known the question is whether there may be one.
      expect(may(subject, action, { siteId: 'here' })).toBe(reach !== '–')
    })

    test('in no site, or an unknown one, only what everyone may', () => {
      const everyone = table[action].stranger === 'any'
      expect(may(someone('administrator'), action)).toBe(everyone)
      expect(may(someone('administrator'), action, { siteId: 'nowhere' })).toBe(everyone)
      expect(needsSite(action)).toBe(!everyone)
    })

    test('a tenant role alone opens no site', () => {
      const everyone = table[action].stranger === 'any'
      for (const role of tenantRoles) {
        const opened = everyone || inEverySite[action]?.includes(role) === true
        expect(may(someone('stranger', [role]), action, { siteId: 'here' })).toBe(opened)
      }
    })
  })
}

for (const [action, roles] of Object.entries(tenantTable) as [keyof typeof tenantTable, TenantRole[]][]) {
  test.each(tenantRoles)(`${action}: %s`, (role) => {
    const allowed = roles.includes(role)
    for (const site of ['stranger', 'administrator'] as const) {
      const subject = someone(site, [role])
      expect(may(subject, action, { userId: 'other' })).toBe(allowed)
      expect(may(subject, action, { userId: 'me' })).toBe(allowed || ofOneself.has(action))
      expect(may(subject, action)).toBe(allowed || ofOneself.has(action))
      expect(may(subject, action, { userId: 'other', siteId: 'here' })).toBe(allowed)
    }
    expect(needsSite(action)).toBe(false)
    const beyond = allowed && (!inTeams.has(action) || role === 'admin')
    expect(may(someone('stranger', [role]), action, { userId: 'other', inTeam: false })).toBe(beyond)
    expect(may(someone('stranger', [role]), action, { userId: 'other', inTeam: true })).toBe(allowed)
  })

  test(`${action}: no role in a site is enough`, () =>
    expect(may(someone('administrator'), action, { siteId: 'here', userId: 'other' })).toBe(false))
}

describe.each(ofAgents)('%s', (action) => {
  test.each(tenantRoles)('%s', (role) => {
    const isAgent = role === 'agent'
    const subject = someone('viewer', [role])
    expect(may(subject, action)).toBe(isAgent)
    expect(may(subject, action, { siteId: 'here' })).toBe(isAgent)
    expect(may(subject, action, { siteId: 'here', createdBy: 'me' })).toBe(isAgent)
    expect(may(subject, action, { siteId: 'here', createdBy: 'other' })).toBe(false)
    expect(may(subject, action, { siteId: 'nowhere', createdBy: 'me' })).toBe(false)
    expect(may({ ...subject, sites: [] }, action)).toBe(false)
  })

  test('no role in a site is enough', () =>
    expect(may(someone('administrator'), action, { siteId: 'here', createdBy: 'me' })).toBe(false))

  test('happens in a site where it begins', () => expect(needsSite(action)).toBe(action === 'visit.start'))
})

test('the database is told of what is one’s own, and of what is one’s people’s', () => {
  const grants = (...roles: TenantRole[]) =>
    grantsOf(someone('administrator', roles), 'here').filter((grant) => grant.startsWith('visit.'))
  expect(grants()).toEqual(['visit.read:own'])
  expect(grants('agent')).toEqual(['visit.start:own', 'visit.work:own', 'visit.read:own'])
  expect(grants('team_leader')).toEqual(['visit.read:own', 'visit.read:team'])
  expect(grants('admin')).toEqual(['visit.read'])
})
