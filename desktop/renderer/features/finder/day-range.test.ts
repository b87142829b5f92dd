import { describe, expect, it } from 'vitest'
import { daysOfInstants, instantsOfDays } from './day-range.ts'

describe('whole days as moments', () => {
  it('begins with the first and ends before the day after the last', () => {
    expect(instantsOfDays({ from: '2026-08-01', until: '2026-08-31' }, 'Europe/Berlin')).toEqual({
      from: '2026-07-31T22:00:00.000Z',
      before: '2026-08-31T22:00:00.000Z',
    })
  })

  it('is 23 and 25 hours long when the clocks change', () => {
    const hours = (day: string) => {
      const { from, before } = instantsOfDays({ from: day, until: day }, 'Europe/Berlin')
      return (Date.parse(before!) - Date.parse(from!)) / 3_600_000
    }
    expect(hours('2026-03-29')).toBe(23)
    expect(hours('2026-10-25')).toBe(25)
  })

  it('starts where the clock does when midnight is skipped', () => {
    expect(instantsOfDays({ from: '2026-04-24' }, 'Africa/Cairo')).toEqual({
      from: '2026-04-23T22:00:00.000Z',
    })
    expect(instantsOfDays({ from: '2011-12-30' }, 'Pacific/Apia')).toEqual({
      from: '2011-12-30T10:00:00.000Z',
    })
  })

  it('takes the first midnight when there are two', () => {
    expect(instantsOfDays({ from: '2026-10-29', until: '2026-10-29' }, 'Africa/Cairo')).toEqual({
      from: '2026-10-28T21:00:00.000Z',
      before: '2026-10-29T22:00:00.000Z',
    })
  })

  it('asks for nothing while a day is not typed yet', () => {
    expect(instantsOfDays({ from: '', until: '0002-08-01' }, 'UTC')).toEqual({})
  })
})

describe('moments as whole days', () => {
  it('are the days they were made of, also when the clocks change', () => {
    for (const zone of [
      'Europe/Berlin',
      'America/New_York',
      'Pacific/Apia',
      'Africa/Cairo',
      'Asia/Kolkata',
    ]) {
      for (const day of ['2026-03-29', '2026-10-25', '2026-04-24', '2026-10-29', '2026-08-01']) {
        const range = { from: day, until: day }
        expect(daysOfInstants(instantsOfDays(range, zone), zone), `${day} in ${zone}`).toEqual(range)
      }
    }
  })

  it('stay the same days for somebody in another zone', () => {
    const august = instantsOfDays({ from: '2026-08-01', until: '2026-08-31' }, 'Europe/Berlin')
    expect(daysOfInstants(august, 'America/New_York')).toEqual({ from: '2026-08-01', until: '2026-08-31' })
    expect(daysOfInstants(august, 'Asia/Tokyo')).toEqual({ from: '2026-08-01', until: '2026-08-31' })
  })

  it('ask for nothing where there are none', () => expect(daysOfInstants({}, 'UTC')).toEqual({}))
})
