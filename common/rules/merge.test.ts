import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { InteractionField, InteractionFields } from '../contract/interactions.ts'
import { difference, merge } from './merge.ts'

const was: InteractionFields = {
  title: 'Review',
  type: 'Meeting',
  lead: 'Ana',
  startDateTime: '2026-03-02T09:00:00.000Z',
  endDateTime: '2026-03-02T10:00:00.000Z',
  timezone: 'Europe/Berlin',
  location: 'Room A',
  description: '',
  notes: '',
  status: 'complete',
}
const time = ['startDateTime', 'endDateTime', 'timezone'] as const

/** An edit of mine on top of `was`, put onto the record as others have left it. */
function mergeInto(theirs: Partial<InteractionFields>, mine: Partial<InteractionFields>) {
  const { base, patch } = difference(was, { ...was, ...mine })
  return merge(base, patch, { ...was, ...theirs })
}

describe('merge', () => {
  test('different fields both count', () =>
    expect(mergeInto({ title: 'Theirs' }, { notes: 'Mine' })).toEqual({
      kind: 'merged',
      fields: { ...was, title: 'Theirs', notes: 'Mine' },
    }))

  test('the same field to different values is a conflict of that field alone', () =>
    expect(mergeInto({ title: 'Theirs', lead: 'Tom' }, { title: 'Mine', notes: 'Mine' })).toEqual({
      kind: 'conflict',
      fields: ['title'],
    }))

  test('every field in conflict is named', () =>
    expect(mergeInto({ title: 'T', notes: 'T' }, { title: 'M', notes: 'M' })).toEqual({
      kind: 'conflict',
      fields: ['title', 'notes'],
    }))

  test('the same field to the same value is settled', () =>
    expect(mergeInto({ title: 'Same' }, { title: 'Same' })).toEqual({
      kind: 'merged',
      fields: { ...was, title: 'Same' },
    }))

  test('their change there and back is none', () =>
    expect(mergeInto({}, { title: 'Mine' })).toEqual({ kind: 'merged', fields: { ...was, title: 'Mine' } }))

  test('emptying a field is an edit like any other', () => {
    expect(mergeInto({ title: 'Theirs' }, { title: null })).toEqual({ kind: 'conflict', fields: ['title'] })
    expect(mergeInto({ title: null }, { title: null })).toEqual({
      kind: 'merged',
      fields: { ...was, title: null },
    })
  })

  describe('start, end and zone', () => {
    test('conflict as one, even where each side changed another of them', () => {
      for (const [theirs, mine] of [
        [{ startDateTime: '2026-03-02T08:00:00.000Z' }, { endDateTime: '2026-03-02T11:00:00.000Z' }],
        [{ timezone: 'Europe/London' }, { startDateTime: '2026-03-02T08:00:00.000Z' }],
        [{ endDateTime: '2026-03-02T11:00:00.000Z' }, { timezone: 'Europe/London' }],
      ] as const) {
        const merged = mergeInto(theirs, mine)
        expect(merged.kind).toBe('conflict')
        expect([...(merged.fields as string[])].sort()).toEqual([...time].sort())
      }
    })

    test('are settled only when all three are', () => {
      const both = { startDateTime: '2026-03-02T08:00:00.000Z', endDateTime: '2026-03-02T11:00:00.000Z' }
      expect(mergeInto(both, both)).toEqual({ kind: 'merged', fields: { ...was, ...both } })
      expect(mergeInto({ startDateTime: both.startDateTime }, both)).toMatchObject({ kind: 'conflict' })
    })

    test('leave other fields alone', () =>
      expect(mergeInto({ title: 'Theirs' }, { timezone: 'Europe/London' })).toEqual({
        kind: 'merged',
        fields: { ...was, title: 'Theirs', timezone: 'Europe/London' },
      }))
  })

  const text = fc.option(fc.constantFrom('a', 'b', 'c'))
  const record: fc.Arbitrary<InteractionFields> = fc.record({
    title: text,
    type: text,
    lead: text,
    startDateTime: text,
    endDateTime: text,
    timezone: text,
    location: fc.constantFrom('a', 'b', 'c'),
    description: fc.constantFrom('a', 'b', 'c'),
    notes: fc.constantFrom('a', 'b', 'c'),
    status: fc.constantFrom('draft', 'complete'),
  })
  const fields = Object.keys(was) as InteractionField[]
  const groups = [
    [...time],
    ...fields.filter((field) => !time.includes(field as never)).map((field) => [field]),
  ]

  test('against a reading of the rule, group by group', () => {
    fc.assert(
      fc.property(record, record, record, (base, theirs, mine) => {
        const edit = difference(base, mine)
        const merged = merge(edit.base, edit.patch, theirs)
        const differ = (a: InteractionFields, b: InteractionFields, group: string[]) =>
          group.some((field) => a[field as InteractionField] !== b[field as InteractionField])
        const clashes = groups.filter(
          (group) => differ(base, mine, group) && differ(base, theirs, group) && differ(theirs, mine, group),
        )
        if (clashes.length > 0) {
          expect(merged.kind).toBe('conflict')
          expect(new Set((merged as { fields: string[] }).fields)).toEqual(new Set(clashes.flat()))
        } else {
          const expected = { ...theirs }
          for (const group of groups) {
            for (const field of group)
              if (differ(base, mine, group)) Object.assign(expected, { [field]: mine[field] })
          }
          expect(merged).toEqual({ kind: 'merged', fields: expected })
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('disjoint edits give the same record in either order', () => {
    fc.assert(
      fc.property(record, record, fc.subarray(groups), (base, other, mineGroups) => {
        const mineFields = new Set<string>(mineGroups.flat())
        const take = (wanted: boolean): InteractionFields => ({
          ...base,
          ...Object.fromEntries(fields.filter((f) => mineFields.has(f) === wanted).map((f) => [f, other[f]])),
        })
        const [mine, theirs] = [difference(base, take(true)), difference(base, take(false))]
        const first = merge(mine.base, mine.patch, take(false))
        const second = merge(theirs.base, theirs.patch, take(true))
        expect(first).toEqual({ kind: 'merged', fields: other })
        expect(second).toEqual(first)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('difference', () => {
  test('is empty when nothing changed', () =>
    expect(difference(was, { ...was })).toEqual({ base: {}, patch: {} }))

  test('has the touched fields alone, old and new', () =>
    expect(difference(was, { ...was, title: 'New', notes: 'n' })).toEqual({
      base: { title: 'Review', notes: '' },
      patch: { title: 'New', notes: 'n' },
    }))

  test.each(time)('has start, end and zone when %s changed', (field) => {
    const next = { ...was, [field]: 'x' }
    const { base, patch } = difference(was, next)
    expect(Object.keys(base).sort()).toEqual([...time].sort())
    expect(patch).toEqual(Object.fromEntries(time.map((each) => [each, next[each]])))
  })
})
