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

  it('says what the clocks do where they skip it, and what to choose', () => {
    expect(at('2026-03-29', '2.30')).toEqual({
      kind: 'problem',
      message:
        'On 29 Mar 2026 clocks in Europe/Berlin go from 02:00 to 03:00: 02:30 does not exist. ' +
        'Choose 01:59 or earlier, or 03:00 or later.',
    })
    expect(at('2026-09-06', '0:15', 'America/Santiago')).toMatchObject({
      message:
        'On 6 Sep 2026 clocks in America/Santiago go from 6 Sep 2026, 00:00 to 6 Sep 2026, 01:00: ' +
        '6 Sep 2026, 00:15 does not exist. Choose 5 Sep 2026, 23:59 or earlier, or 6 Sep 2026, 01:00 or later.',
    })
    expect(at('2011-12-30', '12:00', 'Pacific/Apia')).toMatchObject({
      message:
        'On 30 Dec 2011 clocks in Pacific/Apia go from 30 Dec 2011, 00:00 to 31 Dec 2011, 00:00: ' +
        '30 Dec 2011, 12:00 does not exist. Choose 29 Dec 2011, 23:59 or earlier, or 31 Dec 2011, 00:00 or later.',
    })
  })

  it('is one of two where the clocks go back over it', () => {
    const moments = ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']
    const words =
      'On 25 Oct 2026 clocks in Europe/Berlin go back from 03:00 to 02:00, so 02:30 comes twice. Which one?'
    const twice = { moments, words }
    expect(at('2026-10-25', '02:30')).toEqual({ kind: 'moment', instant: moments[0], twice })
    expect(at('2026-10-25', '02:30', 'Europe/Berlin', 'later')).toEqual({
      kind: 'moment',
      instant: moments[1],
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
    expect(at('2026-08-22', 'noon')).toEqual({ kind: 'problem', message: 'Write the time as 14:30' })
    expect(at('2026-02-30', '14:00')).toEqual({ kind: 'problem', message: 'Is no real date' })
    expect(at('2026-08-22', '14:00', 'Berlin')).toEqual({ kind: 'problem', message: 'Needs a time zone' })
  })
})
