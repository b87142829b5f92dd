import { describe, expect, test } from 'vitest'
import type { InteractionFields } from '../contract/interactions.ts'
import type { BulkChange } from '../contract/record-keeping.ts'
import type { SiteRole } from '../contract/sites.ts'
import { bulkEffect } from './bulk.ts'
import { emptyFields } from './interaction-rules.ts'

const record = (changes: Partial<InteractionFields> = {}) => ({
  ...emptyFields,
  title: 'Review',
  type: 'Meeting',
  lead: 'Ana Jones',
  startDateTime: '2026-03-02T09:00:00.000Z',
  endDateTime: '2026-03-02T10:00:00.000Z',
  timezone: 'Europe/Berlin',
  siteId: 'here',
  createdBy: 'me',
  ...changes,
})
const actor = (role: SiteRole) => ({ id: 'me', roles: [], sites: [{ id: 'here', role }] })
const update = (patch: Partial<InteractionFields>): BulkChange => ({ kind: 'update', patch })
const archive: BulkChange = { kind: 'archive' }
const reason = (text: string) => ({ reason: expect.stringContaining(text) as string })

describe('who may', () => {
  test.each<[SiteRole, BulkChange, object]>([
    ['viewer', update({ lead: 'Bo' }), reason('does not allow you to change')],
    ['viewer', archive, reason('does not allow you to change')],
    ['viewer', { kind: 'delete' }, reason('Only administrators')],
    ['editor', update({ lead: 'Bo' }), { patch: { lead: 'Bo' } }],
    ['editor', archive, { patch: { status: 'archived' } }],
    ['editor', { kind: 'delete' }, reason('Only administrators')],
    ['administrator', update({ lead: 'Bo' }), { patch: { lead: 'Bo' } }],
    ['administrator', { kind: 'delete' }, { delete: true }],
  ])('%s: %j', (role, change, effect) => expect(bulkEffect(record(), actor(role), change)).toEqual(effect))

  test('nobody in a site that is not theirs', () =>
    expect(bulkEffect({ ...record(), siteId: 'there' }, actor('administrator'), archive)).toEqual(
      reason('does not allow'),
    ))
})

const decide = (changes: Partial<InteractionFields>, change: BulkChange) =>
  bulkEffect(record(changes), actor('administrator'), change)

test('what is not there is named as such', () =>
  expect(bulkEffect(null, actor('administrator'), archive)).toEqual(reason('deleted meanwhile')))

test('what is like that already is left alone', () => {
  expect(decide({ status: 'archived' }, archive)).toEqual(reason('like that already'))
  expect(decide({}, update({ startDateTime: '2026-03-02T10:00:00+01:00' }))).toEqual(reason('already'))
  expect(decide({}, update({}))).toEqual(reason('already'))
})

test('only what differs is touched, and times together', () => {
  expect(decide({}, update({ title: 'Review', location: 'Hall 1' }))).toEqual({
    patch: { location: 'Hall 1' },
  })
  expect(decide({}, update({ timezone: 'Europe/Paris' }))).toEqual({
    patch: {
      timezone: 'Europe/Paris',
      startDateTime: '2026-03-02T09:00:00.000Z',
      endDateTime: '2026-03-02T10:00:00.000Z',
    },
  })
})

test('a status that does not follow is refused, from and to', () => {
  expect(decide({ status: 'draft' }, archive)).toEqual({
    reason: 'Status: Cannot become archived from draft.',
  })
  expect(decide({ status: 'archived' }, update({ status: 'active' }))).toEqual(
    reason('Cannot become active from archived'),
  )
})

test('what would not be valid is refused field by field', () => {
  expect(decide({ status: 'draft', lead: null, title: null }, update({ status: 'complete' }))).toEqual({
    reason: 'Title: Is required. Lead: Is required.',
  })
  expect(decide({}, update({ endDateTime: '2026-03-02T08:00:00Z' }))).toEqual(
    reason('End: Must be after the start.'),
  )
})
