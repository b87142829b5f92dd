import { describe, expect, it } from 'vitest'
import {
  countWords,
  dayName,
  dayRangeWords,
  endWords,
  momentWords,
  recentWords,
  shortEndWords,
  spanWords,
} from './date-words.ts'

describe('dates in words', () => {
  it('shows a moment on the clock of its zone', () => {
    expect(momentWords('2026-08-22T18:00:00.000Z', 'America/New_York')).toBe('22 Aug 2026, 14:00')
    expect(momentWords('2026-09-04T22:05:00.000Z', 'Europe/Berlin')).toBe('5 Sep 2026, 00:05')
  })

  it('leaves out the day of the end when it is the day of the start', () => {
    const start = '2026-08-22T12:00:00.000Z'
    expect(endWords(start, '2026-08-22T14:00:00.000Z', 'Europe/Berlin')).toBe('16:00')
    expect(endWords(start, '2026-08-22T22:30:00.000Z', 'Europe/Berlin')).toBe('23 Aug 2026, 00:30')
    expect(spanWords(start, '2026-08-22T14:00:00.000Z', 'UTC')).toBe('22 Aug 2026, 12:00 – 14:00')
  })

  it('counts the days to an end beside its start', () => {
    const start = '2026-08-22T12:00:00.000Z'
    expect(shortEndWords(start, '2026-08-22T14:00:00.000Z', 'Europe/Berlin')).toBe('16:00')
    expect(shortEndWords(start, '2026-09-01T14:00:00.000Z', 'Europe/Berlin')).toBe('16:00 +10 d')
  })

  it('grows shorter the nearer the moment is', () => {
    const now = new Date('2026-08-22T10:00:00Z')
    expect(recentWords('2026-08-22T08:42:00Z', 'Europe/Berlin', now)).toBe('10:42')
    expect(recentWords('2026-03-01T08:42:00Z', 'Europe/Berlin', now)).toBe('1 Mar')
    expect(recentWords('2025-12-31T08:42:00Z', 'Europe/Berlin', now)).toBe('31 Dec 2025')
  })

  it('says a range of days as briefly as it can', () => {
    expect(dayRangeWords('2026-08-01', '2026-08-31')).toBe('1–31 Aug 2026')
    expect(dayRangeWords('2026-07-28', '2026-08-03')).toBe('28 Jul – 3 Aug 2026')
    expect(dayRangeWords('2025-12-30', '2026-01-02')).toBe('30 Dec 2025 – 2 Jan 2026')
    expect(dayRangeWords('2026-08-01', '2026-08-01')).toBe('1 Aug 2026')
    expect(dayRangeWords('2026-08-01', undefined)).toBe('from 1 Aug 2026')
    expect(dayRangeWords(undefined, '2026-08-01')).toBe('until 1 Aug 2026')
  })

  it('counts', () => {
    expect(countWords(1, 'edit')).toBe('1 edit')
    expect(countWords(12000, 'edit')).toBe('12,000 edits')
  })

  it('names the day on the reader’s calendar', () => {
    const now = new Date('2026-08-22T23:30:00.000Z')
    const name = (instant: string) => dayName(instant, 'Europe/Berlin', now)
    expect(name('2026-08-22T22:10:00.000Z')).toBe('Today')
    expect(name('2026-08-22T21:50:00.000Z')).toBe('Yesterday')
    expect(name('2026-08-21T21:50:00.000Z')).toBe('21 Aug 2026')
  })
})
