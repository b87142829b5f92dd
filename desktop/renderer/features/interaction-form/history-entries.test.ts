import { describe, expect, it } from 'vitest'
import type { InteractionFields } from '#common/contract/interactions'
import type { HistoryEntry } from '#common/contract/record-keeping'
import { entryWords, isAs, restoreAll, versionsOf } from './history-entries.ts'

const now: InteractionFields = {
  title: 'Review',
  type: 'Meeting',
  lead: 'Ana Jones',
  startDateTime: '2026-08-22T12:00:00.000Z',
  endDateTime: '2026-08-22T14:00:00.000Z',
  timezone: 'Europe/Berlin',
  location: 'Roof',
  description: '',
  notes: '',
  status: 'active',
}

const entry = (changes: Partial<HistoryEntry>): HistoryEntry => ({
  id: '01900000-0000-7000-8000-000000000001',
  at: '2026-08-20T10:00:00.000Z',
  action: 'updated',
  actor: { id: 'a', displayName: 'Ada Harbour' },
  device: 'Laptop',
  version: 2,
  before: {},
  after: {},
  ...changes,
})

const history = [
  entry({
    before: { location: 'Cellar', status: 'complete' },
    after: { location: 'Roof', status: 'active' },
  }),
  entry({
    before: { endDateTime: '2026-08-22T13:00:00.000Z' },
    after: { endDateTime: '2026-08-22T14:00:00.000Z' },
  }),
  entry({ before: { location: '' }, after: { location: 'Cellar' } }),
  entry({ action: 'created', after: { title: 'Review', status: 'complete', location: '' } }),
]

describe('the history of a record', () => {
  const versions = versionsOf(history, now)

  it('is walked back to each version as a whole', () => {
    expect(versions.map(({ fields }) => [fields.location, fields.endDateTime, fields.status])).toEqual([
      ['Roof', '2026-08-22T14:00:00.000Z', 'active'],
      ['Cellar', '2026-08-22T14:00:00.000Z', 'complete'],
      ['Cellar', '2026-08-22T13:00:00.000Z', 'complete'],
      ['', '2026-08-22T13:00:00.000Z', 'complete'],
    ])
  })

  it('says what each field was, and what puts it back', () => {
    expect(versions[0]!.rows).toEqual([
      {
        key: 'location',
        label: 'Location',
        before: 'Cellar',
        after: 'Roof',
        lost: [],
        restore: { location: 'Cellar' },
      },
      { key: 'status', label: 'Status', before: 'Complete', after: 'Active', lost: [], restore: null },
    ])
  })

  it('shows and restores the time as one', () => {
    expect(versions[1]!.rows).toMatchObject([
      {
        label: 'Start – end',
        before: '22 Aug 2026, 14:00 – 15:00, Europe/Berlin',
        after: '22 Aug 2026, 14:00 – 16:00, Europe/Berlin',
        restore: {
          startDateTime: now.startDateTime,
          endDateTime: '2026-08-22T13:00:00.000Z',
          timezone: 'Europe/Berlin',
        },
      },
    ])
  })

  it('has nothing before the beginning, and only what was filled in', () => {
    expect(versions[3]!.rows).toMatchObject([
      { label: 'Title', before: null, after: 'Review', restore: null },
      { label: 'Status', before: null, after: 'Complete', restore: null },
    ])
  })

  it('restores all of a version but its status', () => {
    const { location, endDateTime, ...others } = restoreAll(versions[3]!)
    expect([location, endDateTime]).toEqual(['', '2026-08-22T13:00:00.000Z'])
    expect(others).not.toHaveProperty('status')
    expect(isAs(versions[3]!, now)).toBe(false)
    expect(isAs(versions[3]!, { ...versions[3]!.fields, status: 'active' })).toBe(true)
  })

  it('keeps what a conflict left out', () => {
    const [merged] = versionsOf(
      [
        entry({
          action: 'merged',
          before: { location: 'Hall' },
          after: { location: 'Roof' },
          lost: { mine: { location: 'Roof', notes: 'Mine' }, theirs: { location: 'Hall' } },
        }),
      ],
      now,
    )
    expect(merged!.rows).toMatchObject([
      { label: 'Location', lost: [{ whose: 'theirs', words: 'Hall', fields: { location: 'Hall' } }] },
      { label: 'Notes', before: '', after: '', lost: [{ whose: 'mine', words: 'Mine' }], restore: null },
    ])
  })

  it('names who did it', () => {
    expect(entryWords(history[0]!)).toBe('Ada Harbour changed it')
    expect(entryWords(entry({ actor: null, action: 'updated' }))).toBe('Fieldbook changed it')
  })
})
