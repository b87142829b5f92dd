import { describe, expect, it } from 'vitest'
import { changesOf, isChanged, type PersonValues, rebase, wrongIn } from './person-values.ts'

const paula: PersonValues = {
  displayName: 'Paula García',
  username: 'paula',
  email: 'paula@harbour-vale.example',
  roles: ['agent'],
  sites: { marketing: 'editor', sales: 'viewer' },
}

describe('changes', () => {
  it('are none where nothing but spaces and the order of roles differ', () => {
    const before: PersonValues = { ...paula, roles: ['agent', 'team_leader'] }
    const after: PersonValues = { ...before, displayName: ' Paula García ', roles: ['team_leader', 'agent'] }
    expect(isChanged(changesOf(before, after))).toBe(false)
  })

  it('name each site whose role is another, and those left', () => {
    const sites = { marketing: 'administrator', support: 'viewer' } as const
    expect(changesOf(paula, { ...paula, email: 'p@x.example', sites })).toEqual({
      texts: { email: 'p@x.example' },
      roles: null,
      sites: { marketing: 'administrator', sales: null, support: 'viewer' },
    })
  })
})

describe('rebase', () => {
  const now: PersonValues = {
    displayName: 'Paula Diaz',
    username: 'paula',
    email: 'diaz@harbour-vale.example',
    roles: ['agent', 'area_manager'],
    sites: { marketing: 'viewer', support: 'editor' },
  }

  it('takes the person as they are now where nothing was typed', () => {
    expect(rebase(paula, paula, now)).toEqual(now)
  })

  it('keeps what was typed, role by role and site by site', () => {
    const typed: PersonValues = {
      ...paula,
      email: 'mine@harbour-vale.example',
      roles: ['team_leader'],
      sites: { marketing: 'administrator', sales: 'viewer' },
    }
    expect(rebase(typed, paula, now)).toEqual({
      displayName: 'Paula Diaz',
      username: 'paula',
      email: 'mine@harbour-vale.example',
      roles: ['area_manager', 'team_leader'],
      sites: { marketing: 'administrator', support: 'editor' },
    })
  })

  it('keeps a site that was taken away by hand out of them', () => {
    expect(rebase({ ...paula, sites: { sales: 'viewer' } }, paula, paula).sites).toEqual({ sales: 'viewer' })
  })
})

describe('what is wrong', () => {
  it('is nothing with a whole person', () => expect(wrongIn(paula)).toEqual({}))

  it.each([
    ['displayName', { displayName: '  ' }],
    ['username', { username: '' }],
    ['username', { username: 'a@b' }],
    ['email', { email: 'paula' }],
    ['email', { email: 'pau la@x.example' }],
    ['email', { email: 'paula@x@example' }],
    ['sites', { sites: {} }],
  ] as const)('is said of %s: %j', (field, change) => {
    expect(Object.keys(wrongIn({ ...paula, ...change }))).toEqual([field])
  })
})
