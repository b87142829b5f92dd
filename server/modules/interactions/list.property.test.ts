import fc from 'fast-check'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Interaction, type SortField, sortFields, statuses } from '#common/contract/interactions'
import { fold } from '#common/rules/folding'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { insertRecords } from '../../test/records.ts'

/** Whatever is in a site and whatever is asked, the rows, their order and the count are what the words mean. */

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

// Few pieces, so that they meet often; among them all that SQL could trip over.
const piece = fc.constantFrom(
  'a',
  'B',
  'ä',
  'ß',
  'ss',
  'ab',
  'É',
  'ı',
  '%',
  '_',
  '\\',
  "'",
  '?',
  '$1',
  ' ',
  '\u00a0',
  '😀',
  '漢',
  '\u001f',
  'z\u0301',
)
const text = (most: number) => fc.array(piece, { maxLength: most }).map((pieces) => pieces.join(''))
const named = text(4).map((words) => (words.trim() === '' ? 'x' : words))
const moment = fc.integer({ min: 0, max: 9 }).map((day) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString())
const zone = fc.constantFrom('Europe/Berlin', 'UTC', 'Asia/Kolkata')
const type = fc.constantFrom('Meeting', 'Call', 'Visit')
const people = ['editor', 'colleague', 'manager'] as const
/** Ids come with the database, which is not there yet. */
const person = fc.constantFrom(...people)
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 3 })

const record: fc.Arbitrary<Partial<Interaction>> = fc
  .record({
    partial: fc.boolean(),
    title: optional(named),
    type: optional(type),
    lead: optional(named),
    startDateTime: optional(moment),
    length: fc.integer({ min: 1, max: 3 }),
    endDateTime: optional(moment),
    timezone: optional(zone),
    location: text(3),
    description: text(5),
    notes: text(5),
    status: fc.constantFrom(...statuses),
    createdAt: moment,
    updatedAt: moment,
    createdBy: person,
    updatedBy: person,
  })
  .map(({ partial, length, ...fields }) => {
    if (partial) {
      const { startDateTime: start, endDateTime: end } = fields
      return { ...fields, status: 'draft', endDateTime: start && end && end <= start ? null : end }
    }
    const start = fields.startDateTime ?? '2026-01-05T00:00:00.000Z'
    return {
      ...fields,
      title: fields.title ?? 'x',
      type: fields.type ?? 'Meeting',
      lead: fields.lead ?? 'x',
      timezone: fields.timezone ?? 'UTC',
      startDateTime: start,
      endDateTime: new Date(Date.parse(start) + length * 86_400_000).toISOString(),
    }
  })

const filters = {
  search: text(3),
  title: text(2),
  lead: text(2),
  location: text(1),
  description: text(1),
  notes: text(1),
  type: fc.subarray(['Meeting', 'Call', 'Visit', 'Dance']).map((all) => all.join(',')),
  status: fc.subarray([...statuses]).map((all) => all.join(',')),
  timezone: zone,
  startFrom: moment,
  startBefore: moment,
  endFrom: moment,
  endBefore: moment,
  createdFrom: moment,
  createdBefore: moment,
  updatedFrom: moment,
  updatedBefore: moment,
  createdBy: fc.subarray([...people]).map((all) => all.join(',')),
  updatedBy: fc.subarray([...people]).map((all) => all.join(',')),
}
const filter = fc
  .subarray(Object.keys(filters) as (keyof typeof filters)[], { maxLength: 2 })
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, filters[name]]))))
const order = fc.record(
  {
    sort: fc
      .uniqueArray(fc.constantFrom(...sortFields), { minLength: 1, maxLength: 3 })
      .chain((fields) => fc.tuple(...fields.map((field) => fc.constantFrom(field, `-${field}`))))
      .map((keys) => keys.join(',')),
    page: fc.integer({ min: 1, max: 2 }),
    pageSize: fc.integer({ min: 1, max: 60 }),
  },
  { requiredKeys: [] },
)
const asked = fc.tuple(filter, order).map(([some, how]): Asked => ({ ...some, ...how }))
type Asked = Record<string, string | number>
type Value = string | number | undefined

const has = (whole: string | null, part: Value) => fold(whole ?? '').includes(fold(String(part ?? '')))
const listed = (list: Value, value: string | null) =>
  !list || (value !== null && String(list).split(',').includes(value))
const within = (value: string | null, from: Value, before: Value) =>
  (from === undefined && before === undefined) ||
  (value !== null && value >= String(from ?? '') && (before === undefined || value < String(before)))

function matches(record: Interaction, query: Asked): boolean {
  const all = [record.title, record.type, record.lead, record.location, record.description, record.notes]
  const words = fold(String(query.search ?? '')).split(' ')
  return (
    words.every((word) => all.some((field) => has(field, word))) &&
    (['title', 'lead', 'location', 'description', 'notes'] as const).every((field) =>
      has(record[field], query[field]),
    ) &&
    listed(query.type, record.type) &&
    listed(query.status, record.status) &&
    (query.timezone === undefined || record.timezone === query.timezone) &&
    within(record.startDateTime, query.startFrom, query.startBefore) &&
    within(record.endDateTime, query.endFrom, query.endBefore) &&
    within(record.createdAt, query.createdFrom, query.createdBefore) &&
    within(record.updatedAt, query.updatedFrom, query.updatedBefore) &&
    listed(query.createdBy, record.createdBy) &&
    listed(query.updatedBy, record.updatedBy)
  )
}

/** By bytes, nothing first. */
function compare(a: Interaction, b: Interaction, field: SortField | 'id'): number {
  const folded = field === 'title' || field === 'type' || field === 'lead' || field === 'location'
  const key = (record: Interaction) => (folded ? fold(record[field] ?? '') : (record[field] ?? ''))
  return Buffer.compare(Buffer.from(key(a)), Buffer.from(key(b)))
}

function expected(records: Interaction[], query: Asked) {
  const keys = String(query.sort ?? '-startDateTime').split(',')
  const last = keys.at(-1)!
  const order = [...keys, last.startsWith('-') ? '-id' : 'id']
  const found = records
    .filter((each) => matches(each, query))
    .sort((a, b) => {
      for (const key of order) {
        const difference = compare(a, b, key.replace('-', '') as SortField)
        if (difference !== 0) return key.startsWith('-') ? -difference : difference
      }
      return 0
    })
  return found
}

function pageOf(found: Interaction[], query: Asked) {
  const { page = 1, pageSize = 25 } = query as { page?: number; pageSize?: number }
  return {
    total: found.length,
    page,
    pageSize,
    hasMore: found.length > page * pageSize,
    ids: found.slice((page - 1) * pageSize, page * pageSize).map(({ id }) => id),
  }
}

/** A site of its own for each set of records. */
async function siteWith(records: Partial<Interaction>[]) {
  const { ids, database } = server
  const site = randomUUID()
  await database.owner.query('INSERT INTO sites (tenant_id, id, name) VALUES ($1, $2, $3)', [
    ids.tenants['Harbour & Vale'],
    site,
    site,
  ])
  const add = (more: Partial<Interaction>[]) => insertRecords(server, site, more.map(withIds))
  return { reader: server.as('admin', site), inserted: await add(records), add }
}

const idOf = (name: string) => server.ids.users[name as (typeof people)[number]]
const withIds = (record: Partial<Interaction>): Partial<Interaction> => ({
  ...record,
  createdBy: idOf(record.createdBy!),
  updatedBy: idOf(record.updatedBy!),
})
const idsFor = (query: Asked): Asked => {
  const asked = { ...query }
  for (const field of ['createdBy', 'updatedBy'] as const) {
    if (asked[field]) asked[field] = String(asked[field]).split(',').map(idOf).join(',')
  }
  return asked
}

test('server and meaning agree', async () => {
  let [queries, rows] = [0, 0]
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { maxLength: 60, size: 'max' }),
      fc.array(asked, { maxLength: 40, size: 'max' }),
      async (records, questions) => {
        const { reader, inserted } = await siteWith(records)
        for (const query of questions.map(idsFor)) {
          const { status, body, text } = await reader.list(query)
          expect(status, text).toBe(200)
          const { interactions, nextCursor, ...rest } = body
          queries++
          rows += interactions.length
          const hasMore = nextCursor !== undefined
          expect({ ...rest, hasMore, ids: interactions.map(({ id }) => id) }, JSON.stringify(query)).toEqual(
            pageOf(expected(inserted, query), query),
          )
        }
      },
    ),
    { numRuns: 40, interruptAfterTimeLimit: 60_000 },
  )
  // Most of the questions have answers, or nothing has been shown.
  expect(rows / queries).toBeGreaterThan(3)
}, 90_000)

test('walking by cursor meets every row once and in order, whatever is added behind it meanwhile', async () => {
  let walked = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { minLength: 5, maxLength: 60, size: 'max' }),
      fc.array(asked, { minLength: 1, maxLength: 12, size: 'max' }),
      fc.integer({ min: 2, max: 9 }),
      async (records, questions, pageSize) => {
        const { reader, inserted, add } = await siteWith(records)
        const all = [...inserted]
        for (const { page: _, ...query } of questions.map(idsFor)) {
          const whole = expected(all, query)
          const before = whole[0]
          const seen: string[] = []
          let cursor: string | undefined
          let page = 1
          do {
            const { status, body, text } = await reader.list({
              ...query,
              pageSize,
              ...(cursor && { cursor }),
            })
            expect(status, text).toBe(200)
            expect(body.page).toBe(page++)
            seen.push(...body.interactions.map(({ id }) => id))
            cursor = body.nextCursor
            if (seen.length < whole.length) expect(cursor, JSON.stringify(query)).toBeDefined()
            // A twin of the first row has an id after it or before it, as the order goes; only one before is added.
            if (before && page === 2 && isBefore(query)) {
              const { id: __, createdBy, updatedBy, ...twin } = before
              const name = (id: string) => people.find((each) => idOf(each) === id)!
              const made = await add([{ ...twin, createdBy: name(createdBy), updatedBy: name(updatedBy) }])
              all.push(...made)
            }
          } while (cursor)
          expect(seen, JSON.stringify(query)).toEqual(whole.map(({ id }) => id))
          walked += seen.length
        }
      },
    ),
    { numRuns: 25, interruptAfterTimeLimit: 60_000 },
  )
  expect(walked).toBeGreaterThan(500)
}, 90_000)

/** Ids grow, so that where they go down the newest comes first. */
const isBefore = (query: Asked) =>
  String(query.sort ?? '-startDateTime')
    .split(',')
    .at(-1)!
    .startsWith('-')
