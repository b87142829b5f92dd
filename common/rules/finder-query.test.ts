import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../contract/errors.ts'
import { sortFields } from '../contract/interactions.ts'
import { conditionsOf, likePattern, parseSort, tieBreakDescending } from './finder-query.ts'

describe('conditionsOf', () => {
  test('nothing asked, nothing required', () => {
    expect(conditionsOf({})).toEqual([])
    expect(conditionsOf({ search: ' ', title: '', notes: '\u200b', type: [], status: [] })).toEqual([])
  })

  test('each word of a search for itself', () =>
    expect(conditionsOf({ search: 'Zoë  review' })).toEqual([
      { kind: 'contains', term: 'zoe' },
      { kind: 'contains', term: 'review' },
    ]))

  test('a text filter as a whole, at its place in the search text', () =>
    expect(conditionsOf({ title: 'A B', lead: 'Łu', location: 'x', description: 'y', notes: 'z' })).toEqual([
      { kind: 'field-contains', position: 1, term: 'a b' },
      { kind: 'field-contains', position: 3, term: 'lu' },
      { kind: 'field-contains', position: 4, term: 'x' },
      { kind: 'field-contains', position: 5, term: 'y' },
      { kind: 'field-contains', position: 6, term: 'z' },
    ]))

  test('lists and zone', () =>
    expect(conditionsOf({ type: ['Call', 'Visit'], status: ['draft'], timezone: 'Europe/Berlin' })).toEqual([
      { kind: 'one-of', field: 'type', values: ['Call', 'Visit'] },
      { kind: 'one-of', field: 'status', values: ['draft'] },
      { kind: 'one-of', field: 'timezone', values: ['Europe/Berlin'] },
    ]))

  test('people', () => {
    const [one, two] = ['0192f000-0000-7000-8000-0000000000a1', '0192f000-0000-7000-8000-0000000000b0']
    expect(conditionsOf({ updatedBy: [one, two], createdBy: [two] })).toEqual([
      { kind: 'one-of', field: 'createdBy', values: [two] },
      { kind: 'one-of', field: 'updatedBy', values: [one, two] },
    ])
    expect(conditionsOf({ createdBy: [], updatedBy: [] })).toEqual([])
  })

  test('moments in UTC, from inclusive and before exclusive', () =>
    expect(
      conditionsOf({
        startFrom: '2026-08-22T14:00:00+02:00',
        startBefore: '2026-08-23T00:00Z',
        endFrom: '2026-08-22T12:00:00Z',
        endBefore: '2026-08-22T12:00:00.5Z',
        createdFrom: '2026-01-01T00:00:00+01:00',
        createdBefore: '2026-02-01T00:00:00Z',
        updatedFrom: '2026-03-01T00:00:00Z',
        updatedBefore: '2026-04-01T00:00:00-01:00',
      }),
    ).toEqual([
      { kind: 'from', field: 'startDateTime', instant: '2026-08-22T12:00:00.000Z' },
      { kind: 'before', field: 'startDateTime', instant: '2026-08-23T00:00:00.000Z' },
      { kind: 'from', field: 'endDateTime', instant: '2026-08-22T12:00:00.000Z' },
      { kind: 'before', field: 'endDateTime', instant: '2026-08-22T12:00:00.500Z' },
      { kind: 'from', field: 'createdAt', instant: '2025-12-31T23:00:00.000Z' },
      { kind: 'before', field: 'createdAt', instant: '2026-02-01T00:00:00.000Z' },
      { kind: 'from', field: 'updatedAt', instant: '2026-03-01T00:00:00.000Z' },
      { kind: 'before', field: 'updatedAt', instant: '2026-04-01T01:00:00.000Z' },
    ]))
})

describe('likePattern', () => {
  /** What LIKE with ESCAPE '\' does. */
  const like = (text: string, pattern: string) => {
    const source = pattern.replace(/\\(.)|[%_]|[^\\%_]+/gsu, (part, escaped?: string) => {
      if (escaped !== undefined) return escaped.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
      if (part === '%') return '[^]*'
      if (part === '_') return '[^]'
      return part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
    })
    return new RegExp(`^${source}$`, 'u').test(text)
  }
  const tricky = fc.string({ unit: fc.constantFrom('a', 'b', '%', '_', '\\', '.', '*') })

  test('means: contains, to the letter', () => {
    fc.assert(
      fc.property(tricky, tricky, (text, term) => {
        expect(like(text, likePattern(term))).toBe(text.includes(term))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('parseSort', () => {
  test('newest first when nothing is asked', () => {
    for (const nothing of [undefined, '', '  ']) {
      expect(parseSort(nothing)).toEqual([{ field: 'startDateTime', descending: true }])
    }
  })

  test('several keys, each with its direction', () =>
    expect(parseSort('lead, -startDateTime')).toEqual([
      { field: 'lead', descending: false },
      { field: 'startDateTime', descending: true },
    ]))

  test('direction is for keys without a minus', () =>
    expect(parseSort('title,-lead', 'desc')).toEqual([
      { field: 'title', descending: true },
      { field: 'lead', descending: true },
    ]))

  test.each(sortFields)('%s', (field) =>
    expect(parseSort(`-${field}`)).toEqual([{ field, descending: true }]),
  )

  test.each([
    ['an unknown field', 'nope', 1],
    ['one that sorting has no key for', 'notes', 1],
    ['a name with a trick in it', 'title;drop table', 1],
    ['something on every prototype', 'constructor', 1],
    ['two unknown ones', 'a,b', 2],
    ['nothing between two commas', 'title,,lead', 1],
    ['a field twice', 'title,-title', 1],
    ['two minus signs', '--title', 1],
  ])('refuses %s', (_, sort, problems) => {
    try {
      parseSort(sort)
    } catch (error) {
      expect(error).toBeInstanceOf(AppError)
      const { code, details } = error as AppError
      expect(code).toBe('VALIDATION_ERROR')
      expect(details!.map(({ field }) => field)).toEqual(Array<string>(problems).fill('sort'))
      return
    }
    expect.fail('was accepted')
  })

  test('ties go the way of the last key', () => {
    expect(tieBreakDescending(parseSort('lead,-startDateTime'))).toBe(true)
    expect(tieBreakDescending(parseSort('-lead,startDateTime'))).toBe(false)
    expect(tieBreakDescending([])).toBe(false)
  })
})
