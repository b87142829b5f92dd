import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dateOfDay, dayNumber } from './calendar.ts'
import { daysIn, partsOf, timeBefore, wholeMonths } from './series.ts'

const anyTime = fc
  .tuple(fc.integer({ min: dayNumber('1960-01-01'), max: dayNumber('2100-12-31') }), fc.nat(500))
  .map(([day, length]) => ({ from: dateOfDay(day), to: dateOfDay(day + length) }))

const each = ({ from, to }: { from: string; to: string }) =>
  Array.from({ length: daysIn({ from, to }) }, (_, index) => dateOfDay(dayNumber(from) + index))

describe('the parts of a time', () => {
  test('weeks begin on Mondays, and the first and last are cut', () =>
    expect(partsOf({ from: '2026-12-02', to: '2026-12-15' }, 'week')).toEqual([
      { from: '2026-12-02', to: '2026-12-06' },
      { from: '2026-12-07', to: '2026-12-13' },
      { from: '2026-12-14', to: '2026-12-15' },
    ]))

  test('follow each other without gap or overlap, a week of Mondays, a month of firsts', () =>
    fc.assert(
      fc.property(anyTime, fc.constantFrom('day', 'week', 'month'), (time, unit) => {
        const parts = partsOf(time, unit)
        expect(parts.flatMap(each)).toEqual(each(time))
        for (const { from } of parts.slice(1)) {
          if (unit === 'week') expect(new Date(from).getUTCDay()).toBe(1)
          if (unit === 'month') expect(from.slice(8)).toBe('01')
        }
        const most = { day: 1, week: 7, month: 31 }[unit]
        expect(Math.max(...parts.map(daysIn))).toBeLessThanOrEqual(most)
      }),
      { numRuns: 300 },
    ))
})

test('the time before is as long, and ends the day before', () =>
  fc.assert(
    fc.property(anyTime, (time) => {
      const before = timeBefore(time)
      expect(daysIn(before)).toBe(daysIn(time))
      expect(dayNumber(before.to)).toBe(dayNumber(time.from) - 1)
    }),
    { numRuns: 200 },
  ))

test('whole months and the ends beside them are the time', () =>
  fc.assert(
    fc.property(anyTime, (time) => {
      const { months, ends } = wholeMonths(time)
      const inMonths = months
        ? each(time).filter(
            (day) => day.slice(0, 7) >= months.from.slice(0, 7) && day.slice(0, 7) <= months.to.slice(0, 7),
          )
        : []
      expect([...inMonths, ...ends.flatMap(each)].sort()).toEqual(each(time))
      if (!months) return
      expect([months.from.slice(8), months.to.slice(8)]).toEqual(['01', '01'])
      // None of them is cut.
      expect(inMonths[0]).toBe(months.from)
      expect(dateOfDay(dayNumber(inMonths.at(-1)!) + 1).slice(8)).toBe('01')
      for (const end of ends) expect(daysIn(end)).toBeLessThan(31)
    }),
    { numRuns: 400 },
  ))
