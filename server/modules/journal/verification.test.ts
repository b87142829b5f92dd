import fc from 'fast-check'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestApp, type TestApp } from '../../test/app.ts'
import type { Transact } from '../../shared/transaction.ts'
import { type Anchors, readAnchors } from './anchors.ts'
import { type Break, chained } from './chain.ts'
import { createSealingService } from './sealing.service.ts'
import { chainEntries } from './verification.repository.ts'
import { verifyAudit } from './verification.service.ts'

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
      'SELECT feed_id, audit_count::int AS n FROM feed_heads WHERE audit_count > 5',
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
          query('DELETE FROM audit_logs WHERE feed_id = $1 AND position >= $2', feedId, position),
        )
        expect(found).toEqual(expected(position, 'cut'))
      } else if (how === 'shift') {
        const found = await after(feedId, () =>
          query('UPDATE audit_logs SET position = -position WHERE feed_id = $1', feedId),
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
          query('UPDATE feed_heads SET audit_hash = sha256(audit_hash) WHERE feed_id = $1', feedId),
        )
        expect(found).toEqual(expected(n, 'edited'))
      } else if (how === 'count') {
        const found = await after(feedId, () =>
          query('UPDATE feed_heads SET audit_count = audit_count + 1 WHERE feed_id = $1', feedId),
        )
        expect(found).toEqual(expected(n + 1, 'cut'))
      } else {
        const change = `${how} = ${edits[how]}`
        const found = await after(feedId, () =>
          query(`UPDATE audit_logs SET ${change} ${where}`, feedId, position),
        )
        expect(found).toEqual(expected(position, 'edited'))
      }
    }),
    { numRuns: 500 },
  )
})
