import { expect, it } from 'vitest'
import { chooseUpTo, isWhole, toggle, togglePage } from './choice.ts'

const shown = ['a', 'b', 'c', 'd', 'e']
const list = (chosen: ReadonlySet<string>) => [...chosen].toSorted().join('')

it('ticks and unticks one', () => {
  expect(list(toggle(new Set(['a']), 'b'))).toBe('ab')
  expect(list(toggle(new Set(['a', 'b']), 'a'))).toBe('b')
})

it('ticks from the last tick up to here, in both directions', () => {
  const one = toggle(new Set(), 'b')
  expect(list(chooseUpTo(one, shown, 'd'))).toBe('bcd')
  const other = toggle(new Set(), 'd')
  expect(list(chooseUpTo(other, shown, 'a'))).toBe('abcd')
})

it('ticks one alone where the last tick is out of sight', () => {
  toggle(new Set(), 'elsewhere')
  expect(list(chooseUpTo(new Set(), shown, 'c'))).toBe('c')
})

it('ticks a page, and unticks it where all of it was ticked; other pages stay', () => {
  const page = togglePage(new Set(['z', 'a']), shown)
  expect(list(page)).toBe('abcdez')
  expect(isWhole(page, shown)).toBe(true)
  expect(list(togglePage(page, shown))).toBe('z')
  expect(isWhole(new Set(), [])).toBe(false)
})
