import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'
import { endpoints } from './index.ts'
import type { Endpoint } from './endpoint.ts'
import { describeErrors } from './sentences.ts'

type Schema = Record<string, unknown>

/** Where, in what a request may carry, a text may be anything at all: NUL and lone surrogates no database holds. */
function loose(schema: Schema, path: string): string[] {
  const isLoose =
    schema.type === 'string' && !['format', 'enum', 'const', 'pattern'].some((keyword) => keyword in schema)
  const named = Object.entries((schema.properties ?? {}) as Record<string, Schema>).map(
    ([name, part]) => [`${path}.${name}`, part] as const,
  )
  const unnamed = [schema.items, ...((schema.anyOf ?? []) as unknown[])].flatMap((part) =>
    part ? [[path, part as Schema] as const] : [],
  )
  return [...(isLoose ? [path] : []), ...[...named, ...unnamed].flatMap(([at, part]) => loose(part, at))]
}

test('every text a request may carry is one that the database can hold', () => {
  const found = Object.entries(endpoints as Record<string, Endpoint>).flatMap(([name, { schema }]) =>
    (['body', 'querystring', 'params'] as const).flatMap((part) =>
      loose((schema[part] ?? {}) as Schema, `${name} ${part}`),
    ),
  )
  expect(found).toEqual([])
})

/** The schemas of texts, one for each pattern and format. */
function texts(schema: unknown, found = new Map<string, Schema>()): Map<string, Schema> {
  if (typeof schema !== 'object' || schema === null) return found
  const { type, pattern, format } = schema as Schema
  if (type === 'string' && (pattern ?? format))
    found.set(`${pattern as string} ${format as string}`, schema as Schema)
  for (const part of Object.values(schema)) texts(part, found)
  return found
}

// A pattern that tries the square of a text's length would stop the server for minutes here.
test.each([...texts(Object.values(endpoints)).values()])(
  '%j looks at the longest of texts once',
  (schema) => {
    const validator = Compile(schema)
    const most = 500_000
    for (const text of ['x', ' ', '1', 'Ab', '-', 'a@'].flatMap((part) => {
      const long = part.repeat(most / part.length)
      return [long, `${long},`, `${long}\0`, `${long}!`, `${long}\n`]
    }))
      expect(validator.Check(text) || describeErrors([...validator.Errors(text)]).length > 0).toBe(true)
  },
)
