import { expect, it } from 'vitest'
import { best } from './match.ts'

const choices = [
  'Go to Sync centre',
  'Switch to Marketing',
  'Save as a view',
  'View: Öffentliche Termine',
].map((words) => ({ words }))
const found = (typed: string) => best(choices, typed).map(({ words }) => words)

it('offers everything, in order, until something is typed', () => {
  expect(found('')).toEqual(choices.map(({ words }) => words))
})

it('finds by the beginnings of words, in any order, whatever case and accents', () => {
  expect(found('cen sync')).toEqual(['Go to Sync centre'])
  expect(found('offen')).toEqual(['View: Öffentliche Termine'])
})

it('puts beginnings before middles, and those before letters that lie apart', () => {
  expect(found('vi')[0]).toBe('View: Öffentliche Termine')
  expect(found('mktg')).toEqual(['Switch to Marketing'])
  expect(found('xyz')).toEqual([])
})
