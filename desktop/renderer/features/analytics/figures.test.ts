import { afterAll, expect, it, vi } from 'vitest'

vi.stubGlobal('window', { fieldbook: { on: () => () => undefined, ask: () => new Promise(() => {}) } })
afterAll(() => vi.unstubAllGlobals())

const { daysOf, ownProblem, queryOf, soughtOf, unitOf } = await import('./analytics-filters.ts')
const { axisWords, changeOf, percentWords, pointsOf } = await import('./figure-words.ts')
const { countCell, percentCell, plainRows } = await import('./figure-table.ts')

const own = { from: '2026-01-01', to: '2026-01-31' }
const filters = { period: 'own', own, site: null, team: null, agent: null, brand: null } as const

it('a period is the days that its name says, up to today', () => {
  const day = '2026-12-01'
  expect(daysOf({ period: 'last30', own }, day)).toEqual({ from: '2026-11-02', to: '2026-12-01' })
  expect(daysOf({ period: 'week', own }, day)).toEqual({ from: '2026-11-30', to: day })
  expect(daysOf({ period: 'year', own }, day)).toEqual({ from: '2026-01-01', to: day })
  expect(daysOf({ period: 'own', own }, day)).toEqual(own)
})

it('own days that cannot be asked for say why', () => {
  expect(ownProblem(own)).toBeNull()
  expect(ownProblem({ from: '', to: '2026-01-01' })).toContain('first and the last')
  expect(ownProblem({ from: '2026-01-02', to: '2026-01-01' })).toContain('before the first')
  expect(ownProblem({ from: '2020-01-01', to: '2026-01-01' })).toContain('five years')
})

it('is drawn in steps that are neither too few nor too many', () => {
  expect(unitOf({ from: '2026-01-01', to: '2026-01-31' })).toBe('day')
  expect(unitOf({ from: '2026-01-01', to: '2026-12-31' })).toBe('week')
  expect(unitOf({ from: '2024-01-01', to: '2026-12-31' })).toBe('month')
})

it('asks, and lists the visits behind a figure, by the same', () => {
  const berlin = { id: 'berlin', name: 'Team Berlin' }
  const of = { ...filters, team: berlin }
  expect(queryOf(of, own)).toEqual({ ...own, teamId: 'berlin' })
  expect(soughtOf(of, own)).toEqual({ from: own.from, until: own.to, team: berlin })
})

it('a change is said against what was before', () => {
  expect(changeOf(106, 100)).toEqual({ words: '6 %', way: 1 })
  expect(changeOf(50, 100)).toEqual({ words: '50 %', way: -1 })
  expect(changeOf(3, 0)).toEqual({ words: 'none before', way: 0 })
  expect(changeOf(0, 0)).toEqual({ words: 'as before', way: 0 })
  expect(pointsOf(31.2, 32)).toEqual({ words: '0.8 points', way: -1 })
  expect(pointsOf(31.2, null)).toBeNull()
})

it('percentages have one decimal, and steps their day or month', () => {
  expect([percentWords(31.2499), percentWords(0), percentWords(null)]).toEqual(['31.2 %', '0 %', '–'])
  expect(axisWords(own, 'day')).toBe('1 Jan')
  expect(axisWords(own, 'month')).toBe('Jan 2026')
})

it('a file has the numbers themselves, and nothing where nothing was measured', () => {
  const rows = [
    { key: 'a', cells: ['=1+1', countCell(1284), percentCell(31.23456)] },
    { key: 'b', cells: ['–', countCell(0), percentCell(null)] },
  ]
  expect(plainRows({ head: ['Shop', 'Visits', 'Share'], rows })).toEqual([
    ['Shop', 'Visits', 'Share'],
    ['=1+1', '1284', '31.2346'],
    ['', '0', ''],
  ])
  const [, count] = rows[1]!.cells
  expect(count).toMatchObject({ words: '0', onOpen: undefined })
})
