import { expect, it } from 'vitest'
import { daysWords, missedWords, recurrenceWords, weekdayOf, windowDayWords } from './cycle-words.ts'

it('how often is said in words', () => {
  expect(recurrenceWords({ every: 1, unit: 'week' })).toBe('every week')
  expect(recurrenceWords({ every: 2, unit: 'month' })).toBe('every 2 months')
  expect(daysWords({ startsOn: '2026-11-02', endsOn: null })).toBe('from 2 Nov 2026')
})

it('a day of a window is told by the day of the week where every window begins on the same', () => {
  expect(weekdayOf('2026-11-30')).toBe('Mon')
  const start = '2026-12-02'
  expect(windowDayWords(1, { every: 1, unit: 'week' }, start, 1)).toBe('Wed')
  expect(windowDayWords(6, { every: 1, unit: 'week' }, start, 1)).toBe('Mon')
  expect(windowDayWords(8, { every: 2, unit: 'week' }, start, 1)).toBe('Wed, week 2')
  expect(windowDayWords(7, { every: 2, unit: 'week' }, start, 2)).toBe('Tue')
})

it('and not where they begin on any, or there is no such day', () => {
  const start = '2026-12-02'
  expect(windowDayWords(1, { every: 1, unit: 'week' }, start, 2)).toBeNull()
  expect(windowDayWords(1, { every: 1, unit: 'month' }, start, 1)).toBeNull()
  expect(windowDayWords(8, { every: 1, unit: 'week' }, start, 1)).toBeNull()
})

it('what was missed says how much of it has a reason', () => {
  expect(missedWords({ missed: 0, excused: 0 })).toBe('none missed')
  expect(missedWords({ missed: 3, excused: 0 })).toBe('3 missed')
  expect(missedWords({ missed: 11, excused: 9 })).toBe('11 missed, 9 with a reason')
})
