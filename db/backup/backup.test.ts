import { randomUUID } from 'node:crypto'
import { appendFile, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { verifyAudit } from '#server/modules/journal/verification.service'
import { createPool } from '#server/shared/pool'
import { createTransact } from '#server/shared/transaction'
import { createTestApp } from '#server/test/app'
import { createDatabase, type TestDatabase } from '#server/test/database'
import { createFolder } from '#server/test/folder'
import { run } from '#server/test/process'
import { migrate } from '../migrate.ts'
import { backUp } from './backup.ts'
import { type Manifest, readManifest } from './format.ts'
import { restore } from './restore.ts'

let source: TestDatabase
let folder: string
let backup: string
let manifest: Manifest

const photo = new Uint8Array(100_000).map((_, n) => n)

beforeAll(async () => {
  const place = await createFolder()
  folder = place.path
  backup = join(folder, 'backup')
  const server = await createTestApp()
  source = server.database
  const editor = server.as('editor', server.ids.sites.Marketing)
  // What COPY has to write in a way of its own.
  await editor.create({ title: 'Tab\tand \\ backslash', notes: 'a line\nand another\r\n\\N \\. “Łódź” 🍎' })
  await editor.push(randomUUID(), [{ mutationId: randomUUID(), nonsense: true }])
  await source.owner.query(`
    INSERT INTO interactions
    SELECT (jsonb_populate_record(i, jsonb_build_object('id', gen_random_uuid(), 'title', 'Many ' || n))).*
    FROM interactions i, generate_series(1, 3000) n`)
  await server.app.close()
  await mkdir(join(folder, 'photos/tenant'), { recursive: true })
  await writeFile(join(folder, 'photos/tenant/one.blob'), photo)
  await writeFile(join(folder, 'photos/tenant/.draft.part'), 'half')
  manifest = await backUp({ url: source.url, photoFolder: join(folder, 'photos'), version: '1.2.3' }, backup)
  return async () => {
    await source.drop()
    await place.remove()
  }
}, 60_000)

/** A database with nothing in it, and where its photos and anchors go. */
async function destination() {
  const database = await createDatabase({ template: null })
  onTestFinished(() => database.drop())
  const own = join(folder, randomUUID())
  return { database, url: database.url, photoFolder: join(own, 'photos'), auditAnchors: join(own, 'anchors') }
}

/** A digest of the rows of each table, whatever their order. */
async function contents(database: TestDatabase): Promise<Record<string, string>> {
  const { rows } = await database.owner.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relname NOT LIKE 'knex%'
     AND relnamespace::regnamespace::text IN ('public', 'pgboss') ORDER BY name`,
  )
  const digests: Record<string, string> = {}
  for (const { name } of rows) {
    const all = await database.owner.query<{ digest: string }>(
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C")), '') AS digest FROM ${name} t`,
    )
    digests[name] = all.rows[0]!.digest
  }
  return digests
}

/** What the schema is made of, by its own account. */
const schema = async (database: TestDatabase) =>
  (
    await database.owner.query<{ what: string }>(`
      SELECT what FROM (
        SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) || convalidated AS what FROM pg_constraint
          WHERE connamespace IN ('public'::regnamespace, 'pgboss'::regnamespace) AND conparentid = 0
        UNION ALL SELECT tgrelid::regclass || ' ' || tgname || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT relname || relrowsecurity || relforcerowsecurity || coalesce(relacl::text, '') FROM pg_class
          WHERE relnamespace IN ('public'::regnamespace, 'pgboss'::regnamespace) AND relname NOT LIKE 'pg_toast%'
        UNION ALL SELECT tablename || policyname || cmd || coalesce(qual, '') || coalesce(with_check, '') FROM pg_policies
      ) all_of_it ORDER BY what COLLATE "C"`)
  ).rows.map(({ what }) => what)

test('all rows and photos come back as they were, in a database whose epoch is another', async () => {
  const to = await destination()
  await restore(backup, to)
  const { server_state: epochBefore, ...before } = await contents(source)
  const { server_state: epochAfter, ...after } = await contents(to.database)
  expect(after).toEqual(before)
  expect(Object.keys(after).length).toBeGreaterThan(70)
  expect(epochAfter).not.toBe(epochBefore)
  expect(new Uint8Array(await readFile(join(to.photoFolder, 'tenant/one.blob')))).toEqual(photo)
  expect(await readdir(join(to.photoFolder, 'tenant'))).toEqual(['one.blob'])

  const fresh = await createDatabase({ template: null })
  await migrate(fresh.url)
  expect(await schema(to.database)).toEqual(await schema(fresh))
  await fresh.drop()

  const pool = createPool(to.url, 1)
  expect((await verifyAudit(createTransact(pool), new Map())).breaks).toEqual([])
  await pool.destroy()
})

test('a backup is one moment, whatever is written meanwhile', async () => {
  const server = await createTestApp()
  const editor = server.as('editor', server.ids.sites.Marketing)
  let isOver = false
  let written = 0
  const writing = (async () => {
    for (; !isOver; written++) await editor.create({ title: `Meanwhile ${written}` })
  })()
  const at = join(folder, randomUUID())
  await backUp({ url: server.database.url, photoFolder: null, version: '1.2.3' }, at)
  isOver = true
  await writing
  expect(written).toBeGreaterThan(5)
  const to = await destination()
  await restore(at, { ...to, photoFolder: null })
  // Each record with its place in the feed, its audit entry and the head that counts both.
  const { rows } = await to.database.owner.query(`
    SELECT (SELECT count(*)::int FROM interactions WHERE title LIKE 'Meanwhile %') AS records,
      (SELECT count(*)::int FROM feed_changes c JOIN interactions i ON i.id = c.entity_id WHERE title LIKE 'Meanwhile %') AS changes,
      (SELECT count(*)::int FROM audit_logs WHERE action = 'interaction.created' AND new_values ->> 'title' LIKE 'Meanwhile %') AS entries`)
  const [{ records, changes, entries }] = rows as [{ records: number; changes: number; entries: number }]
  expect([changes, entries]).toEqual([records, records])
  const pool = createPool(to.url, 1)
  expect((await verifyAudit(createTransact(pool), new Map())).breaks).toEqual([])
  await pool.destroy()
  await server.close()
}, 60_000)

test('anchors of what came later are set aside, not lost', async () => {
  const to = await destination()
  await mkdir(to.auditAnchors, { recursive: true })
  await writeFile(join(to.auditAnchors, '2026-11.jsonl'), '{}\n')
  await restore(backup, to)
  expect(await readdir(to.auditAnchors)).toEqual([expect.stringMatching(/^2026-11\.jsonl\.before-restore-/)])
})

describe('what cannot be restored is refused in words, and nothing is written', () => {
  let copy: string
  beforeEach(async () => {
    copy = join(folder, randomUUID())
    await cp(backup, copy, { recursive: true })
  })
  const change = async (what: Partial<Manifest>) =>
    writeFile(join(copy, 'manifest.json'), JSON.stringify({ ...(await readManifest(copy)), ...what }))
  const people = 'tables/public.users.gz'

  test.each<[name: string, harm: () => Promise<unknown>, words: RegExp]>([
    [
      'one that was cut short',
      () => rm(join(copy, 'manifest.json')),
      /no whole backup in .* no manifest\.json/,
    ],
    [
      'a damaged manifest',
      () => appendFile(join(copy, 'manifest.json'), '}'),
      /manifest\.json .* is damaged/,
    ],
    ['another format', () => change({ format: 2 as 1 }), /is of format 2, .* use the version that made it/],
    [
      'a newer version',
      () => change({ migrations: ['29990101000000_later.ts'] }),
      /newer version \(1\.2\.3\)/,
    ],
    ['a missing part', () => rm(join(copy, people)), /public\.users\.gz is missing/],
    ['a changed part', () => appendFile(join(copy, people), 'x'), /public\.users\.gz is damaged/],
    [
      'a part in place of another',
      () => rename(join(copy, 'tables/public.sites.gz'), join(copy, people)),
      /public\.sites\.gz|public\.users\.gz/,
    ],
  ])('%s', async (_, harm, words) => {
    const to = await destination()
    await harm()
    await expect(restore(copy, to)).rejects.toThrow(words)
    expect(await contents(to.database)).toEqual({})
    await expect(stat(to.photoFolder)).rejects.toThrow('ENOENT')
  })

  test('a database in which something is', async () => {
    const to = await destination()
    await to.database.owner.query('CREATE TABLE mine (n int); INSERT INTO mine VALUES (1)')
    await expect(restore(backup, to)).rejects.toThrow(/not empty, and nothing in it is replaced/)
    expect((await to.database.owner.query('SELECT * FROM mine')).rows).toEqual([{ n: 1 }])
  })

  test('rows the schema does not allow: the database is empty again, and can be restored into', async () => {
    const to = await destination()
    // As many as it says, of people whose organisation is not there.
    const tables = manifest.tables.filter(({ table }) => table !== 'tenants')
    await change({ tables })
    await expect(restore(copy, to)).rejects.toThrow(/foreign key/)
    expect(await contents(to.database)).toEqual({})
    await restore(backup, to)
    expect(Object.keys(await contents(to.database))).toHaveLength(manifest.tables.length)
  })

  test('photos of a folder where there is a bucket', async () => {
    const to = await destination()
    await expect(restore(copy, { ...to, photoFolder: null })).rejects.toThrow(/S3_BUCKET is set/)
  })
})

describe('what cannot be backed up is refused in words', () => {
  const of = (url: string) => ({ url, photoFolder: null, version: '1.2.3' })

  test('into a folder that is there: it stays as it is', async () => {
    await expect(backUp(of(source.url), backup)).rejects.toThrow(
      /is there already; name a folder that is not/,
    )
    expect(await readManifest(backup)).toEqual(manifest)
  })

  test('a database without tables', async () => {
    const { url } = await destination()
    await expect(backUp(of(url), join(folder, 'none'))).rejects.toThrow(/nothing to back up/)
    await expect(stat(join(folder, 'none'))).rejects.toThrow('ENOENT')
  })

  test('a table that the reader may not see is an error, and not a table without rows', async () => {
    const database = await createDatabase()
    await database.owner.query(
      'ALTER TABLE shops OWNER TO CURRENT_USER; REVOKE SELECT ON shops FROM fieldbook_backup',
    )
    await expect(backUp(of(database.url), join(folder, 'part'))).rejects.toThrow(
      /permission denied for table shops/,
    )
    await expect(stat(join(folder, 'part'))).rejects.toThrow('ENOENT')
    await database.drop()
  })
})

test('as commands: a backup by its time in DATA_DIR, restored by its name', async () => {
  const place = join(folder, 'commands')
  const cli = async (url: string, ...args: string[]) => {
    const { ended, said } = run('db/cli.ts', { DATABASE_URL: url, DATA_DIR: place }, args)
    return { code: await ended, ...said }
  }
  const made = await cli(source.url, 'backup')
  expect(made).toMatchObject({ code: 0, err: '' })
  const [, to] = /^Backed up [\d,]+ rows of \d+ tables and 0 files of photos to (.+)\n$/.exec(made.out)!
  expect(to).toContain(join(place, 'backups'))
  const empty = await destination()
  expect(await cli(empty.url, 'restore')).toMatchObject({
    code: 1,
    err: expect.stringContaining('Say which backup') as string,
  })
  const restored = await cli(empty.url, 'restore', to!)
  expect(restored).toMatchObject({ code: 0, err: '' })
  expect(restored.out).toMatch(
    /^Restored [\d,]+ rows of \d+ tables and .*, as it was at .*; the audit is whole\n$/,
  )
}, 60_000)
