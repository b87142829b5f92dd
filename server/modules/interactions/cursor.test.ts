import { afterAll, beforeAll, expect, test } from 'vitest'
import { sortFields } from '#common/contract/interactions'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { insertRecords } from '../../test/records.ts'

let server: TestApp
let reader: Client
beforeAll(async () => {
  server = await createTestApp()
  reader = server.as('admin', server.ids.sites.Marketing)
  const records = Array.from({ length: 12 }, (_, n) => ({ title: `Title ${n % 3}`, location: 'x'.repeat(n) }))
  await insertRecords(server, server.ids.sites.Marketing, records)
})
afterAll(() => server.close())

const cursorOf = async (query: Record<string, string | number>, client = reader) =>
  (await client.list({ pageSize: 5, ...query })).body.nextCursor!

const refused = {
  status: 400,
  error: { code: 'VALIDATION_ERROR', details: [{ field: 'cursor' }] },
}

test('a cursor is good for its own query only', async () => {
  const cursor = await cursorOf({ sort: 'title', search: 'title' })
  expect((await reader.list({ sort: 'title', search: 'title', cursor })).status).toBe(200)
  for (const query of [
    {},
    { sort: '-title', search: 'title' },
    { sort: 'title,lead', search: 'title' },
    { sort: 'title' },
    { sort: 'title', search: 'title', lead: 'ana' },
  ]) {
    expect(await reader.list({ ...query, cursor }), JSON.stringify(query)).toMatchObject(refused)
  }
  const elsewhere = server.as('admin', server.ids.sites.Sales)
  expect(await elsewhere.list({ sort: 'title', search: 'title', cursor })).toMatchObject(refused)
})

test('page length and fields may change on the way, and a page number beside it counts for nothing', async () => {
  const cursor = await cursorOf({ sort: 'location' })
  const { body } = await reader.list({ sort: 'location', cursor, pageSize: 2, fields: 'location', page: 9 })
  expect(body.interactions.map(({ location }) => location.length)).toEqual([5, 6])
  expect(body).toMatchObject({ page: 2, pageSize: 2, total: 12 })
})

test('the last page, and one that just fits, ask for no more', async () => {
  expect((await reader.list({ pageSize: 12 })).body).not.toHaveProperty('nextCursor')
  expect((await reader.list({ pageSize: 5, page: 3 })).body).not.toHaveProperty('nextCursor')
  expect((await reader.list({ search: 'nothing of it' })).body).not.toHaveProperty('nextCursor')
})

test('one that somebody made up is refused, whatever it says', async () => {
  const read = (cursor: string) =>
    JSON.parse(Buffer.from(cursor, 'base64url').toString()) as { after: { keys: unknown[] } }
  const forged = (change: object) => Buffer.from(JSON.stringify(change)).toString('base64url')
  const known = read(await cursorOf({}))
  for (const after of [
    { keys: [] },
    { keys: ['2026-01-01T00:00:00Z', 'x'] },
    { keys: ["'; DROP TABLE interactions"] },
    { keys: ['0000-00-00'] },
    { keys: [null], id: 'x' },
  ]) {
    const cursor = forged({ ...known, after: { ...known.after, ...after } })
    expect(await reader.list({ cursor }), JSON.stringify(after)).toMatchObject(refused)
  }
  expect(await reader.list({ cursor: forged({ ...known, page: 0 }) })).toMatchObject(refused)
  const text = read(await cursorOf({ sort: 'title' }))
  expect(
    await reader.list({
      sort: 'title',
      cursor: forged({ ...text, after: { ...text.after, keys: ['a\0b'] } }),
    }),
  ).toMatchObject(refused)
})

test('the longest of titles, in all keys at once, fits', async () => {
  const long = '\u{1f600}'.repeat(100)
  await insertRecords(
    server,
    server.ids.sites.Marketing,
    Array.from({ length: 3 }, () => ({ title: long + long, lead: long.slice(0, 90), location: long + long })),
  )
  const query = { sort: 'title,lead,location,type,timezone', title: long, pageSize: 1 }
  const cursor = await cursorOf(query)
  expect((await reader.list({ ...query, cursor })).body.interactions).toHaveLength(1)
})

test.each<string>([...sortFields, '-status,title,-startDateTime,endDateTime'])(
  'sorted by %s all pages together are the list',
  async (sort) => {
    const whole = (await reader.list({ sort, pageSize: 100 })).body.interactions
    const met = []
    let cursor: string | undefined
    do {
      const { body } = await reader.list({ sort, pageSize: 4, ...(cursor && { cursor }) })
      met.push(...body.interactions)
      cursor = body.nextCursor
    } while (cursor)
    expect(met).toEqual(whole)
  },
)
