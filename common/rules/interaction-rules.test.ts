import { describe, expect, test } from 'vitest'
import { type InteractionFields, type Status, statuses } from '../contract/interactions.ts'
import {
  actionsOf,
  emptyFields,
  fieldsOf,
  interactionFields,
  interactionProblems,
  mayBecome,
  mayBePartial,
  normalise,
} from './interaction-rules.ts'

const complete: InteractionFields = {
  title: 'Review',
  type: 'Meeting',
  lead: 'Ana Jones',
  startDateTime: '2026-03-02T09:00:00.000Z',
  endDateTime: '2026-03-02T10:00:00.000Z',
  timezone: 'Europe/Berlin',
  location: '',
  description: '',
  notes: '',
  status: 'complete',
}
const problems = (changes: object, from: Status | null = null) =>
  interactionProblems({ ...complete, ...changes }, from).map(({ field, message }) => `${field}: ${message}`)

describe('the lifecycle of source 003 §4.4.5', () => {
  const allowed: Record<Status | 'new', string> = {
    //         draft incomplete complete active archived
    new: '       ✓      ✓         ✓      ✓       –',
    draft: '     ✓      ✓         ✓      –       –',
    incomplete: '✓      ✓         ✓      –       –',
    complete: '  –      –         ✓      ✓       ✓',
    active: '    –      –         ✓      ✓       ✓',
    archived: '  –      –         ✓      –       ✓',
  }
  const cases = Object.entries(allowed).flatMap(([from, row]) =>
    [...row.replaceAll(' ', '')].map((mark, index) => [from, statuses[index]!, mark === '✓'] as const),
  )
  test.each(cases)('%s → %s: %s', (from, to, may) => {
    const before = from === 'new' ? null : (from as Status)
    expect(mayBecome(before, to)).toBe(may)
    expect(problems({ status: to }, before)).toEqual(
      may ? [] : [`status: Cannot become ${to}${before ? ` from ${before}` : ''}`],
    )
  })
})

test.each(statuses)('every way on from %s is offered as an action, in words of its own', (status) => {
  const offered = actionsOf(status)
  const legal = statuses.filter((to) => to !== status && mayBecome(status, to))
  expect(offered.map(({ to }) => to).toSorted()).toEqual(legal.toSorted())
  expect(new Set(offered.map(({ words }) => words)).size).toBe(offered.length)
})

describe('required fields', () => {
  const required = ['title', 'type', 'lead', 'startDateTime', 'endDateTime', 'timezone'] as const

  test.each(required)('%s may be missing in a draft or incomplete record only', (field) => {
    for (const status of statuses) {
      const from = status === 'archived' ? 'complete' : null
      const found = problems({ [field]: null, status }, from)
      expect(found).toEqual(mayBePartial(status) ? [] : [`${field}: Is required`])
    }
  })

  test('all that miss are named', () =>
    expect(interactionProblems(emptyFields, null)).toEqual(
      required.map((field) => ({ field, message: 'Is required' })),
    ))

  test('the others never are', () =>
    expect(problems({ location: '', description: '', notes: '' })).toEqual([]))
})

describe('the end', () => {
  test.each([
    ['equal', '2026-03-02T09:00:00.000Z'],
    ['before', '2026-03-02T08:59:59.999Z'],
    ['later on the clock but not in time', '2026-03-02T10:30:00+02:00'],
  ])('%s to the start is refused', (_, endDateTime) =>
    expect(problems({ endDateTime })).toEqual(['endDateTime: Must be after the start']),
  )
  test('is refused in drafts too', () =>
    expect(problems({ status: 'draft', endDateTime: complete.startDateTime })).toEqual([
      'endDateTime: Must be after the start',
    ]))
  test('a millisecond later will do', () =>
    expect(problems({ endDateTime: '2026-03-02T09:00:00.001Z' })).toEqual([]))
  test('is not compared with a start that is not there', () =>
    expect(problems({ status: 'draft', startDateTime: null })).toEqual([]))
})

test('the shape comes first: what is no record is not judged as one', () => {
  expect(problems({ title: 7, endDateTime: complete.startDateTime })).toEqual(['title: Must be text'])
  expect(interactionProblems(null, null)).toEqual([{ field: '', message: 'Must be an object' }])
  expect(interactionProblems({}, null)).toHaveLength(interactionFields.length)
})

describe('normalise', () => {
  test('writes moments in UTC with milliseconds', () =>
    expect(
      normalise({ startDateTime: '2026-08-22T14:00+02:00', endDateTime: '2026-08-22T14:00:00.123456Z' }),
    ).toEqual({
      startDateTime: '2026-08-22T12:00:00.000Z',
      endDateTime: '2026-08-22T14:00:00.123Z',
    }))
  test('adds nothing, and keeps what is empty', () => {
    expect(normalise({ title: ' as it is ' })).toEqual({ title: ' as it is ' })
    expect(normalise({ startDateTime: null })).toEqual({ startDateTime: null })
  })
})

test('fieldsOf leaves out what is not filled in by people', () => {
  const record = {
    ...complete,
    id: 'a',
    siteId: 'b',
    version: 1,
    createdBy: 'c',
    createdAt: '',
    updatedBy: 'c',
    updatedAt: '',
  }
  expect(fieldsOf(record)).toEqual(complete)
})
