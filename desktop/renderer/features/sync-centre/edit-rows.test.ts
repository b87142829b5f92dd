import { describe, expect, it } from 'vitest'
import type { Interaction } from '#common/contract/interactions'
import type { QueueItem } from '#desktop/bridge/channels'
import { blockerOf, resolutionOf, rowsFor, rowWords } from './edit-rows.ts'

const before = {
  startDateTime: '2026-08-22T12:00:00.000Z',
  endDateTime: '2026-08-22T14:00:00.000Z',
  timezone: 'Europe/Berlin',
}
const theirs: Interaction = {
  id: 'r1',
  siteId: 's1',
  title: 'Client quarterly review',
  type: 'Meeting',
  lead: 'James Smith',
  ...before,
  startDateTime: '2026-08-22T13:00:00.000Z',
  location: 'Virtual',
  description: '',
  notes: '',
  status: 'complete',
  version: 4,
  createdBy: 'u1',
  createdAt: '2026-08-01T08:00:00.000Z',
  updatedBy: 'u2',
  updatedAt: '2026-08-22T07:40:00.000Z',
}
const mine = { ...before, startDateTime: '2026-08-22T12:30:00.000Z', location: 'Conference Room B' }
const item: QueueItem = {
  mutationId: 'm1',
  entityId: 'r1',
  siteId: 's1',
  op: 'update',
  title: 'Client quarterly review',
  savedAt: '2026-08-22T07:12:00.000Z',
  state: 'conflict',
  base: { ...before, location: 'Conference Room A', notes: '' },
  patch: { ...mine, notes: 'Follow up' },
  conflict: {
    fields: ['startDateTime', 'endDateTime', 'timezone', 'location'],
    base: { ...before, location: 'Conference Room A' },
    mine,
    theirs,
  },
  problem: null,
}

describe('rows of an edit', () => {
  it('has start, end and zone as one', () => {
    const rows = rowsFor(item.conflict!.fields)
    expect(rows.map((row) => row.label)).toEqual(['Start – end', 'Location'])
    expect(rowWords(rows[0]!, mine)).toBe('22 Aug 2026, 14:30 – 16:00, Europe/Berlin')
    expect(rowWords(rows[1]!, theirs)).toBe('Virtual')
  })

  it('says nothing for what is empty', () => {
    const [title, status] = rowsFor(['status', 'title'])
    expect(rowWords(title!, { title: null })).toBe('')
    expect(rowWords(status!, { status: 'active' })).toBe('Active')
  })
})

describe('ending a conflict', () => {
  it('takes the chosen values', () => {
    expect(resolutionOf(item, { time: 'mine', location: 'theirs' })).toEqual({
      ...before,
      startDateTime: mine.startDateTime,
      location: 'Virtual',
    })
  })

  it('waits for every choice', () => {
    expect(resolutionOf(item, { time: 'mine' })).toBeNull()
  })

  it('has nothing to offer for a record that is gone', () => {
    const gone = { ...item, conflict: { ...item.conflict!, theirs: null } }
    expect(resolutionOf(gone, { time: 'mine', location: 'mine' })).toBeNull()
  })
})

it('names the edit that holds up another', () => {
  const waiting: QueueItem = { ...item, mutationId: 'm2', state: 'blocked', conflict: null }
  expect(blockerOf(waiting, [waiting, item])).toBe(item)
  expect(blockerOf({ ...waiting, entityId: 'r2' }, [waiting, item])).toBeUndefined()
})
