import { expect, it } from 'vitest'
import { stepFrom } from './list-steps.ts'

const rows = [true, false, false, true, false].map((isHeading, index) => ({ key: `${index}`, isHeading }))

it.each([
  ['down', 1, 1, 2],
  ['down past a heading', 2, 1, 4],
  ['up past a heading', 4, -1, 2],
  ['up at the top, which is a heading', 1, -1, 1],
  ['to the end', 1, 5, 4],
  ['to the start', 4, -5, 1],
  ['from nowhere', -1, 1, 1],
])('a step in a list goes %s', (_, from, step, to) => {
  expect(stepFrom(rows, from, step)).toBe(to)
})

it('goes nowhere without rows', () => {
  expect(stepFrom([], -1, 1)).toBe(-1)
  expect(stepFrom([{ key: 'a', isHeading: true }], -1, 1)).toBe(-1)
})
