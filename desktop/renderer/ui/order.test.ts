import { expect, test } from 'vitest'
import { moved } from './order.ts'

test.each([
  [0, 2, 'bcad'],
  [3, 0, 'dabc'],
  [2, 1, 'acbd'],
  [1, 1, 'abcd'],
])('from %i to %i', (from, to, then) => expect(moved([...'abcd'], from, to).join('')).toBe(then))
