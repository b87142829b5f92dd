import { describe, expect, it } from 'vitest'
import { momentOf } from './moment.ts'

const at = (date: string, time: string, zone = 'Europe/Berlin', turn: 'earlier' | 'later' = 'earlier') =>
  momentOf({ date, time, turn }, zone)

describe('a moment from form fields', () => {
  it('is the instant a clock in the zone shows', () => {
    expect(at('2026-08-22', '14:00')).toEqual({
      kind: 'moment',
      instant: '2026-08-22T12:00:00.000Z',
      twice: null,
    })
  })

  it('is a problem where the clocks go forward past it', () => {
    expect(at('2026-03-29', '02:30')).toEqual({
      kind: 'problem',
      message: 'This time does not exist in Europe/Berlin because the clocks go forward',
    })
  })

  it('is one of two where the clocks go back over it', () => {
    const twice = ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']
    expect(at('2026-10-25', '02:30')).toEqual({ kind: 'moment', instant: twice[0], twice })
    expect(at('2026-10-25', '02:30', 'Europe/Berlin', 'later')).toEqual({
      kind: 'moment',
      instant: twice[1],
      twice,
    })
  })

  it('says what is missing', () => {
    expect(at('', '')).toEqual({ kind: 'empty' })
    expect(at('2026-08-22', '')).toEqual({ kind: 'problem', message: 'Add the time' })
    expect(at('', '14:00')).toEqual({ kind: 'problem', message: 'Add the date' })
    expect(at('0202-08-22', '14:00')).toEqual({
      kind: 'problem',
      message: 'Must be a year from 1900 to 2999',
    })
    expect(at('2026-08-22', '14:00', 'Berlin')).toEqual({ kind: 'problem', message: 'Needs a time zone' })
  })
})
