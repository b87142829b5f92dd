import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { TLocalizedValidationError } from 'typebox/error'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'
import type { FieldProblem } from './errors.ts'
import { notOnlySpaces } from './primitives.ts'

/** One table from what a schema asks for to a sentence a person understands; form, API and IPC all speak from it. */

Settings.Set({ maxErrors: 64 })

const formats: Record<string, string> = {
  text: 'Contains a character that cannot be stored',
  'time-zone': 'Must be a time zone such as Europe/Berlin',
  instant: 'Must be a date and time with its offset, such as 2026-08-22T14:00:00+02:00',
  day: 'Must be a day from 1900 to 2999, such as 2026-11-30',
  uuid: 'Must be a UUID in lower case',
  email: 'Must be an e-mail address',
}

type Params = Record<string, unknown>

const limit = (params: Params) => String(params.limit)

const sentences: Record<string, (params: Params) => string> = {
  required: () => 'Is required',
  additionalProperties: () => 'Is not a known field',
  format: (params) => formats[params.format as string] ?? 'Is not in the expected form',
  pattern: (params) => (params.pattern === notOnlySpaces ? 'Is required' : 'Is not in the expected form'),
  minLength: (params) =>
    params.limit === 1 ? 'Is required' : `Must have at least ${limit(params)} characters`,
  maxLength: (params) => `Must have at most ${limit(params)} characters`,
  minimum: (params) => `Must be ${limit(params)} or more`,
  exclusiveMinimum: (params) => `Must be more than ${limit(params)}`,
  maximum: (params) => `Must be ${limit(params)} or less`,
  minItems: (params) => `Must have at least ${limit(params)} items`,
  maxItems: (params) => `Must have at most ${limit(params)} items`,
  uniqueItems: () => 'Must not have the same item twice',
  enum: (params) => `Must be one of ${(params.allowedValues as string[]).join(', ')}`,
  const: (params) => `Must be ${String(params.allowedValue)}`,
  type: (params) => `Must be ${article(params.type)}`,
}

function article(type: unknown) {
  const names: Record<string, string> = {
    string: 'text',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    object: 'an object',
    array: 'a list',
    null: 'empty',
  }
  return names[String(type)] ?? String(type)
}

/** `/mutations/0/title` → `mutations.0.title` */
const fieldName = (instancePath: string) => instancePath.slice(1).replaceAll('/', '.')

const within = (parent: string, name: string) => (parent === '' ? name : `${parent}.${name}`)

/** The problems of a failed validation, one per field, the most telling first; never empty for a failure. */
export function describeErrors(
  errors: Pick<TLocalizedValidationError, 'keyword' | 'instancePath' | 'params'>[],
): FieldProblem[] {
  const found = new Map<string, string>()
  const add = (field: string, message: string) => {
    if (!found.has(field)) found.set(field, message)
  }
  for (const error of errors) {
    const params = error.params as Params
    const field = fieldName(error.instancePath)
    if (error.keyword === 'required') {
      for (const name of params.requiredProperties as string[])
        add(within(field, name), sentences.required!(params))
    } else if (error.keyword === 'additionalProperties') {
      for (const name of params.additionalProperties as string[]) {
        add(within(field, name), sentences.additionalProperties!(params))
      }
    } else if (error.keyword !== 'boolean') {
      const sentence = sentences[error.keyword]
      if (sentence) add(field, sentence(params))
    }
  }
  if (found.size === 0) add('', 'Is not in the expected form')
  return [...found].map(([field, message]) => ({ field, message }))
}

/** A page may not make code of text, and is reported for trying. */
const mayCompile = !('document' in globalThis)
const compiled = new WeakMap<TSchema, (value: unknown) => boolean>()

/** Whether `value` is what `schema` asks for; compiled, since a bulk change asks ten thousand times. */
function isValid(schema: TSchema, value: unknown): boolean {
  if (!mayCompile) return Value.Check(schema, value)
  let check = compiled.get(schema)
  if (!check) {
    const validator = Compile(schema)
    check = (value) => validator.Check(value)
    compiled.set(schema, check)
  }
  return check(value)
}

/** What is wrong with `value` under `schema`, a sentence per field; empty when nothing is. */
export function problemsOf(schema: TSchema, value: unknown): FieldProblem[] {
  return isValid(schema, value) ? [] : describeErrors([...Value.Errors(schema, value)])
}
