import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { interactionProblems } from '#common/rules/interaction-rules'
import { standardTypes } from './demo.ts'
import { generateInteractions } from './generated.ts'

const digest = (value: unknown) =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)

test('the same seed gives the same records, on every machine', () => {
  expect(generateInteractions(300, 1)).toEqual(generateInteractions(300, 1))
  expect(digest(generateInteractions(300, 1))).toBe('2b5ba94ba0450c91')
  expect(generateInteractions(300, 1)).not.toEqual(generateInteractions(300, 2))
  expect(generateInteractions(200, 1)).toEqual(generateInteractions(300, 1).slice(0, 200))
})

test('all of them are valid, of known types, and look as if people had made them', () => {
  const all = generateInteractions(3000, 1)
  for (const record of all) {
    expect(interactionProblems(record, null)).toEqual([])
    expect(standardTypes).toContain(record.type)
    expect(record.startDateTime! < record.endDateTime!).toBe(true)
  }
  const kinds = (field: keyof (typeof all)[number]) => new Set(all.map((record) => record[field])).size
  expect(kinds('lead')).toBe(12)
  expect(kinds('timezone')).toBeGreaterThanOrEqual(5)
  expect(kinds('title')).toBeGreaterThan(80)
  expect(kinds('status')).toBe(2)
})
