import { expect, it } from 'vitest'
import { before, daysUpTo, lengthOf, monthAt, quarterOf, weekOf, yearUpTo } from './periods.ts'

it('a week begins on Monday, at the end of the year too', () => {
  expect(weekOf('2026-12-31')).toEqual({ from: '2026-12-28', to: '2027-01-03' })
  expect(weekOf('2026-11-30')).toEqual({ from: '2026-11-30', to: '2026-12-06' })
  expect(weekOf('2026-12-06')).toEqual({ from: '2026-11-30', to: '2026-12-06' })
})

it('months and quarters are whole, over the turn of the year and in leap years', () => {
  expect(monthAt('2028-02-10')).toEqual({ from: '2028-02-01', to: '2028-02-29' })
  expect(monthAt('2026-12-31', 1)).toEqual({ from: '2027-01-01', to: '2027-01-31' })
  expect(quarterOf('2026-12-31')).toEqual({ from: '2026-10-01', to: '2026-12-31' })
  expect(quarterOf('2026-04-01')).toEqual({ from: '2026-04-01', to: '2026-06-30' })
  expect(yearUpTo('2026-02-10')).toEqual({ from: '2025-03-01', to: '2026-02-28' })
})

it('days up to one are counted with it, and what was before has as many', () => {
  expect(daysUpTo('2026-12-01', 30)).toEqual({ from: '2026-11-02', to: '2026-12-01' })
  const march = monthAt('2026-03-15')
  expect(lengthOf(march)).toBe(31)
  expect(before(march)).toEqual({ from: '2026-01-29', to: '2026-02-28' })
})
