import { describe, expect, it } from 'vitest'
import type { SessionUser } from '#common/contract/auth'
import type { QueueItem } from '#desktop/bridge/channels'
import { changeWords, outcomeWords, type Stop, stoppedAlike, stopOf, stopWords } from './state-words.ts'
import { queueItem } from './test/records.ts'

const user = {
  id: 'u1',
  roles: ['agent'],
  sites: [
    { id: 's1', name: 'Marketing', role: 'editor' },
    { id: 's2', name: 'Sales', role: 'viewer' },
  ],
} as unknown as SessionUser

const waiting = queueItem()
const rejected: QueueItem = {
  ...waiting,
  state: 'rejected',
  problem: { message: 'The interaction is not valid', details: [] },
}
const conflict = { fields: ['location'], base: {}, mine: {}, theirs: { updatedBy: 'u2' } }
const inConflict = { ...waiting, state: 'conflict', conflict } as unknown as QueueItem
const people = { u2: 'Ana Jones' }

const cases: [what: string, item: QueueItem, stop: Stop, words: string][] = [
  ['waits', waiting, 'waiting', 'Location'],
  [
    'fails at the server',
    { ...waiting, problem: rejected.problem },
    'waiting',
    'The server could not save it yet',
  ],
  ['is blocked', { ...waiting, state: 'blocked' }, 'blocked', 'Waits for an earlier edit'],
  ['met another edit', inConflict, 'conflict', 'Also changed by Ana Jones'],
  [
    'met a deletion',
    { ...inConflict, conflict: { ...inConflict.conflict!, theirs: null } },
    'gone',
    'Deleted by somebody else meanwhile',
  ],
  ['deletes what changed', { ...inConflict, op: 'delete' }, 'changed', 'Changed meanwhile by Ana Jones'],
  ['was refused', rejected, 'refused', 'The interaction is not valid'],
  [
    'was refused for a field',
    { ...rejected, problem: { message: 'No', details: [{ field: 'type', message: 'Is unknown' }] } },
    'refused',
    'Type: Is unknown',
  ],
  ['is of a lost site', { ...rejected, siteId: 's3' }, 'left-site', 'You no longer belong to East'],
  [
    'is of a lost site and in conflict',
    { ...inConflict, siteId: 's3', conflict: { ...inConflict.conflict!, theirs: null } },
    'left-site',
    'You no longer belong to East',
  ],
  ['is beyond the role', { ...rejected, siteId: 's2' }, 'role', 'Your role does not allow it any more'],
  [
    'cannot be read',
    { ...rejected, state: 'unreadable', siteId: 's3' },
    'unreadable',
    'Written by a newer version of Fieldbook',
  ],
]

describe('why an edit is not on the server', () => {
  it.each(cases)('when it %s', (_, item, stop, words) => {
    expect(stopOf(item, user)).toBe(stop)
    expect(stopWords(item, stop, people)).toBe(words)
  })

  it('groups what stopped for one reason', () => {
    const same = { ...rejected, mutationId: 'm2' }
    const other = { ...rejected, mutationId: 'm3', problem: { message: 'Other', details: [] } }
    const lost = { ...rejected, mutationId: 'm4', siteId: 's3' }
    const lostToo = { ...inConflict, mutationId: 'm5', siteId: 's3' }
    const all = [rejected, same, other, lost, lostToo]
    expect(stoppedAlike(rejected, all, user)).toEqual([rejected, same])
    expect(stoppedAlike(lost, all, user)).toEqual([lost, lostToo])
  })
})

describe('in a line', () => {
  it('is what an edit does', () => {
    const say = (patch: QueueItem['patch'], op: QueueItem['op'] = 'update') =>
      changeWords({ entity: 'interaction', op, patch })
    expect(say({})).toBe('No change')
    expect(say({ location: 'B', notes: '' })).toBe('Location and Notes')
    expect(say({ title: 'A', type: 'B', location: 'C', notes: 'D' })).toBe('Title, Type and 2 more')
    expect(say({ startDateTime: null, endDateTime: null, timezone: null })).toBe('Start – end')
    expect(say({ title: 'A' }, 'create')).toBe('New record')
    expect(say({}, 'delete')).toBe('Deletion')
  })

  it('is what became of it', () => {
    const past = { ...waiting, endedAt: waiting.savedAt, outcome: 'sent' as const, resolves: null }
    const resolves = { mutationId: 'm0', mine: {}, theirs: {} }
    expect(outcomeWords(past)).toBe('Sent')
    expect(outcomeWords({ ...past, resolves })).toBe('Conflict settled')
    expect(outcomeWords({ ...past, outcome: 'discarded', resolves })).toBe('You discarded it')
    expect(outcomeWords({ ...past, outcome: 'replaced' })).toBe('Replaced by a later edit')
  })
})
