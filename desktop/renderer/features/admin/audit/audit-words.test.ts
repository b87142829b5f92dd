import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AuditEntry } from '#common/contract/audit'
import { auditActions } from '#common/contract/audit-actions'
import {
  actionGroups,
  actorWords,
  auditTags,
  entryWords,
  happened,
  noFilters,
  startOfDay,
  subjectWords,
  valueRows,
  whereWords,
} from './audit-words.ts'

const id = '0192f000-0000-7000-8000-000000000001'
const entry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  id,
  at: '2026-11-21T10:00:00.000Z',
  action: 'interaction.updated',
  actor: { id, displayName: 'Edith Vale' },
  site: null,
  entity: null,
  entityId: null,
  oldValues: null,
  newValues: null,
  address: null,
  device: null,
  requestId: null,
  ...changes,
})
const rows = (oldValues: unknown, newValues: unknown) =>
  valueRows(entry({ oldValues, newValues })).map(({ label, before, after }) => [label, before, after])

beforeEach(() => void vi.stubEnv('TZ', 'Europe/Berlin'))
afterEach(() => void vi.unstubAllEnvs())

describe('what somebody did', () => {
  test('is said in a sentence', () => {
    expect(entryWords(entry())).toBe('Edith Vale changed an interaction')
    expect(happened('device.signed_out')).toBe('Signed a device out')
    expect(happened('user.password_reset_mailed')).toBe('Sent a person a code for a new password')
  })

  test('has words of its own for all that the server writes, in a group to choose', () => {
    const groups = actionGroups.map(({ action }) => action)
    for (const action of auditActions) {
      // In another area the deed has none.
      const [area, deed] = action.split('.')
      expect(happened(action), action).not.toBe(happened(`${area} ${deed}`))
      expect(groups).toContain(`${area}.*`)
    }
    expect(happened('session.locked')).toBe('Locked an account after too many wrong passwords')
  })

  test('is said in plain words where it has none of its own, in a group that is known or not', () => {
    expect(happened('team.leaderReplaced')).toBe('Team leader replaced')
    expect(happened('visit.checked-in')).toBe('Visit checked in')
    expect(happened('constructor.toString')).toBe('Constructor to string')
  })

  test('is said of whoever did it', () => {
    expect(actorWords(entry({ actor: null, enteredBy: id }))).toBe('A super admin')
    expect(actorWords(entry({ actor: null, action: 'session.refused' }))).toBe('Somebody')
    expect(actorWords(entry({ actor: null, action: 'access.refused' }))).toBe('Somebody')
    expect(actorWords(entry({ actor: null, action: 'user.resetRequested' }))).toBe('Somebody')
    expect(actorWords(entry({ actor: null, action: 'interaction.purged' }))).toBe('Fieldbook')
  })

  test('is said of where it was', () => {
    expect(whereWords(entry(), 'the organisation')).toBe('The organisation')
    expect(whereWords(entry({ site: { id, name: 'Marketing' } }), 'the organisation')).toBe('Marketing')
  })
})

test('what it was done to is called as it is now, as it was, or not at all', () => {
  const name = (oldValues: unknown, newValues: unknown) => subjectWords(entry({ oldValues, newValues }))
  expect(name({ title: 'Before' }, { title: 'After' })).toBe('After')
  expect(name({ displayName: 'Edith' }, null)).toBe('Edith')
  expect(name({ title: 'Before' }, { title: '' })).toBe('Before')
  expect(name({ name: 'Sales' }, { active: false })).toBe('Sales')
  expect(name(null, { title: 42, fileName: 'leads.csv' })).toBe('leads.csv')
  for (const odd of [null, 'title', ['title'], 7]) expect(name(odd, odd)).toBe('')
})

describe('values', () => {
  test('that differ are told as they were and as they are', () => {
    expect(
      rows({ title: 'One', notes: 'Same', version: 1 }, { title: 'Two', notes: 'Same', version: 2 }),
    ).toEqual([
      ['Title', 'One', 'Two'],
      ['Version', '1', '2'],
    ])
    expect(rows({ active: true }, { active: false })).toEqual([['Active', 'Yes', 'No']])
    expect(rows({ archiveAfterYears: 3 }, { archiveAfterYears: null })).toEqual([
      ['Archive after years', '3', ''],
    ])
  })

  test('of what came or went have one side, and what is empty says nothing', () => {
    expect(rows(null, { title: 'New', notes: '' })).toEqual([['Title', null, 'New']])
    expect(rows({ title: 'Old', notes: '' }, null)).toEqual([['Title', 'Old', null]])
    expect(rows(null, null)).toEqual([])
  })

  test('within others are fields of their own; lists and moments are readable', () => {
    expect(rows({ settings: { pageSize: 25 } }, { settings: { pageSize: 50 } })).toEqual([
      ['Page size', '25', '50'],
    ])
    expect(rows(null, { roles: ['admin', 'agent'] })).toEqual([['Roles', null, 'admin, agent']])
    expect(rows(null, { sites: [{ siteId: 'x' }] })).toEqual([['Sites', null, '[{"siteId":"x"}]']])
    expect(rows(null, { dueAt: '2026-11-21T23:30:00.000Z' })).toEqual([
      ['Due at', null, '22 Nov 2026, 00:30'],
    ])
    expect(rows(null, { notes: '2026-11-21' })).toEqual([['Notes', null, '2026-11-21']])
  })

  test('of entries that were blanked are how many', () => {
    const blanked = entry({
      action: 'audit.blanked',
      newValues: { count: 1200, positions: [1, 2], digest: 'x' },
    })
    expect(valueRows(blanked)).toMatchObject([{ label: 'Entries', before: null, after: '1,200' }])
  })

  test('that are no object are told whole', () => {
    expect(rows('a', 'b')).toEqual([['Value', 'a', 'b']])
  })
})

describe('filters in force', () => {
  const none = { ...noFilters, siteId: null }
  test('are none at first', () => expect(auditTags(none, null)).toEqual([]))

  test('are said each with what takes it away', () => {
    const filters = {
      siteId: id,
      actor: { id, name: 'Edith Vale' },
      action: 'team.*',
      from: '2026-11-01',
      until: '2026-11-08',
      record: { id, name: 'Zeppelin' },
    }
    const tags = auditTags(filters, 'Marketing')
    expect(tags.map(({ words }) => words)).toEqual([
      'Site: Marketing',
      'Teams',
      'By Edith Vale',
      'About Zeppelin',
      '1–8 Nov 2026',
    ])
    const left = tags.reduce((all, { without }) => ({ ...all, ...without }), filters as object)
    expect(left).toEqual(none)
    expect(auditTags({ ...none, action: 'team.created' }, null)[0]!.words).toBe('Added a team')
    expect(auditTags({ ...none, until: '2026-11-08' }, null)[0]!.words).toBe('Until 8 Nov 2026')
  })

  test('can be each group there is, once', () => {
    const words = actionGroups.map((group) => group.words)
    expect(new Set(words).size).toBe(words.length)
    for (const { action } of actionGroups) expect(action).toMatch(/^[a-zA-Z]+\.\*$/)
  })
})

test('a day begins at midnight on the clock of this computer, also where that is put forward', () => {
  expect(startOfDay('')).toBeNull()
  expect(startOfDay('2026-11-21')).toBe('2026-11-20T23:00:00.000Z')
  expect(startOfDay('2026-11-30', 1)).toBe('2026-11-30T23:00:00.000Z')
  expect(startOfDay('2026-03-29', 1)).toBe('2026-03-29T22:00:00.000Z')
})
