import { describe, expect, it } from 'vitest'
import { dayRange, filterOf, filterTags, soughtBy } from './filters.ts'

describe('what the filters ask for', () => {
  it('passes on what is filled in and nothing else', () => {
    expect(filterOf('', { title: ' ', type: [], status: [] }, 'UTC')).toEqual({})
    expect(
      filterOf(
        'quarter',
        { lead: 'nair', type: ['Call'], status: ['active'], timezone: 'Europe/Berlin' },
        'UTC',
      ),
    ).toEqual({
      search: 'quarter',
      lead: 'nair',
      type: ['Call'],
      status: ['active'],
      timezone: 'Europe/Berlin',
    })
  })

  it('reads days in the zone of the reader', () => {
    expect(filterOf('', { start: { from: '2026-08-01', until: '2026-08-31' } }, 'America/New_York')).toEqual({
      startFrom: '2026-08-01T04:00:00.000Z',
      startBefore: '2026-09-01T04:00:00.000Z',
    })
    expect(filterOf('', { end: { until: '2026-08-31' } }, 'UTC')).toEqual({
      endBefore: '2026-09-01T00:00:00.000Z',
    })
  })

  it('waits for a zone that exists', () => {
    expect(filterOf('', { timezone: 'Europe/Berl' }, 'UTC')).toEqual({})
  })
})

describe('filters as tags', () => {
  it('says each in a few words, in the order of the columns', () => {
    const tags = filterTags(
      {
        status: ['draft', 'incomplete', 'complete', 'active'],
        start: { from: '2026-08-01', until: '2026-08-31' },
        type: ['Meeting', 'Call'],
        title: 'review ',
        updated: { from: '2026-08-01' },
        createdBy: ['p1', 'p2'],
      },
      { p1: 'Ada Harbour' },
    )
    expect(tags.map((tag) => tag.words)).toEqual([
      'Title contains “review”',
      'Type: Meeting, Call',
      'Start 1–31 Aug 2026',
      'Not archived',
      'Created by Ada Harbour, somebody',
      'Updated from 1 Aug 2026',
    ])
    expect(tags.map((tag) => tag.name)).toEqual(['title', 'type', 'start', 'status', 'createdBy', 'updated'])
  })

  it('has none for what asks for nothing', () => {
    expect(filterTags({ title: '', type: [], timezone: 'nowhere', updatedBy: [] }, {})).toEqual([])
    expect(dayRange('', '')).toBeUndefined()
    expect(dayRange('2026-08-01', '')).toEqual({ from: '2026-08-01' })
  })
})

describe('what a saved view asks for', () => {
  it('is what was asked when it was saved', () => {
    const filters = {
      title: 'review',
      type: ['Call'],
      status: ['active' as const],
      timezone: 'Europe/Berlin',
      start: { from: '2026-08-01', until: '2026-08-31' },
      created: { until: '2026-08-31' },
      updatedBy: ['p1'],
    }
    expect(soughtBy(filterOf('north', filters, 'UTC'), 'UTC')).toEqual({ search: 'north', filters })
    expect(soughtBy({}, 'UTC')).toEqual({ search: '', filters: {} })
  })
})
