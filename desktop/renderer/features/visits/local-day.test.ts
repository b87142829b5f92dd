import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { localDay, watchDay } from './local-day.ts'

beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 10, 30, 23, 59, 30) }))
afterEach(() => vi.useRealTimers())

it('a day is told soon after its midnight, and once', () => {
  const told = vi.fn()
  const stop = watchDay(told)
  vi.advanceTimersByTime(29_000)
  expect(told).not.toHaveBeenCalled()
  vi.advanceTimersByTime(60_000)
  expect(told.mock.calls).toEqual([['2026-12-01']])
  stop()
  vi.advanceTimersByTime(24 * 60 * 60_000)
  expect(told).toHaveBeenCalledTimes(1)
})

it('a day that began while the computer slept is told when it wakes', () => {
  const told = vi.fn()
  watchDay(told)
  vi.setSystemTime(new Date(2026, 11, 3, 8, 0))
  vi.advanceTimersByTime(30_000)
  expect(told.mock.calls).toEqual([['2026-12-03']])
  expect(localDay()).toBe('2026-12-03')
})
