import { describe, expect, test } from 'vitest'
import { type TenantRole, tenantRoles } from '../contract/auth.ts'
import type { SiteRole } from '../contract/sites.ts'
import { type Action, may, needsSite, type Subject } from './permissions.ts'

/** SPEC §3, for the actions there are: everything, one's own records, nothing. */
const table: Record<
  Exclude<Action, 'type.manage' | 'tenant.manage'>,
  Record<SiteRole | 'stranger', 'any' | 'own' | '–'>
> = {
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
}

/** What the role in the tenant decides alone, in whatever site. */
const tenantTable: Record<Exclude<Action, keyof typeof table>, readonly TenantRole[]> = {
  'type.manage': ['admin'],
  'tenant.manage': ['admin'],
}

const actions = Object.keys(table) as (keyof typeof table)[]
const someone = (role: SiteRole | 'stranger', roles: Subject['roles'] = []): Subject => ({
  id: 'me',
  roles,
  // Another site in which one may do everything, to show that it does not count here.
  sites: [{ id: 'elsewhere', role: 'administrator' }, ...(role === 'stranger' ? [] : [{ id: 'here', role }])],
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
        expect(may(someone('stranger', [role]), action, { siteId: 'here' })).toBe(everyone)
      }
    })
  })
}

for (const [action, roles] of Object.entries(tenantTable) as [keyof typeof tenantTable, TenantRole[]][]) {
  test.each(tenantRoles)(`${action}: %s`, (role) => {
    const allowed = roles.includes(role)
    for (const site of ['stranger', 'administrator'] as const) {
      expect(may(someone(site, [role]), action)).toBe(allowed)
      expect(may(someone(site, [role]), action, { siteId: 'here' })).toBe(allowed)
    }
    expect(needsSite(action)).toBe(false)
  })

  test(`${action}: no role in a site is enough`, () =>
    expect(may(someone('administrator'), action, { siteId: 'here' })).toBe(false))
}
