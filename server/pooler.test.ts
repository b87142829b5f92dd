import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SignedIn } from '#common/contract/auth'
import type { Export } from '#common/contract/exports'
import { migrate } from '#db/migrate'
import { createTestApp, type TestApp } from './test/app.ts'
import { createDatabase, type TestDatabase } from './test/database.ts'
import { createDevice } from './test/device.ts'
import { password } from './test/fixture.ts'
import { startPgBouncer } from './test/pgbouncer.ts'
import { insertRecords } from './test/records.ts'

/**
 * Behind a PgBouncer that hands two connections to PostgreSQL round after each transaction (docs/decisions/0038). What
 * is left behind in one meets whoever comes next.
 */

const connections = 2

let database: TestDatabase
let pooler: Awaited<ReturnType<typeof startPgBouncer>>
let server: TestApp
beforeAll(async () => {
  database = await createDatabase()
  pooler = await startPgBouncer(database.url, connections)
  await migrate(database.url, pooler.url)
  server = await createTestApp({
    database,
    databaseUrl: pooler.url,
    behindPooler: true,
    poolSize: 10,
    jobs: { superviseSeconds: 1 },
  })
})
afterAll(async () => {
  await server.close()
  await pooler.stop()
  await database.owner.query(`DROP ROLE ${pooler.login}`)
  await database.drop()
})

/** What the pooler's connections to PostgreSQL hold between two transactions, of all of them at once. */
async function leftBehind(): Promise<object[]> {
  const clients = Array.from({ length: connections }, () => new pg.Client(pooler.url))
  try {
    const states: object[] = []
    for (const client of clients) {
      await client.connect()
      await client.query('BEGIN')
      const { rows } = await client.query<{ pid: number }>(
        `SELECT current_user AS role, current_setting('statement_timeout') AS timeout,
           current_setting('TimeZone') AS zone, ${['tenant_id', 'site_id', 'user_id', 'may']
             .map((name) => `current_setting('fieldbook.${name}', true) AS ${name}`)
             .join(', ')}`,
      )
      states.push(rows[0]!)
    }
    return states
  } finally {
    for (const client of clients) await client.end()
  }
}
/** A custom setting that was local is empty afterwards, and null where there never was one. */
const nothing = { asymmetricMatch: (value: unknown) => value === null || value === '' }
const clean = Array.from({ length: connections }, () => ({
  role: 'fieldbook_app',
  timeout: '3s',
  zone: 'UTC',
  tenant_id: nothing,
  site_id: nothing,
  user_id: nothing,
  may: nothing,
}))

test('one signs in, saves, searches, sends and fetches, and has a job done', async () => {
  const site = server.ids.sites.Marketing
  const { body } = await server.anonymous().post<SignedIn>('/auth/login', { username: 'editor', password })
  const editor = server.as('editor', site)
  const mine = server.anonymous(body.token)
  expect((await mine.get('/auth/me')).status).toBe(200)
  expect((await mine.post('/auth/refresh', { refreshToken: body.refreshToken })).status).toBe(200)

  const saved = await editor.create({ title: 'Fischbrötchen' })
  const changed = await editor.update(saved, { lead: 'Ben Smith' })
  expect((await editor.list({ search: 'brotchen' })).body.interactions).toEqual([changed])
  const device = createDevice(site)
  const edits = Array.from({ length: 20 }, (_, n) => device.create({ title: `Sent ${n}` }))
  const results = await editor.push(device.id, edits)
  expect(results.map(({ status }) => status)).toEqual(Array(20).fill('applied'))
  const { changes } = await editor.pull({ deviceId: device.id, limit: 1000 })
  const pulled = new Set(changes.map(({ record }) => record.id))
  for (const id of [saved.id, ...edits.map(({ entityId }) => entityId)]) expect(pulled).toContain(id)

  await insertRecords(
    server,
    server.ids.sites.Sales,
    Array.from({ length: 1500 }, (_, n) => ({ title: `Record ${n}` })),
  )
  const inSales = server.as('editor', server.ids.sites.Sales)
  const begun = await inSales.post<{ export: Export }>('/exports', { format: 'csv', columns: ['title'] })
  await expect
    .poll(
      async () =>
        (await inSales.get<{ export: Export }>(`/exports/${begun.body.export.id}`)).body.export.state,
      { timeout: 50_000, interval: 100 },
    )
    .toBe('done')
  expect(await leftBehind()).toEqual(clean)
})

test('of many requests of two organisations on two connections none sees or touches what is not its own', async () => {
  const { ids } = server
  const people = [
    { who: server.as('editor', ids.sites.Marketing), mark: `marketing-${randomUUID()}` },
    { who: server.as('editor', ids.sites.Sales), mark: `sales-${randomUUID()}` },
    { who: server.as('outsider', ids.sites['Head office']), mark: `brightmart-${randomUUID()}` },
  ]
  const marks = people.map(({ mark }) => mark)
  const seen = await Promise.all(
    Array.from({ length: 40 }, async () =>
      Promise.all(
        people.map(async ({ who, mark }) => {
          const { id } = await who.create({ title: mark })
          const [list, read] = await Promise.all([
            who.list({ search: '-', pageSize: 100 }),
            who.get(`/interactions/${id}`),
          ])
          expect(read.status).toBe(200)
          const others = marks.filter((each) => each !== mark)
          expect(list.status).toBe(200)
          expect(others.filter((each) => list.text.includes(each))).toEqual([])
          return id
        }),
      ),
    ),
  )
  for (const [index, { who }] of people.entries()) {
    expect((await who.list({ search: marks[index]! })).body.total).toBe(40)
    for (const [own, id] of seen[0]!.entries())
      expect((await who.get(`/interactions/${id}`)).status).toBe(own === index ? 200 : 404)
  }
  expect(await leftBehind()).toEqual(clean)
})

describe('a client that leaves something behind', () => {
  /** On one connection to PostgreSQL, which goes back as it is. */
  async function leave(sql: string): Promise<void> {
    const client = new pg.Client(pooler.url)
    await client.connect()
    await client.query(sql)
    await client.end()
  }

  test.each([
    [`SET fieldbook.tenant_id = 'left'`, 'RESET fieldbook.tenant_id'],
    [`SET statement_timeout = 0`, 'RESET statement_timeout'],
  ])('is found out: %s', async (fault, remedy) => {
    await leave(fault)
    expect(await leftBehind()).not.toEqual(clean)
    for (let each = 0; each < 2 * connections; each++) await leave(remedy)
  })

  test.each(['RESET ROLE', 'RESET ALL', 'DISCARD ALL'])(
    'goes back to the role of the application by %s',
    async (reset) => {
      await leave(reset)
      expect(await leftBehind()).toEqual(clean)
    },
  )

  test('may do nothing as who it signed in as, who has no connection in common with the owner', async () => {
    const client = new pg.Client(pooler.url)
    await client.connect()
    await client.query('BEGIN; SET LOCAL ROLE NONE')
    await expect(client.query('SELECT FROM interactions')).rejects.toThrow('permission denied')
    await client.query('ROLLBACK')
    await client.end()
  })
})

describe('the server does not start', () => {
  test('behind a pooler that nobody told it of', async () => {
    const start = createTestApp({ database, databaseUrl: pooler.urlOfOwner })
    await expect(start).rejects.toThrow(
      'A pooler stands before the database at DATABASE_URL; set DATABASE_DIRECT_URL to the database itself',
    )
  })

  test('with the owner behind a pooler', async () => {
    const start = createTestApp({ database, databaseUrl: pooler.urlOfOwner, behindPooler: true })
    await expect(start).rejects.toThrow('is not the one that npm run db:migrate makes')
  })

  test('with a user that lacks a setting', async () => {
    const other = await startPgBouncer(database.url, 1)
    await migrate(database.url, other.url)
    await database.owner.query(`ALTER ROLE ${other.login} RESET statement_timeout`)
    const start = createTestApp({ database, databaseUrl: other.url, behindPooler: true })
    await expect(start).rejects.toThrow('is not the one that npm run db:migrate makes')
    await other.stop()
    await database.owner.query(`DROP ROLE ${other.login}`)
  })
})
