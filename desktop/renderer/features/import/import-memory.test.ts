import { expect, it } from 'vitest'
import type { ImportOptions } from '#common/contract/imports'
import { remembered, remembering } from './import-memory.ts'

const options = (startTime: string, columns = 2): ImportOptions => ({
  columns: Array.from({ length: columns }, () => null),
  defaults: {},
  dateOrder: 'dmy',
  startTime,
  endTime: '23:59',
  existing: 'update',
})

it('a table is known again by its columns, as it was meant last', () => {
  const once = remembering(undefined, ['a', 'b'], options('08:00'))
  const twice = remembering(remembering(once, ['b', 'a'], options('09:00')), ['a', 'b'], options('10:00'))
  expect(remembered(twice, ['a', 'b'])?.startTime).toBe('10:00')
  expect(remembered(twice, ['b', 'a'])?.startTime).toBe('09:00')
  expect(remembered(twice, ['a', 'b', 'c'])).toBeNull()
  expect(remembered('nonsense', ['a', 'b'])).toBeNull()
  expect(twice).toHaveLength(2)
})

it('only the latest dozen are kept', () => {
  let kept: unknown
  for (let turn = 0; turn < 20; turn++) kept = remembering(kept, [`${turn}`], options('08:00', 1))
  expect(kept).toHaveLength(12)
  expect(remembered(kept, ['19'])).not.toBeNull()
  expect(remembered(kept, ['0'])).toBeNull()
})
