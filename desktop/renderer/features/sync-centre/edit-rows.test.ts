import { describe, expect, it } from 'vitest'
import type { QueueItem } from '#desktop/bridge/channels'
import { rowsFor, rowWords } from '../../ui/field-rows.ts'
import { blockerOf, type Choice, inChains, resolutionOf } from './edit-rows.ts'
import { handValuesOf } from './hand-values.ts'
import { queueItem, record } from './test/records.ts'

const theirs = record()
const before = {
  startDateTime: '2026-08-22T12:00:00.000Z',
  endDateTime: theirs.endDateTime,
  timezone: theirs.timezone,
}
const mine = { ...before, startDateTime: '2026-08-22T12:30:00.000Z', location: 'Conference Room B' }
const item = queueItem({
  state: 'conflict',
  base: { ...before, location: 'Conference Room A', notes: '' },
  patch: { ...mine, notes: 'Follow up' },
  conflict: {
    fields: ['startDateTime', 'endDateTime', 'timezone', 'location'],
    base: { ...before, location: 'Conference Room A' },
    mine,
    theirs,
  },
})

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

const draft = (choices: Record<string, Choice>) => ({ choices, values: null })

describe('ending a conflict', () => {
  it('takes the chosen values', () => {
    expect(resolutionOf(item, draft({ time: 'mine', location: 'theirs' }))).toEqual({
      ...before,
      startDateTime: mine.startDateTime,
      location: 'Virtual',
    })
  })

  it('takes what was written by hand, and the person’s own value where nothing was', () => {
    const values = { ...handValuesOf({ ...theirs, ...mine }), location: 'Conference Room C' }
    const choices = { time: 'own', location: 'own' } as const
    expect(resolutionOf(item, { choices, values })).toEqual({ ...mine, location: 'Conference Room C' })
    expect(resolutionOf(item, draft(choices))).toEqual(mine)
  })

  it('waits for every choice', () => {
    expect(resolutionOf(item, draft({ time: 'mine' }))).toBeNull()
  })

  it('has nothing to offer for a record that is gone', () => {
    const gone = { ...item, conflict: { ...item.conflict!, theirs: null } }
    expect(resolutionOf(gone, draft({ time: 'mine', location: 'mine' }))).toBeNull()
  })
})

describe('edits of one record', () => {
  const waiting: QueueItem = { ...item, mutationId: 'm2', state: 'blocked', conflict: null }

  it('name the one that holds up another', () => {
    expect(blockerOf(waiting, [waiting, item])).toBe(item)
    expect(blockerOf({ ...waiting, entityId: 'r2' }, [waiting, item])).toBeUndefined()
    const unreadable: QueueItem = { ...item, state: 'unreadable' }
    expect(blockerOf(waiting, [waiting, unreadable])).toBe(unreadable)
  })

  it('stand beside each other, where the first of them stands', () => {
    const other: QueueItem = { ...item, entityId: 'r2', mutationId: 'm3' }
    expect(inChains([item, other, waiting])).toEqual([item, waiting, other])
  })
})
