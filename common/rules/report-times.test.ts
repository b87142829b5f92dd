import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dateIn, dateOfDay, dayNumber } from './calendar.ts'
import { nextReportAt, reportedPeriod } from './report-times.ts'
import { instantsOf, toWallTime } from './time-zone.ts'

const berlin = { every: 'day', hour: 8, timezone: 'Europe/Berlin' } as const

test.each([
  // The clock goes from 2 to 3 on 28 March 2027, and from 3 to 2 on 31 October.
  [{ ...berlin }, '2026-12-01T06:59:59.999Z', '2026-12-01T07:00:00.000Z'],
  [{ ...berlin }, '2026-12-01T07:00:00.000Z', '2026-12-02T07:00:00.000Z'],
  [{ ...berlin, hour: 2 }, '2027-03-27T01:00:00.000Z', '2027-03-28T01:00:00.000Z'],
  [{ ...berlin, hour: 2 }, '2027-03-28T01:00:00.000Z', '2027-03-29T00:00:00.000Z'],
  [{ ...berlin, hour: 2 }, '2027-10-30T12:00:00.000Z', '2027-10-31T00:00:00.000Z'],
  [{ ...berlin, hour: 2 }, '2027-10-31T00:00:00.000Z', '2027-11-01T01:00:00.000Z'],
  // A Tuesday.
  [{ ...berlin, every: 'week' }, '2026-12-01T07:00:00.000Z', '2026-12-07T07:00:00.000Z'],
  [{ ...berlin, every: 'month' }, '2026-12-01T07:00:00.000Z', '2027-01-01T07:00:00.000Z'],
  [{ ...berlin, every: 'month' }, '2026-12-01T06:00:00.000Z', '2026-12-01T07:00:00.000Z'],
  // At midnight there is none where the clock goes from 0 to 1.
  [
    { every: 'day', hour: 0, timezone: 'Africa/Cairo' },
    '2027-04-29T12:00:00.000Z',
    '2027-04-29T22:00:00.000Z',
  ],
] as const)('of %j after %s it is %s', (times, instant, at) => {
  expect(nextReportAt(times, instant)).toBe(at)
})

test.each([
  ['day', '2026-12-01T07:00:00.000Z', '2026-11-30', '2026-11-30'],
  ['week', '2026-12-07T07:00:00.000Z', '2026-11-30', '2026-12-06'],
  ['week', '2026-12-05T07:00:00.000Z', '2026-11-23', '2026-11-29'],
  ['month', '2027-03-01T07:00:00.000Z', '2027-02-01', '2027-02-28'],
  ['month', '2027-01-31T22:59:00.000Z', '2026-12-01', '2026-12-31'],
] as const)('each %s, at %s, it tells of %s to %s', (every, instant, from, to) => {
  expect(reportedPeriod({ every, timezone: 'Europe/Berlin' }, instant)).toEqual({ from, to })
})

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Pacific/Apia',
]

test('it is due once in every period, at its hour or as soon as a skipped one is over, and tells of each period once', () => {
  fc.assert(
    fc.property(
      fc.record({
        every: fc.constantFrom('day', 'week', 'month' as const),
        hour: fc.integer({ min: 0, max: 23 }),
        timezone: fc.constantFrom(...zones),
      }),
      fc.date({ min: new Date('2024-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
      (times, from) => {
        let at = nextReportAt(times, from.toISOString())
        for (let told = reportedPeriod(times, at), n = 0; n < 40; n++) {
          const wall = toWallTime(at, times.timezone)
          const wanted = `${wall.slice(0, 10)}T${String(times.hour).padStart(2, '0')}:00`
          if (wall !== wanted) {
            expect(instantsOf(wanted, times.timezone)).toEqual([])
            const before = new Date(Date.parse(at) - 1).toISOString()
            expect(toWallTime(before, times.timezone) < wanted && wanted < wall).toBe(true)
          }
          expect(dateIn(at, times.timezone)).toBe(dateOfDay(dayNumber(told.to) + 1))
          const next = nextReportAt(times, at)
          expect(next > at).toBe(true)
          const then = reportedPeriod(times, next)
          expect(dayNumber(then.from)).toBe(dayNumber(told.to) + 1)
          at = next
          told = then
        }
      },
    ),
    { numRuns: 60 },
  )
})
