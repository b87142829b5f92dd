import { describe, expect, it } from 'vitest'
import type { InteractionFields } from '#common/contract/interactions'
import {
  endAfter,
  fieldsOf,
  formProblems,
  newFields,
  problemsOnForm,
  readersTime,
  valuesFor,
  valuesOf,
} from './form-values.ts'

const review: InteractionFields = {
  title: 'Client quarterly review',
  type: 'Meeting',
  lead: 'James Smith',
  startDateTime: '2026-08-22T18:00:00.000Z',
  endDateTime: '2026-08-22T20:00:00.000Z',
  timezone: 'America/New_York',
  location: 'Conference Room A',
  description: '',
  notes: '',
  status: 'complete',
}

describe('a record in form fields', () => {
  it('shows its times on the clock of its zone', () => {
    expect(valuesOf(review)).toMatchObject({
      startDate: '2026-08-22',
      startTime: '14:00',
      endDate: '2026-08-22',
      endTime: '16:00',
    })
  })

  it('comes back as it was when nothing is touched, seconds and spaces and all', () => {
    const odd = {
      ...review,
      title: ' Review ',
      startDateTime: '2026-08-22T18:00:42.007Z',
      lead: null,
      type: null,
    }
    expect(fieldsOf(valuesOf(odd), odd)).toEqual(odd)
  })

  it('keeps the second of two equal times', () => {
    const second = {
      ...review,
      timezone: 'Europe/Berlin',
      startDateTime: '2026-10-25T01:30:00.000Z',
      endDateTime: '2026-10-25T02:30:00.000Z',
    }
    expect(valuesOf(second)).toMatchObject({ startTime: '02:30', startTurn: 'later' })
    expect(fieldsOf({ ...valuesOf(second), title: 'x' }, second).startDateTime).toBe(second.startDateTime)
    expect(fieldsOf({ ...valuesOf(second), startTurn: 'earlier' }, second).startDateTime).toBe(
      '2026-10-25T00:30:00.000Z',
    )
  })

  it('moves in time when only the zone changes', () => {
    expect(fieldsOf({ ...valuesOf(review), timezone: 'Europe/Berlin' }, review)).toMatchObject({
      startDateTime: '2026-08-22T12:00:00.000Z',
      endDateTime: '2026-08-22T14:00:00.000Z',
      timezone: 'Europe/Berlin',
    })
  })

  it('has no title when only spaces are left', () => {
    expect(fieldsOf({ ...valuesOf(review), title: '  ', location: ' Hall ' }, review)).toMatchObject({
      title: null,
      location: 'Hall',
    })
  })
})

describe('some fields of a record in form fields', () => {
  it('are those alone', () => {
    expect(valuesFor({ location: 'Cellar', title: null })).toEqual({ location: 'Cellar', title: '' })
    const { startDateTime, endDateTime, timezone } = review
    const { title: _, ...others } = valuesFor({ title: 'x', startDateTime, endDateTime, timezone })
    expect(others).toEqual({
      startDate: '2026-08-22',
      startTime: '14:00',
      startTurn: 'earlier',
      endDate: '2026-08-22',
      endTime: '16:00',
      endTurn: 'earlier',
      timezone: 'America/New_York',
    })
  })
})

describe('a new record', () => {
  it('begins at the next full hour of the reader’s clock and lasts one', () => {
    expect(newFields(new Date('2026-08-22T10:20:00Z'), 'Asia/Kolkata', 'Priya Nair')).toMatchObject({
      lead: 'Priya Nair',
      startDateTime: '2026-08-22T10:30:00.000Z',
      endDateTime: '2026-08-22T11:30:00.000Z',
      timezone: 'Asia/Kolkata',
      status: 'complete',
    })
  })

  it('finds an hour that exists on the night the clocks change', () => {
    const start = (now: string) => newFields(new Date(now), 'Europe/Berlin', '').startDateTime
    expect(start('2026-03-29T00:20:00Z')).toBe('2026-03-29T01:00:00.000Z')
    expect(start('2026-10-25T00:20:00Z')).toBe('2026-10-25T01:00:00.000Z')
  })
})

describe('what is wrong with a form', () => {
  const problems = (changes: Partial<ReturnType<typeof valuesOf>>) =>
    formProblems({ ...valuesOf(review), ...changes }, review, 'complete')

  it('is nothing for a good record', () => {
    expect(problems({})).toEqual([])
  })

  it('is said in the sentences of the contract, in the order of the fields', () => {
    expect(problems({ endTime: '13:00' })).toEqual([{ field: 'endDate', message: 'Must be after the start' }])
    expect(problems({ notes: '', lead: '', title: ' ' })).toEqual([
      { field: 'title', message: 'Is required' },
      { field: 'lead', message: 'Is required' },
    ])
  })

  it('names a time that the clocks skip', () => {
    expect(problems({ startDate: '2026-03-08', startTime: '02:30' })).toEqual([
      {
        field: 'startDate',
        message:
          'On 8 Mar 2026 clocks in America/New_York go from 02:00 to 03:00: 02:30 does not exist. ' +
          'Choose 01:59 or earlier, or 03:00 or later.',
      },
    ])
  })

  it('blames only the zone when that does not exist', () => {
    expect(problems({ timezone: 'Berlin' })).toEqual([
      { field: 'timezone', message: 'Must be a time zone such as Europe/Berlin' },
    ])
    expect(problems({ timezone: '' })).toEqual([{ field: 'timezone', message: 'Is required' }])
  })

  it('puts the server’s problems on their fields', () => {
    expect(
      problemsOnForm([
        { field: 'endDateTime', message: 'Too late' },
        { field: 'siteId', message: '?' },
      ]),
    ).toEqual([{ field: 'endDate', message: 'Too late' }])
  })
})

describe('times beside the form', () => {
  it('shows the reader’s clock when it differs', () => {
    expect(readersTime(valuesOf(review), 'Europe/Berlin')).toBe('20:00 – 22:00, Europe/Berlin')
    expect(readersTime(valuesOf(review), 'Asia/Tokyo')).toBe('23 Aug 2026, 03:00 – 05:00, Asia/Tokyo')
    expect(readersTime(valuesOf(review), 'America/New_York')).toBeNull()
    expect(readersTime(valuesOf(review), 'America/Toronto')).toBeNull()
  })

  it('moves the end with the start', () => {
    const moved = { ...valuesOf(review), startDate: '2026-08-23', startTime: '23:30' }
    expect(endAfter(moved, 7_200_000)).toEqual({ date: '2026-08-24', time: '01:30', turn: 'earlier' })
  })
})
