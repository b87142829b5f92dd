import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import type { Interaction } from '#common/contract/interactions'
import { beginEpoch } from '#db/epoch'
import { type Client, createTestApp, type TestApp } from '../../test/app.ts'
import { createDevice } from '../../test/device.ts'
import { insertRecords } from '../../test/records.ts'
import { createReplica } from '../../test/replica.ts'
import { journal } from '../journal/journal.service.ts'
import { systemScope } from '../../shared/scope.ts'

let server: TestApp
let sites: TestApp['ids']['sites']
let tenant: string
let editor: Client
let sales: Client
beforeAll(async () => {
  server = await createTestApp()
  sites = server.ids.sites
  tenant = server.ids.tenants['Harbour & Vale']
  editor = server.as('editor', sites.Marketing)
  sales = server.as('editor', sites.Sales)
  const dated = (site: string, count: number) =>
    insertRecords(
      server,
      site,
      Array.from({ length: count }, (_, n) => {
        // A few at the same moment, a few without one.
        const start = Date.UTC(2026, 0, 1 + Math.floor(n / 3))
        return n % 10 === 9
          ? { title: `Undated ${n}`, status: 'draft' as const, startDateTime: null, endDateTime: null }
          : {
              title: `Record ${n}`,
              startDateTime: new Date(start).toISOString(),
              endDateTime: new Date(start + 3_600_000).toISOString(),
            }
      }),
    )
  await dated(sites.Marketing, 47)
  await dated(sites.Sales, 20)
})
afterAll(() => server.close())

const sql = (text: string, values: unknown[] = []) => server.database.owner.query(text, values)

/** What the server says the live records of a site are. */
async function truth(client: Client): Promise<Record<string, Interaction>> {
  const found: Interaction[] = []
  for (let page = 1; ; page++) {
    const { body } = await client.list({ page, pageSize: 100 })
    found.push(...body.interactions)
    if (body.interactions.length < 100) break
  }
  return Object.fromEntries(found.map((record) => [record.id, record] as const).sort())
}

async function expectInStep(replica: ReturnType<typeof createReplica>) {
  await replica.catchUp()
  expect(replica.of(sites.Marketing)).toEqual(await truth(editor))
  expect(replica.of(sites.Sales)).toEqual(await truth(sales))
}

describe('a first sync', () => {
  test.each([1, 7, 10, 1000])(
    'in pages of %i brings everything once, newest first, the active site before the others',
    async (limit) => {
      await editor.post('/auth/site', { siteId: sites.Sales })
      const replica = createReplica(editor)
      const pages = await replica.catchUp(limit)
      const changes = pages.flatMap((page) => page.changes)
      const keys = changes.map((change) => `${change.entity} ${change.record.id}`)
      expect(new Set(keys).size).toBe(keys.length)

      const records = changes.flatMap((change) => (change.entity === 'interaction' ? [change.record] : []))
      const newestFirst = (all: Interaction[]) =>
        [...all].sort((a, b) => {
          const [x, y] = [`${a.startDateTime ?? ''} ${a.id}`, `${b.startDateTime ?? ''} ${b.id}`]
          return x < y ? 1 : -1
        })
      const of = (site: string) => records.filter(({ siteId }) => siteId === site)
      expect(records).toEqual([...newestFirst(of(sites.Sales)), ...newestFirst(of(sites.Marketing))])
      expect(replica.of(sites.Sales)).toEqual(await truth(sales))
      expect(replica.of(sites.Marketing)).toEqual(await truth(editor))
      for (const page of pages) {
        expect(page.removals).toEqual([])
        expect(page.reset).toBe(false)
        expect(page.sites.map(({ name }) => name).sort()).toEqual(['Marketing', 'Sales'])
      }
      // The tenant's own things are few and come whole; after them a page is no longer than was asked.
      for (const page of pages.slice(1)) expect(page.changes.length).toBeLessThanOrEqual(limit)
      await editor.post('/auth/site', { siteId: sites.Marketing })
    },
  )

  test('says how much is left', async () => {
    const [page] = await createReplica(editor).catchUp(40)
    const sent = page!.changes.filter(({ entity }) => entity === 'interaction').length
    expect(page!.hasMore).toBe(true)
    const all = { ...(await truth(editor)), ...(await truth(sales)) }
    expect(sent + page!.remaining).toBe(Object.keys(all).length)
    const last = (await createReplica(editor).catchUp(40)).at(-1)!
    expect(last).toMatchObject({ hasMore: false, remaining: 0 })
  })

  test('counts the records of a site once, however many pages come before its own', async () => {
    const sent: string[] = []
    const note = ({ sql }: { sql: string }) => sent.push(sql)
    server.app.knex.on('query', note)
    const pages = await createReplica(editor).catchUp(10)
    server.app.knex.off('query', note)
    expect(sent.filter((statement) => /^select count.* from "interactions/i.test(statement))).toHaveLength(2)
    const { length } = Object.keys({ ...(await truth(editor)), ...(await truth(sales)) })
    let left = length
    for (const page of pages) {
      left -= page.changes.filter(({ entity }) => entity === 'interaction').length
      expect(page.remaining).toBe(left)
    }
    expect(left).toBe(0)
  })

  test('brings types and people of the organisation, by name only', async () => {
    const replica = createReplica(editor)
    await replica.catchUp()
    expect([...replica.types.values()].map(({ name }) => name)).toEqual([
      'Meeting',
      'Call',
      'Email',
      'Update',
      'Review',
      'Training',
      'Visit',
      'Other',
    ])
    expect([...replica.people.values()].map(({ displayName }) => displayName).sort()).toEqual([
      'Ada Harbour',
      'Cora Lane',
      'Edith Vale',
      'Mona Pier',
      'Sid Quay',
      'Victor Lane',
    ])
    expect(Object.keys([...replica.people.values()][0]!)).toEqual(['id', 'displayName'])
  })

  test('for somebody without a site brings no records', async () => {
    const page = await server.as('siteless').pull()
    expect(page.sites).toEqual([])
    expect(page.changes.filter(({ entity }) => entity === 'interaction')).toEqual([])
    expect(await server.as('root').pull()).toMatchObject({ sites: [], changes: [{ entity: 'person' }] })
  })

  test('while others write misses nothing and keeps nothing that is gone', async () => {
    const replica = createReplica(editor)
    const colleague = server.as('colleague', sites.Marketing)
    const manager = server.as('manager', sites.Marketing)
    let page = await replica.pull(5)
    for (let round = 0; page.remaining > 0; round++) {
      const all = Object.values(await truth(editor))
      const [first, middle, last] = [all[0]!, all[Math.floor(all.length / 2)]!, all.at(-1)!]
      // One to the front and one to the back, over the place where the pages are; one new, one gone, seen or unseen.
      await colleague.update(first, {
        status: first.status === 'complete' ? 'active' : first.status,
        title: `Moved ${round}`,
        startDateTime: '2020-01-01T00:00:00.000Z',
      })
      if (last.startDateTime) {
        await colleague.update(last, {
          startDateTime: '2027-01-01T00:00:00.000Z',
          endDateTime: '2027-01-02T00:00:00.000Z',
        })
      }
      await colleague.create({
        title: `New ${round}`,
        startDateTime: round % 2 ? '2019-01-01T00:00:00Z' : '2028-01-01T00:00:00Z',
        endDateTime: '2029-01-01T00:00:00Z',
      })
      if (round % 2 && middle.id !== last.id) await manager.delete(`/interactions/${middle.id}`)
      // Nothing of this site has been sent yet, and its place in the feed is already kept.
      const [changed, gone] = Object.values(await truth(sales))
      await sales.update(changed!, { title: `Moved ${round}` })
      await sales.create({ title: `New ${round}` })
      await server.as('admin', sites.Sales).delete(`/interactions/${gone!.id}`)
      page = await replica.pull(5)
    }
    await expectInStep(replica)
  })

  test('does not end before what was written since it began', async () => {
    const replica = createReplica(editor)
    let page = await replica.pull(20)
    // Newer than all of the first page, where the pages have been already.
    const { id } = await editor.create({
      title: 'Since the first page',
      startDateTime: '2030-01-01T09:00:00Z',
      endDateTime: '2030-01-01T10:00:00Z',
    })
    while (page.remaining > 0) page = await replica.pull(100)
    // The last of the records that were there, and the promise of the one that was not.
    expect(page.hasMore).toBe(true)
    expect(replica.records.has(id)).toBe(false)
    await replica.catchUp()
    expect(replica.records.has(id)).toBe(true)
  })
})

test('a page is read in one snapshot: rows, removals, receipts and cursor are of one moment', async () => {
  const sent: string[] = []
  const note = ({ sql }: { sql: string }) => sent.push(sql)
  const replica = createReplica(editor)
  await replica.catchUp()
  await editor.create()
  server.app.knex.on('query', note)
  await replica.pull()
  server.app.knex.off('query', note)
  const first = sent.findIndex((statement) => /^begin/i.test(statement))
  expect(sent[first]).toMatch(/repeatable read/i)
  expect(sent[first]).toMatch(/read only/i)
  const inside = sent.slice(
    first + 1,
    sent.findIndex((statement) => /^commit/i.test(statement)),
  )
  for (const table of [
    'server_epoch',
    'feed_heads',
    'feed_changes',
    'interactions_in_scope',
    'sync_receipts',
  ]) {
    const reads = (statements: string[]) => statements.filter((statement) => statement.includes(table)).length
    expect(reads(inside), table).toBeGreaterThan(0)
    expect(reads(sent), table).toBe(reads(inside))
  }
})

describe('after that', () => {
  test('a pull brings what changed, and nothing when nothing did', async () => {
    const replica = createReplica(editor)
    await replica.catchUp()
    const quiet = await replica.pull()
    expect(quiet).toMatchObject({ changes: [], removals: [], receipts: [], hasMore: false, reset: false })

    const created = await editor.create({ title: 'New' })
    const updated = await editor.update(created, { title: 'Newer' })
    const other = await sales.create()
    const page = await replica.pull()
    // Twice changed, once told, as it is now.
    expect(page.changes).toEqual([
      { entity: 'interaction', record: updated },
      { entity: 'interaction', record: other },
    ])
    expect((await replica.pull()).changes).toEqual([])
  })

  test('what was deleted comes as an id, once, and never again as a record', async () => {
    const replica = createReplica(editor)
    await replica.catchUp()
    const [known, unknown] = [await editor.create(), await editor.create()]
    await replica.pull()
    await editor.delete(`/interactions/${known.id}`)
    const page = await replica.pull()
    expect(page.removals).toEqual([{ entity: 'interaction', id: known.id, siteId: sites.Marketing }])
    expect(page.changes).toEqual([])
    await editor.delete(`/interactions/${unknown.id}`)
    await expectInStep(replica)
    // A device that was never told of it hears nothing, or only that it is gone.
    const late = createReplica(editor)
    const pages = await late.catchUp(3)
    expect(pages.flatMap(({ changes }) => changes).map(({ record }) => record.id)).not.toContain(known.id)
  })

  test('many changes come in pages, in the order they happened', async () => {
    const replica = createReplica(editor)
    await replica.catchUp()
    const made: string[] = []
    for (let n = 0; n < 7; n++) made.push((await editor.create({ title: `Page ${n}` })).id)
    await editor.delete(`/interactions/${made.shift()!}`)
    const pages = await replica.catchUp(3)
    expect(pages.map(({ changes, removals, hasMore }) => [changes.length, removals.length, hasMore])).toEqual(
      [
        [3, 0, true],
        [3, 0, true],
        [0, 1, false],
      ],
    )
    expect(pages.flatMap(({ changes }) => changes).map(({ record }) => record.id)).toEqual(made)
    await expectInStep(replica)
  })

  test('nothing of a site one does not belong to, nor of another organisation', async () => {
    const viewer = createReplica(server.as('viewer'))
    await viewer.catchUp()
    await sales.create({ title: 'Not for the viewer' })
    await server.as('outsider').create({ title: 'Not for anybody here' })
    const page = await viewer.pull()
    expect(page).toMatchObject({
      changes: [],
      removals: [],
      sites: [{ id: sites.Marketing, role: 'viewer' }],
    })
  })

  test('a site that is taken away is no longer named; one that is given comes whole', async () => {
    const replica = createReplica(editor)
    await replica.catchUp()
    const { editor: me } = server.ids.users
    await sql('DELETE FROM user_sites WHERE user_id = $1 AND site_id = $2', [me, sites.Sales])
    const without = await replica.pull()
    expect(without.sites.map(({ name }) => name)).toEqual(['Marketing'])
    expect(replica.of(sites.Sales)).toEqual({})

    await server.as('admin', sites.Sales).create({ title: 'While away' })
    expect((await replica.pull()).changes).toEqual([])
    await sql('INSERT INTO user_sites (tenant_id, user_id, site_id, role) VALUES ($1, $2, $3, $4)', [
      tenant,
      me,
      sites.Sales,
      'editor',
    ])
    await expectInStep(replica)
    expect(Object.values(replica.of(sites.Sales)).map(({ title }) => title)).toContain('While away')
  })
})

describe("the organisation's own feed", () => {
  const write = (changes: Parameters<typeof journal.record>[2]['changes'], work: string, values: unknown[]) =>
    server.app.transact(systemScope(tenant), async (tx) => {
      await tx.db.raw(work, values as string[])
      const origin = { id: null, requestId: 'test', address: 'local', device: null }
      await journal.record(tx, origin, { action: 'user.updated', feedId: tenant, changes: changes! })
    })

  test('brings new types, changed names, and types that are no longer offered', async () => {
    const replica = createReplica(editor)
    await replica.catchUp()
    const typeId = uuidv7()
    await write(
      [{ entity: 'interactionType', entityId: typeId, removed: false }],
      'INSERT INTO interaction_types VALUES (?, ?, ?, ?)',
      [tenant, typeId, 'Workshop', '20'],
    )
    await write(
      [{ entity: 'person', entityId: server.ids.users.viewer, removed: false }],
      'UPDATE users SET display_name = ? WHERE id = ?',
      ['Victoria Lane', server.ids.users.viewer],
    )
    expect((await replica.pull()).changes).toEqual([
      { entity: 'interactionType', record: { id: typeId, name: 'Workshop', position: 20 } },
      { entity: 'person', record: { id: server.ids.users.viewer, displayName: 'Victoria Lane' } },
    ])
    await write(
      [{ entity: 'interactionType', entityId: typeId, removed: false }],
      'UPDATE interaction_types SET active = false WHERE id = ?',
      [typeId],
    )
    expect((await replica.pull()).removals).toEqual([{ entity: 'interactionType', id: typeId, siteId: null }])
    expect(replica.types.has(typeId)).toBe(false)
  })

  test('is not disturbed by sign-ins and refusals, which move it too', async () => {
    const replica = createReplica(editor)
    await replica.catchUp()
    await editor.get(`/interactions/${randomUUID()}`)
    await server.anonymous().post('/auth/login', { username: 'viewer', password: 'wrong' })
    expect(await replica.pull()).toMatchObject({ changes: [], removals: [], reset: false })
  })
})

describe('receipts', () => {
  test("tell a device what became of its own edits, if an answer was lost, and nobody else's", async () => {
    const device = createDevice(sites.Marketing)
    const replica = createReplica(editor, device.id)
    const otherDevice = createReplica(editor, randomUUID())
    const otherPerson = createReplica(server.as('colleague'), device.id)
    for (const each of [replica, otherDevice, otherPerson]) await each.catchUp()

    const seen = await editor.create()
    await server.as('colleague', sites.Marketing).update(seen, { title: 'Theirs' })
    const sent = [
      device.create(),
      device.create({ type: 'Dance' }),
      device.update(seen, { title: 'Mine' }),
      { ...device.create(), siteId: sites.Support },
    ]
    const results = await editor.push(device.id, sent)
    expect(results.map(({ status }) => status)).toEqual(['applied', 'rejected', 'conflict', 'rejected'])

    for (const each of [replica, otherDevice, otherPerson]) await each.catchUp()
    const byId = (all: readonly { mutationId: string }[]) =>
      [...all].sort((a, b) => (a.mutationId < b.mutationId ? -1 : 1))
    expect(byId(replica.receipts)).toEqual(byId(results))
    expect(otherDevice.receipts).toEqual([])
    expect(otherPerson.receipts).toEqual([])
    expect((await replica.pull()).receipts).toEqual([])
  })

  test('come with the page that reaches them', async () => {
    const device = createDevice(sites.Marketing)
    const replica = createReplica(editor, device.id)
    await replica.catchUp()
    const results = await editor.push(
      device.id,
      Array.from({ length: 5 }, () => device.create()),
    )
    const pages = await replica.catchUp(2)
    expect(pages.map(({ receipts }) => receipts.length)).toEqual([2, 2, 1])
    expect(replica.receipts).toEqual(results)
  })
})

describe('a cursor', () => {
  test('of before the database was restored starts again', async () => {
    const replica = createReplica(editor)
    await replica.catchUp()
    await beginEpoch(server.database.url)
    const page = await replica.pull()
    expect(page.reset).toBe(true)
    await expectInStep(replica)
    expect((await replica.pull()).reset).toBe(false)
  })

  test('of before a dump was loaded starts again, though nobody said so', async () => {
    const replica = createReplica(editor)
    await replica.catchUp()
    const { epoch } = await replica.pull()
    // What a dump loads are new tables with the old rows.
    await sql(`
      BEGIN;
      CREATE TABLE loaded (LIKE feed_heads INCLUDING ALL);
      INSERT INTO loaded SELECT * FROM feed_heads;
      ALTER TABLE feed_heads RENAME TO dropped;
      ALTER TABLE loaded RENAME TO feed_heads;
      GRANT SELECT, INSERT, UPDATE ON feed_heads TO fieldbook_app;
      COMMIT`)
    const page = await replica.pull()
    expect(page).toMatchObject({ reset: true })
    expect(page.epoch).not.toBe(epoch)
    await expectInStep(replica)
  })

  test('that is ahead of its feed starts again: the server has lost something', async () => {
    const replica = createReplica(editor)
    await replica.catchUp()
    await sql('UPDATE feed_heads SET seq = seq - 1 WHERE feed_id = $1', [sites.Marketing])
    expect((await replica.pull()).reset).toBe(true)
    await sql('UPDATE feed_heads SET seq = seq + 1 WHERE feed_id = $1', [sites.Marketing])
    await expectInStep(replica)
  })

  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const epoch = '01a1fc5e-0000-7000-8000-000000000000'
  const site = '01a1fc5e-0000-7000-8000-000000000001'
  test.each([
    ['garbage', 'garbage'],
    ['nothing', ''],
    ['bytes that are no text', Buffer.from([0xff, 0xfe]).toString('base64url')],
    ['of another shape', encode({ seq: 1 })],
    ['of a negative number', encode({ epoch, feeds: { [site]: { seq: -1 } } })],
    ['of a fraction', encode({ epoch, feeds: { [site]: { seq: 1.5 } } })],
    [
      'with a moment that is none',
      encode({
        epoch,
        feeds: { [site]: { seq: 0, first: { after: { start: "' OR 1=1", id: site }, left: 1 } } },
      }),
    ],
    [
      'with an id that is none',
      encode({ epoch, feeds: { [site]: { seq: 0, first: { after: { start: null, id: 'x' }, left: 1 } } } }),
    ],
    ['as long as a cursor can be', 'a'.repeat(20_000)],
  ])('that is %s is refused by name', async (_, cursor) => {
    const answer = await editor.call('GET', '/sync/pull', { query: { deviceId: randomUUID(), cursor } })
    expect(answer).toMatchObject({
      status: 400,
      error: { code: 'VALIDATION_ERROR', details: [{ field: 'cursor' }] },
    })
  })

  test('somebody made up gives away nothing of others', async () => {
    const { epoch: real } = await editor.pull()
    const feeds = {
      [sites.Support]: { seq: 0 },
      [sites['Head office']]: { seq: 0 },
      [server.ids.tenants.Brightmart]: { seq: 0 },
    }
    const page = await editor.pull({ cursor: encode({ epoch: real, feeds }) })
    const places = new Set(
      page.changes.flatMap((change) => (change.entity === 'interaction' ? [change.record.siteId] : [])),
    )
    expect([...places].sort()).toEqual([sites.Marketing, sites.Sales].sort())
    expect(page.removals).toEqual([])
  })
})

test.each([
  ['no device', {}, 'deviceId'],
  ['a device that is none', { deviceId: 'mine' }, 'deviceId'],
  ['a page of nothing', { deviceId: randomUUID(), limit: '0' }, 'limit'],
  ['too long a page', { deviceId: randomUUID(), limit: '2001' }, 'limit'],
])('a pull with %s is refused by name', async (_, query, field) => {
  const answer = await editor.call('GET', '/sync/pull', { query: query as Record<string, string> })
  expect(answer).toMatchObject({ status: 400, error: { details: [{ field }] } })
})

test('every page carries the roles in the organisation as they are now', async () => {
  const { users, tenants } = server.ids
  const colleague = server.as('colleague')
  expect((await colleague.pull()).roles).toEqual([])
  const role = [tenants['Harbour & Vale'], users.colleague, 'team_leader']
  await sql('INSERT INTO user_roles VALUES ($1, $2, $3)', role)
  expect((await colleague.pull()).roles).toEqual(['team_leader'])
  await sql('DELETE FROM user_roles WHERE tenant_id = $1 AND user_id = $2 AND role = $3', role)
  expect((await colleague.pull()).roles).toEqual([])
})
