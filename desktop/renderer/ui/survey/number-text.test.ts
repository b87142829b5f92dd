import { expect, it } from 'vitest'
import { numberOf, typedNumber } from './number-text.ts'

it.each([
  ['12', 12],
  [' 3,5 ', 3.5],
  ['3.50', 3.5],
  ['-0,25', -0.25],
  ['.5', 0.5],
  ['5,', 5],
  ['', null],
  ['12 pieces', null],
  ['1.000,50', null],
  ['1e5', null],
  ['-', null],
])('“%s” is read as %s', (typed, number) => expect(numberOf(typed)).toBe(number))

it.each([
  [' 3,5 ', 3.5],
  ['1.000,5', '1.000,5'],
  ['-', '-'],
  [' ', null],
])('“%s” is typed for %s', (text, value) => expect(typedNumber(text)).toBe(value))
