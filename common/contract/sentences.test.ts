import Type, { type TSchema } from 'typebox'
import { describe, expect, test } from 'vitest'
import { InteractionFields } from './interactions.ts'
import { Closed, Nullable, Text, Uuid } from './primitives.ts'
import { describeErrors, problemsOf } from './sentences.ts'

describe('a sentence for each thing a schema can ask', () => {
  const cases: [string, TSchema, unknown, string][] = [
    ['minLength 1', Type.String({ minLength: 1 }), '', 'Is required'],
    ['minLength', Type.String({ minLength: 3 }), 'ab', 'Must have at least 3 characters'],
    ['maxLength', Type.String({ maxLength: 2 }), 'abc', 'Must have at most 2 characters'],
    ['pattern', Type.String({ pattern: '^a$' }), 'b', 'Is not in the expected form'],
    ['format uuid', Uuid, 'b', 'Must be a UUID in lower case'],
    ['minimum', Type.Integer({ minimum: 1 }), 0, 'Must be 1 or more'],
    ['maximum', Type.Integer({ maximum: 9 }), 10, 'Must be 9 or less'],
    ['minItems', Type.Array(Type.Integer(), { minItems: 2 }), [1], 'Must have at least 2 items'],
    ['maxItems', Type.Array(Type.Integer(), { maxItems: 1 }), [1, 2], 'Must have at most 1 items'],
    ['enum', Type.Enum(['a', 'b']), 'c', 'Must be one of a, b'],
    ['const', Type.Literal('a'), 'b', 'Must be a'],
    ['type text', Type.String(), 1, 'Must be text'],
    ['type integer', Type.Integer(), 1.5, 'Must be a whole number'],
    ['type number', Type.Number(), '1', 'Must be a number'],
    ['type boolean', Type.Boolean(), 'true', 'Must be true or false'],
    ['type object', Type.Object({}), [], 'Must be an object'],
    ['type array', Type.Array(Type.String()), {}, 'Must be a list'],
    ['type null', Type.Null(), 0, 'Must be empty'],
    ['a union tells of its first branch', Nullable(Text(2)), 'abc', 'Must have at most 2 characters'],
  ]
  test.each(cases)('%s', (_, schema, value, message) =>
    expect(problemsOf(Closed({ it: schema }), { it: value })).toEqual([{ field: 'it', message }]),
  )

  test('required', () =>
    expect(problemsOf(Closed({ a: Type.String(), b: Type.String() }), {})).toEqual([
      { field: 'a', message: 'Is required' },
      { field: 'b', message: 'Is required' },
    ]))

  test('additionalProperties', () =>
    expect(problemsOf(Closed({}), { x: 1, y: 2 })).toEqual([
      { field: 'x', message: 'Is not a known field' },
      { field: 'y', message: 'Is not a known field' },
    ]))
})

test('a field inside others is named by its path', () => {
  const schema = Closed({ list: Type.Array(Closed({ name: Type.String() })) })
  expect(problemsOf(schema, { list: [{ name: 'a' }, { name: 1 }, {}] })).toEqual([
    { field: 'list.1.name', message: 'Must be text' },
    { field: 'list.2.name', message: 'Is required' },
  ])
})

test('one sentence per field, however many rules it breaks', () => {
  const found = problemsOf(InteractionFields, { title: '\0'.repeat(300), status: 'gone' })
  expect(new Set(found.map(({ field }) => field)).size).toBe(found.length)
  expect(found).toContainEqual({
    field: 'status',
    message: 'Must be one of draft, incomplete, complete, active, archived',
  })
})

test('a value that keeps its schema has no problems', () => expect(problemsOf(Text(3), 'abc')).toEqual([]))

test('a failure never goes without a sentence', () =>
  expect(describeErrors([{ keyword: 'not', instancePath: '', params: {} } as never])).toEqual([
    { field: '', message: 'Is not in the expected form' },
  ]))
