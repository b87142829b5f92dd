import fc from 'fast-check'
import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SessionUser } from '#common/contract/auth'
import {
  type Interaction,
  type InteractionFields,
  type InteractionFilter,
  type SortField,
  sortFields,
  statuses,
} from '#common/contract/interactions'
import type { SortKey } from '#common/rules/finder-query'
import { generateInteractions } from '#db/seeds/generated'
import { LocalStore } from '#desktop/main/store/local-store'
import { type Client, createTestApp, type TestApp } from '#server/test/app'
import { insertRecords } from '#server/test/records'

/**
 * The same query gives the same rows, in the same order and number, with network and without: the real server on real
 * PostgreSQL against the device's store, which got its copies in real pull pages. By page number and by cursor alike.
 */

let server: TestApp
beforeAll(async () => {
  server = await createTestApp()
})
afterAll(() => server.close())

/** What folding, quoting, LIKE, trigrams and full-text queries could trip over; few, so that they meet often. */
const piece = fc.constantFrom(
  ...[
    'a',
    'B',
    'ab',
    'abc',
    'Abc',
    'ä',
    'Å',
    'é',
    'e\u0301',
    'ß',
    'ss',
    'SS',
    'İ',
    'ı',
    'I',
    'ς',
    'Σ',
    'ŀ',
    'ﬁ',
    'fi',
  ],
  ...[
    'ﷺ',
    '한',
    '\u1112\u1161\u11ab',
    '漢字',
    'が',
    'か\u3099',
    'ﾊﾟ',
    '日本語',
    'עברית',
    'مرحبا',
    'Ω',
    'Ω',
    '①',
    '1',
    '½',
  ],
  ...[
    '👩\u200d🚀',
    '😀',
    '\u{1d518}',
    '\ufeff',
    '\u00ad',
    '\u200b',
    '\u202e',
    '\u00a0',
    '\u3000',
    '\t',
    '\n',
    ' ',
    '  ',
  ],
  ...[
    '%',
    '_',
    '\\',
    "'",
    '"',
    '""',
    '*',
    '-',
    '^',
    ':',
    '(',
    ')',
    'AND',
    'OR',
    'NOT',
    'NEAR(',
    '?',
    '$1',
    ':a',
    '{}',
  ],
  ...['\u001f', '\u0001', '\u007f', '\ud7ff', '\ue000', '\uffff', '\u{10ffff}'],
)
const text = (most: number) => fc.array(piece, { maxLength: most }).map((pieces) => pieces.join(''))
const title = fc.oneof(
  { weight: 9, arbitrary: text(4) },
  // Longer than a sort key once it is folded.
  { weight: 1, arbitrary: fc.constantFrom('ﷺ'.repeat(40) + 'a', 'ﷺ'.repeat(40) + 'b', '😀'.repeat(120)) },
)
const named = (words: fc.Arbitrary<string>) => words.map((word) => (/\S/.test(word) ? word : 'x'))
const moment = fc
  .tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom(0, 1, 999))
  .map(([day, odd]) => new Date(Date.UTC(2026, 0, 1 + day, 0, 0, 0, odd)).toISOString())
const zones = ['Europe/Berlin', 'UTC', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires'] as const
const types = ['Meeting', 'Call', 'Visit', 'Other'] as const
const people = ['editor', 'colleague', 'manager'] as const
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 3 })

type Made = Omit<InteractionFields, 'endDateTime'> &
  Record<'createdBy' | 'updatedBy', (typeof people)[number]> & {
    length: number
    createdAt: string
    updatedAt: string
  }
const record: fc.Arbitrary<Made> = fc.record({
  title: maybe(named(title)),
  type: maybe(fc.constantFrom(...types)),
  lead: maybe(named(text(2))),
  startDateTime: maybe(moment),
  length: fc.integer({ min: 0, max: 3 }),
  timezone: maybe(fc.constantFrom(...zones)),
  location: text(3),
  description: text(6),
  notes: text(6),
  status: fc.constantFrom(...statuses),
  createdAt: moment,
  updatedAt: moment,
  createdBy: fc.constantFrom(...people),
  updatedBy: fc.constantFrom(...people),
})

/** As a site may hold it: whatever is no draft lacks nothing. */
function whole({ length, createdBy, updatedBy, ...fields }: Made): Partial<Interaction> {
  const { startDateTime: start } = fields
  const end = start && length > 0 ? new Date(Date.parse(start) + length * 43_200_000).toISOString() : null
  const by = { createdBy: server.ids.users[createdBy], updatedBy: server.ids.users[updatedBy] }
  const made = { ...fields, ...by, endDateTime: end }
  const lacks = [made.title, made.type, made.lead, start, end, made.timezone].includes(null)
  return lacks ? { ...made, status: made.status === 'draft' ? 'draft' : 'incomplete' } : made
}

const term = text(2)
const filters = {
  search: text(4),
  title: term,
  lead: term,
  location: term,
  description: term,
  notes: term,
  type: fc.subarray([...types]),
  status: fc.subarray([...statuses]),
  timezone: fc.constantFrom(...zones),
  startFrom: moment,
  startBefore: moment,
  endFrom: moment,
  endBefore: moment,
  createdFrom: moment,
  createdBefore: moment,
  updatedFrom: moment,
  updatedBefore: moment,
  createdBy: fc.subarray([...people]),
  updatedBy: fc.subarray([...people]),
} satisfies Record<keyof InteractionFilter, fc.Arbitrary<unknown>>

const filter = fc
  .subarray(Object.keys(filters) as (keyof InteractionFilter)[], { maxLength: 2 })
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, filters[name]]))))
const sort: fc.Arbitrary<SortKey[]> = fc
  .uniqueArray(fc.constantFrom(...sortFields), { maxLength: 3 })
  .chain((fields) =>
    fc.tuple(...fields.map((field) => fc.record({ field: fc.constant(field), descending: fc.boolean() }))),
  )
interface Question {
  filter: InteractionFilter
  sort: SortKey[]
  pageSize: number
}
const question: fc.Arbitrary<Question> = fc
  .record({ filter, sort, pageSize: fc.integer({ min: 1, max: 30 }) })
  .map((asked) => asked as Question)

/** People by their ids, which come with the database. */
function withIds({ filter: given, ...rest }: Question): Question {
  const ids = (names: string[]) => names.map((name) => server.ids.users[name as (typeof people)[number]])
  const { createdBy, updatedBy } = given
  return {
    ...rest,
    filter: {
      ...given,
      ...(createdBy && { createdBy: ids(createdBy) }),
      ...(updatedBy && { updatedBy: ids(updatedBy) }),
    },
  }
}

const inQueryString = ({ filter: given, sort: keys }: Question): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])),
  ...(keys.length > 0 && {
    sort: keys.map(({ field, descending }) => (descending ? `-${field}` : field)).join(','),
  }),
})

/** A site of its own, with somebody who belongs to it alone, and what it holds at the server. */
async function siteWith(records: Partial<Interaction>[]) {
  const { ids, database } = server
  const [tenant, user, site] = [ids.tenants['Harbour & Vale'], ids.users.siteless, randomUUID()]
  await database.owner.query('INSERT INTO sites (tenant_id, id, name) VALUES ($1, $2, $3)', [
    tenant,
    site,
    site,
  ])
  await database.owner.query('DELETE FROM user_sites WHERE user_id = $1', [user])
  await database.owner.query(
    `INSERT INTO user_sites (tenant_id, user_id, site_id, role) VALUES ($1, $2, $3, 'administrator')`,
    [tenant, user, site],
  )
  return { site, client: server.as('siteless', site), inserted: await insertRecords(server, site, records) }
}

class Device {
  readonly #client: Client
  readonly #id = randomUUID()
  readonly store = new LocalStore({
    place: 'memory',
    newId: () => uuidv7(),
    now: () => new Date().toISOString(),
  })

  constructor(client: Client) {
    this.#client = client
  }

  async begin(pageLength: number) {
    const { body } = await this.#client.get<{ user: SessionUser }>('/auth/me')
    this.store.writeMeta({ profile: body.user })
    await this.catchUp(pageLength)
    while (this.store.buildIndex());
  }

  async catchUp(pageLength: number) {
    for (let hasMore = true; hasMore;) {
      const { cursor } = this.store.progress()
      const page = await this.#client.pull({
        deviceId: this.#id,
        limit: pageLength,
        ...(cursor && { cursor }),
      })
      expect(this.store.storePage(page, cursor).kept).toBe(true)
      hasMore = page.hasMore
    }
  }

  /** All that match, page by page. */
  answer(siteId: string, { filter: given, sort: keys, pageSize }: Question) {
    const rows: Interaction[] = []
    for (;;) {
      const page = this.store.page({
        siteId,
        filter: given,
        sort: keys,
        offset: rows.length,
        limit: pageSize,
      })
      rows.push(
        ...page.rows.map(({ unsent: _, needsAttention: __, version, ...row }) => ({
          ...row,
          version: version!,
        })),
      )
      const found = this.store.found({ siteId, filter: given })
      expect(page.found ?? found).toBe(found)
      if (page.rows.length < pageSize) return { rows, found }
    }
  }
}

/** All that match, by page number and by cursor; both have to say the same. */
async function answerOf(client: Client, asked: Question) {
  const query = { ...inQueryString(asked), pageSize: asked.pageSize, count: 'exact' }
  const read = async (where: Record<string, string | number>) => {
    const { status, body, text: said } = await client.list({ ...query, ...where })
    expect(status, said).toBe(200)
    return body
  }
  const byNumber: Interaction[] = []
  const byCursor: Interaction[] = []
  let found = 0
  for (let page = 1; ; page++) {
    const body = await read({ page })
    found = body.total
    byNumber.push(...body.interactions)
    if (!body.nextCursor) break
  }
  for (let cursor: string | undefined; ;) {
    const body = await read(cursor ? { cursor } : {})
    byCursor.push(...body.interactions)
    cursor = body.nextCursor
    if (!cursor) break
  }
  expect(byCursor, 'by cursor').toEqual(byNumber)
  return { rows: byNumber, found }
}

async function compare(client: Client, device: Device, site: string, asked: Question): Promise<number> {
  const online = await answerOf(client, asked)
  const offline = device.answer(site, asked)
  const about = JSON.stringify(asked)
  expect(
    offline.rows.map(({ id }) => id),
    about,
  ).toEqual(online.rows.map(({ id }) => id))
  expect(offline, about).toEqual(online)
  expect(online.found, about).toBe(online.rows.length)
  return online.found
}

test('whatever is there and whatever is asked', { timeout: 300_000 }, async () => {
  let [asked, found] = [0, 0]
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { maxLength: 40, size: 'max' }),
      fc.array(question, { minLength: 1, maxLength: 12, size: 'max' }),
      fc.integer({ min: 3, max: 50 }),
      fc.array(fc.tuple(fc.nat(), fc.option(named(text(3)))), { maxLength: 8 }),
      async (records, questions, pageLength, edits) => {
        const { site, client, inserted } = await siteWith(records.map(whole))
        const device = new Device(client)
        try {
          await device.begin(pageLength)
          await edit(client, inserted, edits)
          await device.catchUp(pageLength)
          for (const each of questions) {
            found += await compare(client, device, site, withIds(each))
            asked++
          }
        } finally {
          device.store.close()
        }
      },
    ),
    { numRuns: 40, interruptAfterTimeLimit: 120_000 },
  )
  // Most questions have answers, or nothing has been shown.
  expect(found / asked).toBeGreaterThan(3)
})

/** Somebody renames records, or deletes them, after the device has its copies. */
async function edit(
  client: Client,
  inserted: readonly Interaction[],
  edits: readonly [number, string | null][],
) {
  const done = new Set<string>()
  for (const [at, name] of edits) {
    const target = inserted[at % Math.max(1, inserted.length)]
    if (!target || done.has(target.id)) continue
    done.add(target.id)
    if (name === null) expect((await client.delete(`/interactions/${target.id}`)).status).toBe(200)
    else await client.update(target, { title: name })
  }
}

test('where there are more than either side looks at one by one', { timeout: 300_000 }, async () => {
  const { site, client } = await siteWith(generateInteractions(2600, 11))
  const device = new Device(client)
  try {
    await device.begin(1000)
    const by = (...fields: (SortField | `-${SortField}`)[]): SortKey[] =>
      fields.map((field) => ({
        field: field.replace('-', '') as SortField,
        descending: field.startsWith('-'),
      }))
    const counts = []
    for (const [given, keys] of [
      [{}, by()],
      [{}, by('status', '-lead')],
      [{ search: 'e' }, by('-title')],
      [{ search: 'er in' }, by('location', 'startDateTime')],
      [{ search: 'ing' }, by('-updatedAt')],
      [{ title: 'a', type: ['Meeting', 'Call'] }, by('type', '-endDateTime')],
      [{ lead: 'an' }, by('timezone')],
      [{ startFrom: '2025-01-01T00:00:00Z' }, by('-createdAt')],
    ] as [InteractionFilter, SortKey[]][]) {
      counts.push(await compare(client, device, site, { filter: given, sort: keys, pageSize: 100 }))
    }
    expect(counts.filter((count) => count > 1000).length).toBeGreaterThan(3)
  } finally {
    device.store.close()
  }
})
