import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFolder } from '#server/test/folder'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts'

let folder: Awaited<ReturnType<typeof createFolder>>
const running: EmbeddedPostgres[] = []
beforeEach(async () => {
  folder = await createFolder()
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((postgres) => postgres.stop().catch(() => {})))
  await folder.remove()
})

const quick = { settings: { fsync: 'off', shared_buffers: '16MB' } }
async function start(path: string): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres(path, quick)
  running.push(postgres)
  return postgres
}

async function query<Row extends pg.QueryResultRow>({ url }: EmbeddedPostgres, sql: string): Promise<Row[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}
const pidFile = (data: string) => join(data, 'postmaster.pid')
const pidOf = async (data: string) => Number((await readFile(pidFile(data), 'utf8')).split('\n')[0])
const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

/** A role that is no superuser, text in UTF-8 and compared by bytes, a password, and no way in from elsewhere. */
async function expectToBeAsOnAManagedService(first: EmbeddedPostgres): Promise<void> {
  const url = new URL(first.url)
  expect(url).toMatchObject({ hostname: '127.0.0.1', username: 'fieldbook', pathname: '/fieldbook' })
  expect(
    await query(
      first,
      'SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user',
    ),
  ).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: true, rolcreatedb: true }])
  const show = async (name: string) => Object.values((await query(first, `SHOW ${name}`))[0]!)[0] as string
  expect(await show('server_encoding')).toBe('UTF8')
  expect(await show('listen_addresses')).toBe('127.0.0.1')
  expect(await show('fsync')).toBe('off')
  expect(await query(first, `SELECT lower('ÄÉ') AS low, 'a' < 'B' AS by_bytes`)).toEqual([
    { low: 'äé', by_bytes: false },
  ])

  // Nobody gets in without the password, which nobody else can read.
  url.password = ''
  await expect(query({ ...first, url: url.href }, 'SELECT 1')).rejects.toThrow(/password/)
  const { mode } = await stat(`${first.data}.password`)
  expect(mode & 0o077).toBe(0)
}

test('it is as safe as a managed one, and keeps what is in it, whether it was stopped, left behind, killed or moved', async () => {
  const data = join(folder.path, 'deep', 'in', 'postgres')
  const first = await start(data)
  expect(first.adopted).toBe(false)
  await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer')
  await expectToBeAsOnAManagedService(first)

  // Left running by whoever started it, it is taken over.
  const adopted = await start(data)
  expect(adopted).toMatchObject({ adopted: true, url: first.url })

  // Stopped in order, it starts again.
  await adopted.stop()
  expect(await isThere(pidFile(data))).toBe(false)
  const again = await start(data)
  expect(again.adopted).toBe(false)
  expect(await query(again, 'SELECT * FROM kept')).toEqual([{ answer: 42 }])

  // Killed, it recovers.
  const pid = await pidOf(data)
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => query(again, 'SELECT 1').catch(() => 'gone')).toBe('gone')
  const recovered = await start(data)
  expect(await query(recovered, 'SELECT * FROM kept')).toEqual([{ answer: 42 }])
  await recovered.stop()

  // Whoever has its number by now is left alone, and does not stand in the way.
  await writeFile(pidFile(data), `${process.pid}\n${data}\n1\n1\n\n127.0.0.1\n\nready   \n`)
  const after = await start(data)
  expect(after.adopted).toBe(false)
  expect(await query(after, 'SELECT * FROM kept')).toEqual([{ answer: 42 }])
  await after.stop()

  // The folder above it may be moved.
  await rename(join(folder.path, 'deep'), join(folder.path, 'moved'))
  const moved = await start(join(folder.path, 'moved', 'in', 'postgres'))
  expect(await query(moved, 'SELECT * FROM kept')).toEqual([{ answer: 42 }])
  await moved.stop()

  // When it cannot start it says so in a line, and where to look further.
  await writeFile(join(moved.data, 'postgresql.conf'), 'nonsense = on')
  await expect(start(moved.data)).rejects.toThrow(
    /^The embedded PostgreSQL failed: pg_ctl: could not start server; see .*server\.log$/,
  )
})

test('a set-up that was cut short is done again', async () => {
  const data = join(folder.path, 'postgres')
  await mkdir(`${data}.new/base`, { recursive: true })
  await writeFile(`${data}.new/PG_VERSION`, '18')
  const postgres = await start(data)
  expect(await query(postgres, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  expect(await isThere(`${data}.new`)).toBe(false)
})

test('it works in a folder that nobody else may look into, as root too', async () => {
  // Every folder from `mkdtemp` is such a one, and so is the home of many a user.
  const secret = join(folder.path, 'private')
  await mkdir(secret, { mode: 0o700 })
  const data = join(secret, 'data', 'postgres')
  const first = await start(data)
  await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer')
  await first.stop()
  const second = await start(data)
  expect(await query(second, 'SELECT * FROM kept')).toEqual([{ answer: 42 }])
  await second.stop()
  // As root the data is elsewhere, not in the folder of this test.
  await rm(second.data, { recursive: true, force: true })
  await rm(`${second.data}.password`, { force: true })
})

test('a folder that cannot be is refused', async () => {
  const file = join(folder.path, 'file')
  await writeFile(file, '')
  await expect(start(join(file, 'postgres'))).rejects.toThrow(/EEXIST|ENOTDIR/)
})
