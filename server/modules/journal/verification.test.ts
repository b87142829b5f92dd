import fc from 'fast-check'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditAction } from '#common/contract/audit-actions'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { brokenChains } from '../../test/audit-chain.ts'
import { asApp } from '../../test/scoped.ts'
import type { Transact } from '../../shared/transaction.ts'
import { createHousekeepingService } from '../housekeeping/housekeeping.service.ts'
import { createInteractionsService } from '../interactions/interactions.service.ts'
import { type Anchors, readAnchors } from './anchors.ts'
import { type Break, chained } from './chain.ts'
import { journal } from './journal.service.ts'
import { createAuditSweep } from './retention.service.ts'
import { createSealingService } from './sealing.service.ts'
import { chainEntries } from './verification.repository.ts'
import { verifyAudit } from './verification.service.ts'
import { noTenant, systemScope } from '../../shared/scope.ts'

let server: TestApp
let client: pg.PoolClient
beforeAll(async () => {
  server = await createTestApp()
  const { Marketing, Sales } = server.ids.sites
  for (let n = 0; n < 25; n++) {
    for (const site of [Marketing, Sales]) {
      const record = await server
        .as('editor', site)
        .create({ title: `Kept ${n} “é\u0301”`, notes: '{"a": [1]}' })
      if (n % 3 === 0) await server.as('editor', site).update(record, { title: `Changed ${n}` })
    }
    await server.as('outsider').create({ title: `Elsewhere ${n}` })
  }
  const origin = { id: null, requestId: 'r', address: '127.0.0.1', device: null }
  for (let n = 0; n < 12; n++) {
    await server.app.transact(systemScope(noTenant), (tx) =>
      journal.record(tx, origin, {
        action: 'session.refused',
        feedId: noTenant,
        newValues: { account: `“é\u0301” ${n}`, n },
      }),
    )
  }
  client = await server.database.owner.connect()
})
afterAll(async () => {
  client.release()
  await server.close()
})

/** In the transaction the test has open, as the owner, who sees all organisations at once and what is not committed. */
const here: Transact = (scope, work) =>
  work({ db, scope, announce: () => {}, afterCommit: () => {} } as unknown as Parameters<typeof work>[0])
const db = {
  raw: (text: string, values: Record<string, unknown> = {}) => {
    if (text.includes('tenant_ids')) return client.query('SELECT id FROM tenants LIMIT 1')
    const used: unknown[] = []
    const numbered = text.replace(/(?<!:):(\w+)/g, (whole, name: string) =>
      name in values ? `$${used.push(values[name])}` : whole,
    )
    return client.query(numbered, used)
  },
}

/** What a verification finds of a feed after `tamper`; then everything is as before. */
async function after(feedId: string, tamper: () => Promise<unknown>, anchors?: Anchors): Promise<Break[]> {
  await client.query('BEGIN')
  try {
    await tamper()
    const { breaks } = await verifyAudit(here, anchors)
    return breaks.filter((found) => found.feedId === feedId)
  } finally {
    await client.query('ROLLBACK')
  }
}

/** Another value in a column, whatever stands there. */
const edits: Record<string, string> = {
  id: 'gen_random_uuid()',
  at: `at + interval '1 microsecond'`,
  actor_id: `(SELECT u.id FROM users u WHERE u.tenant_id = audit_logs.tenant_id AND u.id IS DISTINCT FROM audit_logs.actor_id LIMIT 1)`,
  action: `action || '.'`,
  entity: `coalesce(entity, '') || 's'`,
  entity_id: 'gen_random_uuid()',
  old_values: `jsonb_build_array(old_values)`,
  new_values: `jsonb_build_array(new_values)`,
  address: `coalesce(address, '') || '1'`,
  device: `coalesce(device, '') || ' '`,
  request_id: `coalesce(request_id, '') || '-'`,
  hash: `sha256(hash)`,
}

test('the audit of what was written is whole, for the application too, and counted', async () => {
  const verified = await verifyAudit(server.app.transact)
  const { rows } = await server.database.owner.query<{ entries: number; feeds: number }>(
    `SELECT (SELECT count(*)::int FROM audit_logs) AS entries, (SELECT count(*)::int FROM feed_heads) AS feeds`,
  )
  expect(verified).toMatchObject({ ...rows[0], breaks: [] })
  expect(verified.entries).toBeGreaterThan(90)
})

/** Whoever may write in the database can make a chain that fits: from `position` on with other actions, or without an end. */
async function rewrite(feedId: string, position: number, count: number) {
  const entries = await here({ tenantId: '', siteId: null }, (tx) => chainEntries(tx, feedId, 0, 10_000))
  let { hash } = entries[position - 2]!
  await client.query('DELETE FROM audit_logs WHERE feed_id = $1 AND position > $2', [feedId, count])
  for (const { position: at, entry } of entries.slice(position - 1, count)) {
    const changed = { ...entry, action: `${entry.action}.` }
    hash = chained(hash, changed)
    await client.query('UPDATE audit_logs SET action = $3, hash = $4 WHERE feed_id = $1 AND position = $2', [
      feedId,
      at,
      changed.action,
      hash,
    ])
  }
  await client.query('UPDATE feed_heads SET audit_count = $2, audit_hash = $3 WHERE feed_id = $1', [
    feedId,
    count,
    hash,
  ])
}

test('what fits in the database is held against the anchors outside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fieldbook-anchors-'))
  const { seal } = createSealingService(server.app.transact, folder)
  await seal()
  await seal()
  const [name, ...others] = await readdir(folder)
  expect(others).toEqual([])
  const path = join(folder, name!)
  const lines = async () => (await readFile(path, 'utf8')).split('\n').filter(Boolean)
  expect(await lines()).toHaveLength(1)

  await server.as('outsider').create({ title: 'One more' })
  // As a power cut leaves it.
  await appendFile(path, '{"at": "2026-')
  const again = createSealingService(server.app.transact, folder)
  await again.seal()
  const [, torn, last] = await lines()
  expect(torn).toBe('{"at": "2026-')
  expect(Object.keys((JSON.parse(last!) as { feeds: object }).feeds)).toEqual([
    server.ids.sites['Head office'],
  ])

  const anchors = await readAnchors(folder)
  const verified = await verifyAudit(server.app.transact, anchors)
  expect(verified).toMatchObject({ breaks: [], anchored: verified.feeds })

  const feedId = server.ids.sites.Marketing
  const { count } = anchors.get(feedId)!
  const withAnchors = (position: number, left: number) =>
    after(feedId, () => rewrite(feedId, position, left), anchors)
  expect(await after(feedId, () => rewrite(feedId, 5, count))).toEqual([])
  expect(await withAnchors(5, count)).toEqual([{ feedId, position: count, what: 'rewritten' }])
  expect(await after(feedId, () => rewrite(feedId, count - 5, count - 3))).toEqual([])
  expect(await withAnchors(count - 5, count - 3)).toEqual([{ feedId, position: count - 2, what: 'cut' }])
  const removed = async () => {
    for (const table of ['audit_logs', 'feed_changes', 'sync_receipts', 'feed_heads'])
      await client.query(`DELETE FROM ${table} WHERE feed_id = $1`, [feedId])
  }
  expect(await after(feedId, removed)).toEqual([])
  expect(await after(feedId, removed, anchors)).toEqual([{ feedId, position: 1, what: 'cut' }])
  await rm(folder, { recursive: true })
})

test('a folder that cannot be written to is an error, not an anchor', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'fieldbook-anchors-')), 'file')
  await writeFile(file, '')
  await expect(createSealingService(server.app.transact, file).seal()).rejects.toThrow('ENOTDIR')
})

test('each of 500 tamperings is found, and where', { timeout: 120_000 }, async () => {
  const heads = (
    await client.query<{ feed_id: string; n: number }>(
      `SELECT feed_id, audit_count::int AS n FROM feed_heads WHERE audit_count > 5`,
    )
  ).rows
  const place = fc.record({ feed: fc.nat(heads.length - 1), at: fc.nat(), other: fc.nat() })
  const kind = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...Object.keys(edits)) },
    { weight: 6, arbitrary: fc.constantFrom('delete', 'swap', 'cut', 'forge', 'head', 'count', 'shift') },
  )
  await fc.assert(
    fc.asyncProperty(place, kind, async ({ feed, at, other }, how) => {
      const { feed_id: feedId, n } = heads[feed]!
      const position = 1 + (at % n)
      const query = (text: string, ...values: unknown[]) => client.query(text, values)
      const where = 'WHERE feed_id = $1 AND position = $2'
      const expected = (found: number, what: Break['what']) => [{ feedId, position: found, what }]
      if (how === 'delete') {
        const what = position === n ? 'cut' : 'missing'
        const found = await after(feedId, () => query(`DELETE FROM audit_logs ${where}`, feedId, position))
        expect(found).toEqual(expected(position, what))
      } else if (how === 'swap') {
        const second = 1 + ((position + (other % (n - 1))) % n)
        const move = (from: number, to: number) =>
          query(`UPDATE audit_logs SET position = $3 ${where}`, feedId, from, to)
        const found = await after(feedId, async () => {
          await move(position, -1)
          await move(second, position)
          await move(-1, second)
        })
        expect(found).toEqual(expected(Math.min(position, second), 'edited'))
      } else if (how === 'cut') {
        const found = await after(feedId, () =>
          query(`DELETE FROM audit_logs WHERE feed_id = $1 AND position >= $2`, feedId, position),
        )
        expect(found).toEqual(expected(position, 'cut'))
      } else if (how === 'shift') {
        const found = await after(feedId, () =>
          query(`UPDATE audit_logs SET position = -position WHERE feed_id = $1`, feedId),
        )
        expect(found).toEqual(expected(1, 'cut'))
      } else if (how === 'forge') {
        const found = await after(feedId, async () => {
          const [last] = await here({ tenantId: '', siteId: null }, (tx) =>
            chainEntries(tx, feedId, n - 1, 1),
          )
          const entry = { ...last!.entry, id: crypto.randomUUID(), action: 'interaction.deleted' }
          await query(
            `INSERT INTO audit_logs SELECT (jsonb_populate_record(a, $2)).* FROM audit_logs a ${where.replace('$2', '$3')}`,
            feedId,
            JSON.stringify({ id: entry.id, action: entry.action, position: n + 1 }),
            n,
          )
          const hash = chained(last!.hash, entry)
          await query(`UPDATE audit_logs SET hash = $3 ${where}`, feedId, n + 1, hash)
        })
        expect(found).toEqual(expected(n + 1, 'unannounced'))
      } else if (how === 'head') {
        const found = await after(feedId, () =>
          query(`UPDATE feed_heads SET audit_hash = sha256(audit_hash) WHERE feed_id = $1`, feedId),
        )
        expect(found).toEqual(expected(n, 'edited'))
      } else if (how === 'count') {
        const found = await after(feedId, () =>
          query(`UPDATE feed_heads SET audit_count = audit_count + 1 WHERE feed_id = $1`, feedId),
        )
        expect(found).toEqual(expected(n + 1, 'cut'))
      } else {
        // Nobody is where what belongs to no organisation is.
        fc.pre(feedId !== noTenant || how !== 'actor_id')
        const found = await after(feedId, () =>
          query(`UPDATE audit_logs SET ${how} = ${edits[how]} ${where}`, feedId, position),
        )
        expect(found).toEqual(expected(position, 'edited'))
      }
    }),
    { numRuns: 500 },
  )
})

describe('what need not be kept any longer', () => {
  let feedId: string
  const query = async <R>(text: string, ...values: unknown[]) =>
    (await client.query(text, values)).rows as R[]
  const origin = { id: null, requestId: 'night', address: 'local', device: null }
  const sweep = () =>
    createAuditSweep(journal)(server.app.transact, server.ids.tenants['Harbour & Vale'], origin)

  /** Written so long ago, as its chain has it. */
  async function recordOld(age: string, action: AuditAction, feed = feedId): Promise<void> {
    const tenantId = feed === noTenant ? noTenant : server.ids.tenants['Harbour & Vale']
    await server.app.transact(systemScope(tenantId), async (tx) => {
      const entityId = crypto.randomUUID()
      await journal.record(
        tx,
        { ...origin, id: feed === noTenant ? null : server.ids.users.editor },
        {
          action,
          feedId: feed,
          entity: 'thing',
          entityId,
          oldValues: { secret: `old ${action}` },
          newValues: { secret: `new ${action}` },
        },
      )
    })
    const [{ position }] = (await query<{ position: string }>(
      'SELECT max(position) AS position FROM audit_logs WHERE feed_id = $1',
      feed,
    )) as [{ position: string }]
    const all = await here({ tenantId: '', siteId: null }, (tx) => chainEntries(tx, feed, 0, 10_000))
    const [{ at }] = (await query<{ at: Date }>('SELECT now() - $1::interval AS at', age)) as [{ at: Date }]
    const entry = { ...all.at(-1)!.entry, at: at.toISOString() }
    const hash = chained(all.at(-2)!.hash, entry)
    await query(
      'UPDATE audit_logs SET at = $3, hash = $4 WHERE feed_id = $1 AND position = $2',
      feed,
      position,
      at,
      hash,
    )
    await query('UPDATE feed_heads SET audit_hash = $2 WHERE feed_id = $1', feed, hash)
  }

  const states = (feed = feedId) =>
    query<{ position: number; action: string; blanked: boolean; text: string }>(
      `SELECT position::int, action, blanked, a::text AS text FROM audit_logs a
       WHERE feed_id = $1 AND entity = 'thing' ORDER BY position`,
      feed,
    )

  beforeAll(async () => {
    feedId = server.ids.sites.Support
    await server.as('admin', feedId).create()
    for (const [age, action] of [
      ['13 months', 'access.refused'],
      ['11 months', 'access.refused'],
      ['25 months', 'session.started'],
      ['23 months', 'session.started'],
      ['25 months', 'interaction.updated'],
      ['23 months', 'interaction.updated'],
      ['37 months', 'user.updated'],
      ['35 months', 'user.updated'],
      ['25 months', 'export.made'],
      ['90 months', 'audit.blanked'],
    ] as const)
      await recordOld(age, action)
    await server.as('admin', feedId).create()
    expect((await verifyAudit(server.app.transact)).breaks).toEqual([])
  })

  test('is blanked, each class after its time, and the chain is as whole as before', async () => {
    expect(await sweep()).toBe(5)
    const rows = await states()
    expect(rows.filter((row) => row.blanked).map(({ action }) => action)).toEqual([
      'access.refused',
      'session.started',
      'interaction.updated',
      'user.updated',
      'export.made',
    ])
    for (const { blanked, text } of rows) {
      expect(text.includes('secret')).toBe(!blanked)
      expect(text.includes(server.ids.users.editor)).toBe(!blanked)
    }
    const { breaks } = await verifyAudit(server.app.transact)
    expect(breaks).toEqual([])
    expect(await brokenChains((text, values = []) => query(text, ...values))).toEqual([])
    const [told] = await query<{ new_values: object }>(
      `SELECT new_values FROM audit_logs WHERE feed_id = $1 AND action = 'audit.blanked' ORDER BY position DESC LIMIT 1`,
      feedId,
    )
    expect(told).toMatchObject({ new_values: { reason: 'retention', count: 5 } })
    // There is no more to do, and nothing is written about it.
    const [head] = await query('SELECT * FROM feed_heads WHERE feed_id = $1', feedId)
    expect(await sweep()).toBe(0)
    expect(await query('SELECT * FROM feed_heads WHERE feed_id = $1', feedId)).toEqual([head])
  })

  test('is blanked in the night, also where it belongs to no organisation', async () => {
    for (const age of ['25 months', '23 months']) await recordOld(age, 'session.refused', noTenant)
    const { transact } = server.app
    const interactions = createInteractionsService(transact, journal)
    await createHousekeepingService(transact, interactions, [], [createAuditSweep(journal)]).run('night')
    expect((await states(noTenant)).map(({ blanked, text }) => [blanked, text.includes('secret')])).toEqual([
      [true, false],
      [false, true],
    ])
    expect((await verifyAudit(transact)).breaks).toEqual([])
  })

  test('is blanked by nobody but the function, which looks at the age itself', async () => {
    const scope = systemScope(server.ids.tenants['Harbour & Vale'])
    const asKeeper = (sql: string) =>
      asApp(server.database, scope, async (connection) => {
        await connection.query('RESET ROLE; SET ROLE fieldbook_keeper')
        return (await connection.query(sql)).rowCount
      })
    await expect(
      asApp(server.database, scope, (connection) => connection.query('UPDATE audit_logs SET blanked = true')),
    ).rejects.toMatchObject({ code: '42501' })
    // Not even its owner reaches what is to be kept, or can do anything else to what is not.
    expect(await asKeeper('UPDATE audit_logs SET new_values = NULL, blanked = true WHERE NOT blanked')).toBe(
      0,
    )
    await expect(asKeeper(`UPDATE audit_logs SET new_values = '{}', blanked = false`)).rejects.toThrow(
      /row-level security/,
    )
    for (const sql of ['UPDATE audit_logs SET action = action', 'DELETE FROM audit_logs'])
      await expect(asKeeper(sql)).rejects.toMatchObject({ code: '42501' })
    // Of another organisation it finds nothing.
    const other = { ...scope, tenantId: server.ids.tenants.Brightmart }
    const { rows } = await asApp(server.database, other, (connection) =>
      connection.query('SELECT blank_audit($1, 10)', [feedId]),
    )
    expect(rows).toEqual([])
  })

  test('and everything else that is done to a blanked entry, or around one, is found, and where', async () => {
    const rows = await states()
    const gone = rows.filter((row) => row.blanked).map(({ position }) => position)
    const kept = rows.filter((row) => !row.blanked).map(({ position }) => position)
    const where = 'WHERE feed_id = $1 AND position = $2'
    const change = (set: string, position: number) =>
      after(feedId, () => query(`UPDATE audit_logs SET ${set} ${where}`, feedId, position))
    const found = (position: number, what: Break['what']) => [{ feedId, position, what }]
    for (const position of gone) {
      for (const [column, value] of Object.entries(edits)) {
        if (column === 'old_values') continue
        expect(await change(`${column} = ${value}`, position), column).toEqual(found(position, 'blanked'))
      }
      expect(await change(`new_values = '{"forged": true}'`, position)).toEqual(found(position, 'blanked'))
      expect(await change('blanked = false', position)).toEqual(found(position, 'edited'))
      expect(await after(feedId, () => query(`DELETE FROM audit_logs ${where}`, feedId, position))).toEqual(
        found(position, 'missing'),
      )
      for (const next of [position - 1, position + 1].filter((each) => !gone.includes(each))) {
        expect(await change(`action = action || '.'`, next)).toEqual(found(next, 'edited'))
        expect(await change(`hash = sha256(hash)`, next)).toEqual(found(next, 'edited'))
        const swap = async () => {
          for (const [from, to] of [
            [position, -1],
            [next, position],
            [-1, next],
          ])
            await query(`UPDATE audit_logs SET position = $3 ${where}`, feedId, from, to)
        }
        expect(await after(feedId, swap)).toMatchObject([{ feedId, position: Math.min(position, next) }])
      }
    }
    // Blanked without an entry that says so, whole or not.
    for (const position of kept) {
      expect(await change('blanked = true', position)).toEqual(found(position, 'blanked'))
      expect(await change('blanked = true, old_values = NULL, new_values = NULL', position)).toEqual(
        found(position, 'blanked'),
      )
    }
    // The entry that says so is as safe as any other; without it nothing is excused.
    const [{ position: by }] = (await query<{ position: number }>(
      `SELECT max(position)::int AS position FROM audit_logs WHERE feed_id = $1 AND action = 'audit.blanked'`,
      feedId,
    )) as [{ position: number }]
    expect(await change(`address = 'elsewhere'`, by)).toEqual(found(by, 'edited'))
    expect(await change(`new_values = '{"reason": "retention", "count": 0, "entries": []}'`, by)).toEqual(
      found(gone[0]!, 'blanked'),
    )
  })
})
