import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { BackupError, formatVersion, type Manifest, type Part, type TablePart } from './format.ts'
import { backupReader } from './reader.ts'

export interface Source {
  /** For the owner of the database. */
  url: string
  /** null: photos are in a bucket. */
  photoFolder: string | null
  /** Of Fieldbook. */
  version: string
}

/**
 * Copies the database as it is at one moment, while servers go on working, and then the photos; `folder` must not be
 * there yet, and is there only once the backup is whole. Rows are streamed: a large table takes no more memory than a
 * small one. Throws BackupError for what somebody can put right.
 */
export async function backUp({ url, photoFolder, version }: Source, folder: string): Promise<Manifest> {
  if (await isThere(folder)) throw new BackupError(`${folder} is there already; name a folder that is not`)
  const draft = `${folder}.part`
  await rm(draft, { recursive: true, force: true })
  await mkdir(join(draft, 'tables'), { recursive: true, mode: 0o700 })
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    const migrations = await migrationsOf(client)
    await client.query(`SET ROLE ${backupReader}; SET timezone = 'UTC'; SET statement_timeout = 0`)
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const { rows: moments } = await client.query<{ at: Date; postgres: string }>(
      `SELECT now() AS at, current_setting('server_version') AS postgres`,
    )
    const [{ at, postgres }] = moments as [{ at: Date; postgres: string }]
    const tables: TablePart[] = []
    for (const table of await tablesOf(client)) tables.push(await copyTable(client, table, draft))
    const sequences = await sequencesOf(client)
    await client.query('COMMIT')
    // After the rows: what they speak of is there, and what was deleted since is missed by nobody.
    const photos = photoFolder === null ? null : await copyPhotos(photoFolder, draft)
    const manifest: Manifest = {
      format: formatVersion,
      takenAt: at.toISOString(),
      version,
      postgres,
      migrations,
      tables,
      sequences,
      photos,
    }
    await writeFile(join(draft, 'manifest.json'), JSON.stringify(manifest, null, 2), { flush: true })
    await rename(draft, folder)
    return manifest
  } finally {
    await client.end()
  }
}

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

async function migrationsOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client
    .query<{ name: string }>('SELECT name FROM knex_migrations ORDER BY id')
    .catch((error: { code?: string }) => {
      if (error.code !== '42P01') throw error
      throw new BackupError('The database has no tables yet; there is nothing to back up')
    })
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [backupReader])
  if (!rowCount) throw new BackupError('The database is of an older version; run npm run db:migrate first')
  return rows.map(({ name }) => name)
}

type Table = Pick<TablePart, 'schema' | 'table' | 'columns'>

/** Those with rows of their own: partitions, not what they are partitions of. Generated columns are made anew. */
async function tablesOf(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(`
    SELECT n.nspname AS schema, c.relname AS table,
      array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '') AS columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname IN ('public', 'pgboss') AND c.relkind = 'r' AND c.relname NOT LIKE 'knex\\_%'
    GROUP BY 1, 2 ORDER BY 1, 2`)
  return rows
}

async function sequencesOf(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; value: string }>(`
    SELECT format('%I.%I', schemaname, sequencename) AS name, last_value::text AS value FROM pg_sequences
    WHERE schemaname IN ('public', 'pgboss') AND last_value IS NOT NULL AND sequencename NOT LIKE 'knex\\_%'`)
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
}

async function copyTable(client: pg.Client, table: Table, folder: string): Promise<TablePart> {
  const columns = table.columns.map(pg.escapeIdentifier).join(', ')
  const name = `${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.table)}`
  const rows = client.query(copyTo(`COPY (SELECT ${columns} FROM ${name}) TO STDOUT`))
  const path = `tables/${table.schema}.${table.table}.gz`
  const written = await write(join(folder, path), rows, createGzip({ level: 4 }))
  return { ...table, rows: rows.rowCount, path, ...written }
}

/** Writes what a stream gives to a new file, on the disk when it resolves; answers with its digest and size. */
async function write(
  file: string,
  source: NodeJS.ReadableStream,
  ...through: NodeJS.ReadWriteStream[]
): Promise<Pick<Part, 'sha256' | 'bytes'>> {
  const hash = createHash('sha256')
  let bytes = 0
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  await pipeline([source, ...through, measure, createWriteStream(file, { mode: 0o600, flush: true })])
  return { sha256: hash.digest('hex'), bytes }
}

async function copyPhotos(from: string, folder: string): Promise<Part[]> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    },
  )
  const parts: Part[] = []
  for (const entry of entries) {
    // Others are drafts of writes that are underway, or were cut.
    if (!entry.isFile() || !entry.name.endsWith('.blob')) continue
    const source = join(entry.parentPath, entry.name)
    const path = `photos/${relative(from, source).split(sep).join('/')}`
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    try {
      parts.push({ path, ...(await write(file, createReadStream(source))) })
    } catch (error) {
      // Removed since it was listed.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || (await isThere(source))) throw error
      await rm(file, { force: true })
    }
  }
  return parts
}
