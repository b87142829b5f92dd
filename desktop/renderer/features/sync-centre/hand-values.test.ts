import { describe, expect, it } from 'vitest'
import { rowsFor } from '../../ui/field-rows.ts'
import { handPatch, handProblems, handValuesOf } from './hand-values.ts'
import { record } from './test/records.ts'

const theirs = record({
  startDateTime: '2026-10-25T01:30:20.000Z',
  endDateTime: '2026-10-25T03:00:00.000Z',
})
const values = handValuesOf(theirs)
const [time] = rowsFor(['startDateTime', 'endDateTime', 'timezone'])
const [title] = rowsFor(['title'])
const { startDateTime, endDateTime, timezone } = theirs

describe('a row written by hand', () => {
  it('leaves alone what was not touched, to the second, in an hour that comes twice', () => {
    expect(values.startDateTime).toEqual({ date: '2026-10-25', time: '02:30', turn: 'later' })
    expect(handPatch(time!, values, theirs)).toEqual({ startDateTime, endDateTime, timezone })
    const later = { ...values, endDateTime: { ...values.endDateTime, time: '05:00' } }
    expect(handPatch(time!, later, theirs)).toEqual({
      startDateTime,
      endDateTime: '2026-10-25T04:00:00.000Z',
      timezone,
    })
  })

  it('reads the same clock in another zone', () => {
    expect(handPatch(time!, { ...values, timezone: 'UTC' }, theirs)).toEqual({
      startDateTime: '2026-10-25T02:30:00.000Z',
      endDateTime: '2026-10-25T04:00:00.000Z',
      timezone: 'UTC',
    })
  })

  it('is nothing, not an empty name', () => {
    expect(handPatch(title!, { ...values, title: '  ' }, theirs)).toEqual({ title: null })
  })
})

describe('what is wrong with it', () => {
  it('is said of its field, and of the record it makes', () => {
    const half = { ...values, startDateTime: { ...values.startDateTime, time: '' } }
    const wanted = handPatch(time!, half, theirs)
    expect(handProblems(theirs, wanted, [time!], half)).toEqual([
      { field: 'startDateTime', message: 'Add the time' },
    ])
    expect(handProblems(theirs, { title: null, endDateTime: startDateTime }, [], null)).toEqual([
      { field: 'title', message: 'Is required' },
      { field: 'endDateTime', message: 'Must be after the start' },
    ])
  })

  it('is nothing where all is well', () => {
    expect(handProblems(theirs, { location: 'Office' }, [], values)).toEqual([])
  })
})
