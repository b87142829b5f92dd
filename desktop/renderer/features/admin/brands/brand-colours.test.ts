import { expect, it } from 'vitest'
import { brandColours, colourOf, contrastWithWhite, nextColour } from './brand-colours.ts'

it.each(brandColours)('%s, %s, is a colour on which white words can be read', (colour) => {
  expect(colourOf(colour)).toBe(colour)
  expect(contrastWithWhite(colour)).toBeGreaterThanOrEqual(4.5)
})

it('contrast is that of WCAG', () => {
  expect(contrastWithWhite('#000000')).toBeCloseTo(21)
  expect(contrastWithWhite('#ffffff')).toBeCloseTo(1)
  expect(contrastWithWhite('#767676')).toBeCloseTo(4.54, 2)
})

it.each([
  ['#0D6E6E', '#0d6e6e'],
  [' abc ', '#aabbcc'],
  ['0d6e6e', '#0d6e6e'],
  ['teal', null],
  ['#0d6e6', null],
  ['', null],
])('“%s” is read as %s', (text, colour) => expect(colourOf(text)).toBe(colour))

it('a new brand has a colour that is not taken yet', () => {
  const all = brandColours.map(([colour]) => colour)
  expect(nextColour([])).toBe(all[0])
  expect(nextColour([all[1]!, all[0]!])).toBe(all[2])
  expect(all).toContain(nextColour(all))
})
