import { expect, test } from 'vitest'
import { endpoints } from './index.ts'
import type { Endpoint } from './endpoint.ts'

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
