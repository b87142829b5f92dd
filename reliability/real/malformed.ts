import { IsOptional, type TSchema } from 'typebox'
import { v7 as uuidv7 } from 'uuid'
import type { Endpoint } from '#common/contract/endpoint'
import type { Random } from '#desktop/main/test/random'

/**
 * Requests that are nearly right. Each starts as one that the contract allows, and is then broken in one to three ways,
 * in its body, query, path, headers or in how they are written down.
 */

export interface Malformed {
  method: string
  url: string
  headers: Record<string, string | string[]>
  payload?: string | Buffer
}

/** What every kind of request may meet: ids that exist, and ones that do not. */
export interface Surroundings {
  ids: readonly string[]
  sites: readonly string[]
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
interface Plan {
  method: string
  path: string
  params: Record<string, string>
  query: [string, string][]
  headers: Record<string, string | string[]>
  body: Json | undefined
  /** How the body is written down; as JSON unless something else was thought of. */
  write: (body: Json) => string | Buffer
}

/** The parts of JSON Schema that the contract is made of. */
interface Schema {
  type?: string
  const?: Json
  enum?: Json[]
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  items?: Schema
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
}

export function malformed(endpoint: Endpoint, random: Random, around: Surroundings): Malformed {
  const plan = wellFormed(endpoint, random, around)
  const ways = waysFor(endpoint, plan)
  for (let n = 1 + random.below(3); n > 0; n--) random.pick(ways)!(plan, random)
  const path = plan.path.replace(/:(\w+)/g, (_, name: string) => plan.params[name] ?? '')
  const query = plan.query.map(([name, value]) => `${name}=${value}`).join('&')
  return {
    method: plan.method,
    url: `/api/v1${path}${query && `?${query}`}`,
    headers: plan.headers,
    ...(plan.body !== undefined && { payload: plan.write(plan.body) }),
  }
}

function wellFormed({ method, url, schema }: Endpoint, random: Random, around: Surroundings): Plan {
  const sampled = (part: TSchema | undefined) =>
    Object.entries(part ? (valueOf(part as Schema, random, around) as Record<string, Json>) : {})
  const written = (value: Json) => (typeof value === 'object' ? JSON.stringify(value) : String(value))
  return {
    method,
    path: url,
    params: Object.fromEntries(
      sampled(schema.params).map(([name, value]) => [name, encodeURIComponent(written(value))]),
    ),
    query: sampled(schema.querystring).map(([name, value]) => [name, encodeURIComponent(written(value))]),
    headers: {
      'content-type': 'application/json',
      ...(random.chance(0.8) && { 'x-site-id': random.pick(around.sites)! }),
    },
    body: schema.body ? valueOf(schema.body, random, around) : undefined,
    write: (body) => JSON.stringify(body),
  }
}

/** Something the schema allows, as far as it can be made from it. */
function valueOf(schema: Schema, random: Random, around: Surroundings): Json {
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return random.pick(schema.enum)!
  if (schema.anyOf) return valueOf(random.pick(schema.anyOf)!, random, around)
  switch (schema.type) {
    case 'null':
      return null
    case 'boolean':
      return random.chance(0.5)
    case 'integer':
    case 'number':
      return Math.min(schema.maximum ?? 1000, (schema.minimum ?? 0) + random.below(5))
    case 'array':
      return Array.from({ length: (schema.minItems ?? 0) + random.below(3) }, () =>
        valueOf(schema.items ?? {}, random, around),
      )
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([, property]) => !IsOptional(property as TSchema) || random.chance(0.5))
          .map(([name, property]) => [name, valueOf(property, random, around)]),
      )
    case 'string':
      return textOf(schema, random, around)
    default:
      return oddValue(random)
  }
}

function textOf(
  { format, pattern, minLength = 0, maxLength = 50 }: Schema,
  random: Random,
  around: Surroundings,
) {
  if (format === 'uuid') return random.chance(0.8) ? random.pick(around.ids)! : uuidv7()
  if (format === 'instant') return `2026-0${1 + random.below(9)}-11T0${random.below(10)}:30:00.000Z`
  if (format === 'time-zone') return random.pick(['Europe/Berlin', 'UTC', 'Asia/Kathmandu'])!
  if (pattern?.includes('0-9a-f')) return '0123456789abcdef'.repeat(4)
  if (pattern?.includes('{43')) return 'Zm9v'.repeat(11).slice(0, 43)
  if (pattern?.includes(':')) return '09:30'
  const words = [
    'Ana Jones',
    'Quarterly review',
    'editor',
    'Ω ünïcode ✓',
    'Meeting',
    '2026-05-05',
    'a@b.example',
  ]
  const word = random.pick(words)!
  return word.padEnd(minLength, 'x').slice(0, Math.max(minLength, maxLength))
}

const deep = (levels: number): Json => {
  let value: Json = []
  for (let n = 0; n < levels; n++) value = n % 2 ? [value] : { a: value }
  return value
}

/** Values that somebody once forgot about. */
const junk: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  -0,
  1e21,
  1e308,
  2 ** 31,
  2 ** 53,
  '',
  ' ',
  'a\0b',
  '\ud800',
  '\udc00x',
  '\u202e\u0000',
  '\ufeff',
  '0',
  'null',
  'undefined',
  'NaN',
  '-1',
  '1e9',
  "' OR 1=1 --",
  '${7*7}',
  '../../../etc/passwd',
  '%',
  '\\',
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '0000-01-01T00:00:00Z',
  '00000000-0000-0000-0000-000000000000',
  'x'.repeat(300),
  'é'.repeat(70_000),
  [],
  {},
  [null],
  [[[]]],
  { toString: 1, valueOf: null },
  { length: 3, 0: 'a' },
  Array.from({ length: 3000 }, (_, n) => n),
  deep(40),
  deep(2000),
]

/** A value of its own, since a further change may reach into it. */
const oddValue = (random: Random): Json => structuredClone(random.pick(junk)!)

const oddNames = [
  'extra',
  '',
  'toString',
  'constructor',
  'hasOwnProperty',
  '\0',
  '0',
  'id',
  'tenantId',
  'siteId',
  'x'.repeat(5000),
]
const oddText = [
  '',
  '%00',
  '%',
  '%zz',
  '%ff%fe',
  '%ed%a0%80',
  '%2e%2e%2f',
  '-1',
  '0',
  '1e3',
  '99999999999999999999',
  'null',
  'true',
  '%20',
  'a,b,,-',
  '%F0%9F%92%A9',
  "'",
  '%3Cscript%3E',
  'x'.repeat(99),
  'x'.repeat(3000),
]

type Way = (plan: Plan, random: Random) => void

/** Deeper than anything of the contract; what is odd may lie deeper still. */
const deepestPlace = 20

/** Characters: more than any endpoint takes, and little enough to be written down several times over. */
const muchText = 3_000_000

/** A place in the body, as the object or list that holds it and the name it has there. */
function places(body: Json, depth = 0): [Record<string, Json>, string][] {
  if (typeof body !== 'object' || body === null || depth > deepestPlace) return []
  const holder = body as Record<string, Json>
  return Object.keys(holder).flatMap((name) => [
    [holder, name] as [Record<string, Json>, string],
    ...places(holder[name]!, depth + 1),
  ])
}
const atPlace =
  (change: (holder: Record<string, Json>, name: string, random: Random) => void): Way =>
  (plan, random) => {
    const place = plan.body === undefined ? undefined : random.pick(places(plan.body))
    if (place) change(...place, random)
    else if (plan.body !== undefined) plan.body = oddValue(random)
  }

const inBody: Way[] = [
  atPlace((holder, name) => void delete holder[name]),
  atPlace((holder, name, random) => void (holder[name] = oddValue(random))),
  atPlace((holder, name, random) => void (holder[name] = oddValue(random))),
  atPlace((holder, name, random) => {
    const value = holder[name]!
    if (typeof value === 'string')
      holder[name] = random.pick([
        value.repeat(200),
        value.toUpperCase(),
        ` ${value}`,
        `${value}\0`,
        `${value}\ud83d`,
        value.slice(1),
      ])!
    else if (typeof value === 'number')
      holder[name] = random.pick([-value, value + 0.1, value * 1e9, String(value)])!
    else holder[name] = [value]
  }),
  atPlace((holder, _, random) => void (holder[random.pick(oddNames)!] = oddValue(random))),
  atPlace((holder, name) => {
    const value = holder[name]!
    if (!Array.isArray(value)) return
    const one = value[0] ?? null
    const length = Math.min(700, Math.ceil(muchText / JSON.stringify(one).length))
    holder[name] = Array.from({ length }, () => one)
  }),
  (plan, random) => void (plan.body = oddValue(random)),
  (plan) => void (plan.body = undefined),
]

const inWriting: Way[] = [
  (plan, random) => cut(plan, (text) => text.slice(0, random.below(text.length))),
  (plan) => cut(plan, (text) => `\ufeff${text}`),
  (plan) => cut(plan, (text) => text.replace(/^\{/, '{"a":1,"a":2,')),
  (plan) => cut(plan, (text) => text.replace(/"(\w+)":/, '"$1":null,"$1":')),
  (plan) => cut(plan, (text) => text.replace(/^\{/, '{"__proto__":{"x":1},')),
  (plan) => cut(plan, (text) => text.replace(/^\{/, '{"constructor":{"prototype":{"x":1}},')),
  (plan) => cut(plan, (text) => `${text}${text}`),
  (plan) => cut(plan, (text) => text.replaceAll('"', "'")),
  (plan) => cut(plan, (text) => text.replace(/:/, ':NaN+')),
  (plan) => cut(plan, (text) => `${'['.repeat(20_000)}${text}`),
  (plan) =>
    (plan.write = (body) => Buffer.concat([Buffer.from(JSON.stringify(body)), Buffer.from([0xff, 0xfe, 0])])),
  (plan) => (plan.write = (body) => Buffer.from(JSON.stringify(body), 'utf16le')),
]
function cut(plan: Plan, how: (text: string) => string): void {
  const { write } = plan
  plan.write = (body) => how(String(write(body)))
}

const tooMuch: Way = (plan) => void (plan.body = { notes: 'x'.repeat(1_100_000) })

const inQuery: Way[] = [
  (plan, random) =>
    void plan.query.push([
      random.pick([
        'extra',
        '__proto__',
        'constructor',
        'page',
        'sort',
        'limit',
        'cursor',
        'search',
        '%00',
        '',
      ])!,
      random.pick(oddText)!,
    ]),
  (plan, random) => {
    const one = random.pick(plan.query)
    if (one) one[1] = random.pick(oddText)!
    else plan.query.push(['x', random.pick(oddText)!])
  },
  (plan, random) => {
    const one = random.pick(plan.query)
    if (one) plan.query.push([...one])
  },
  (plan, random) => {
    const one = random.pick(plan.query)
    if (one) one[0] = `${one[0]}[${random.pick(['', '0', 'a', '__proto__'])}]`
  },
]

const inPath: Way[] = [
  (plan, random) => {
    const name = random.pick(Object.keys(plan.params))
    if (name) plan.params[name] = random.pick(oddText)!
    else plan.path += random.pick(['/', '//', '/..', '/%2e', ';a=b', '%00', '/x'])!
  },
  (plan, random) =>
    void (plan.method = random.pick(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])!),
]

const inHeaders: Way[] = [
  (plan, random) =>
    void (plan.headers['content-type'] = random.pick([
      'text/plain',
      'application/xml',
      'multipart/form-data',
      'application/json; charset=utf-16',
      'application/json;;',
      '',
      'a',
      'application/x-www-form-urlencoded',
      'APPLICATION/JSON',
      'application/vnd.api+json',
      '/',
      'application/json, text/plain',
    ])!),
  (plan) => void delete plan.headers['content-type'],
  (plan, random) =>
    void (plan.headers['x-site-id'] = random.pick([
      '',
      'x',
      '\u00ff',
      'null',
      '00000000-0000-0000-0000-000000000000',
      'a'.repeat(5000),
      ',',
    ])!),
  (plan, random) =>
    void (plan.headers['x-tenant-id'] = random.pick([
      '',
      'x',
      '\u00ff',
      '00000000-0000-0000-0000-000000000000',
      'a'.repeat(500),
    ])!),
  (plan, random) =>
    void (plan.headers.authorization = random.pick([
      '',
      'Bearer',
      'Bearer ',
      'Bearer a.b.c',
      'Basic YTpi',
      `Bearer ${'a'.repeat(8000)}`,
      'Bearer eyJhbGciOiJub25lIn0.e30.',
      'bearer x',
      'Bearer \u00e9',
    ])!),
  (plan, random) =>
    void (plan.headers[
      random.pick([
        'accept',
        'accept-encoding',
        'content-encoding',
        'range',
        'if-none-match',
        'expect',
        'origin',
        'x-forwarded-for',
        'x-forwarded-host',
        'x-http-method-override',
        'user-agent',
        'cookie',
        'upgrade',
        'x-request-id',
        'transfer-encoding',
        'content-length',
        'x-device-id',
      ])!
    ] = random.pick([
      '',
      '*',
      'gzip',
      'x',
      'bytes=0-',
      '100-continue',
      'websocket',
      '\u00ff',
      'a'.repeat(2000),
      '-1',
      'DELETE',
    ])!),
]

function waysFor({ schema }: Endpoint, plan: Plan): Way[] {
  return [
    ...(schema.body ? [...inBody, ...inBody, ...inBody, ...inWriting] : []),
    ...(schema.querystring ? [...inQuery, ...inQuery] : inQuery),
    ...(Object.keys(plan.params).length > 0 ? [...inPath, ...inPath] : inPath),
    ...inHeaders,
    tooMuch,
  ]
}
