import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { everyDay, periodOf } from './activity-days.ts'

// A clock that is put forward on 29 March 2026 and back on 25 October.
beforeEach(() => void vi.stubEnv('TZ', 'Europe/Berlin'))
afterEach(() => void vi.unstubAllEnvs())

describe('a period', () => {
  test('goes from midnight to midnight, today with it', () => {
    expect(periodOf(7, new Date('2026-11-21T10:00:00Z'))).toEqual({
      from: '2026-11-14T23:00:00.000Z',
      to: '2026-11-21T23:00:00.000Z',
    })
    // Past midnight here, though not in UTC.
    expect(periodOf(1, new Date('2026-11-21T23:30:00Z'))).toEqual({
      from: '2026-11-21T23:00:00.000Z',
      to: '2026-11-22T23:00:00.000Z',
    })
  })

  test('keeps to midnight where the clock is changed in it', () => {
    expect(periodOf(2, new Date('2026-03-29T12:00:00Z'))).toEqual({
      from: '2026-03-27T23:00:00.000Z',
      to: '2026-03-29T22:00:00.000Z',
    })
  })
})

describe('every day', () => {
  const days = (now: string, count: number) => everyDay([], count, new Date(now)).map(({ day }) => day)

  test('of the period is there, in order, also those on which nothing happened', () => {
    const busy = { day: '2026-11-20', signIns: 2, writes: 5, exports: 1 }
    const old = { ...busy, day: '2026-10-01' }
    expect(everyDay([old, busy], 3, new Date('2026-11-21T10:00:00Z'))).toEqual([
      { day: '2026-11-19', signIns: 0, writes: 0, exports: 0 },
      busy,
      { day: '2026-11-21', signIns: 0, writes: 0, exports: 0 },
    ])
  })

  test('is one, whatever the clock did on it', () => {
    expect(days('2026-03-30T10:00:00Z', 3)).toEqual(['2026-03-28', '2026-03-29', '2026-03-30'])
    expect(days('2026-10-26T10:00:00Z', 3)).toEqual(['2026-10-24', '2026-10-25', '2026-10-26'])
    expect(days('2026-03-01T10:00:00Z', 2)).toEqual(['2026-02-28', '2026-03-01'])
    expect(new Set(days('2026-11-21T10:00:00Z', 366)).size).toBe(366)
  })
})
