import { createReadStream } from 'node:fs'
import { copyFile, mkdir, readdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { availableMigrations, migrate, migrateTo, undoAll } from '../migrate.ts'
import { BackupError, digestOf, type Manifest, partsOf, readManifest, type TablePart } from './format.ts'

export interface Destination {
  /** For the owner of a database in which nothing is yet. */
  url: string
  /** Where servers come from, where a pooler stands between. */
  poolerUrl?: string | null
  /** null: photos are in a bucket, or kept elsewhere by whoever restores. */
  photoFolder: string | null
  /** Where the audit is anchored outside the database. */
  auditAnchors: string
}

/**
 * Puts a backup into an empty database: it is looked through before anything is written, the rows go in as one
 * transaction, each table's are counted, and every rule of the schema is held against them. The database gets a new
 * epoch, so that devices fetch everything again and send what the backup does not have. Nothing that is there is ever
 * replaced. Throws BackupError for what somebody can put right; what is there then is as it was, or empty.
 */
export async function restore(
  folder: string,
  { url, poolerUrl = null, photoFolder, auditAnchors }: Destination,
): Promise<Manifest> {
  const manifest = await readManifest(folder)
  const known = new Set(await availableMigrations())
  const unknown = manifest.migrations.find((name) => !known.has(name))
  if (unknown)
    throw new BackupError(
      `The backup is of a newer version (${manifest.version}), with ${unknown}; restore it with that version`,
    )
  for (const { path, sha256 } of partsOf(manifest)) {
    const found = await digestOf(join(folder, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT')
        throw new BackupError(`${path} is missing in the backup; use another copy of it`)
      throw error
    })
    if (found !== sha256) throw new BackupError(`${path} is damaged in the backup; use another copy of it`)
  }
  if (photoFolder === null && manifest.photos?.length)
    throw new BackupError(
      'The backup holds photos, and S3_BUCKET is set: restore without it, then copy DATA_DIR/photos into the bucket, names without “.blob”',
    )

  await assertEmpty(url)
  await migrateTo(url, manifest.migrations)
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    await client.query('SET statement_timeout = 0')
    await client.query('BEGIN')
    await load(client, manifest, folder)
    await client.query('UPDATE server_state SET epoch = gen_random_uuid()')
    await client.query('COMMIT')
    await client.query('ANALYZE')
  } catch (error) {
    await client.query('ROLLBACK')
    // Empty again, for the next attempt.
    await undoAll(url)
    throw error
  } finally {
    await client.end()
  }
  await migrate(url, poolerUrl)

  if (photoFolder !== null)
    for (const { path } of manifest.photos ?? []) {
      const to = join(photoFolder, path.slice('photos/'.length))
      await mkdir(dirname(to), { recursive: true, mode: 0o700 })
      await copyFile(join(folder, path), to)
    }
  await setAnchorsAside(auditAnchors)
  return manifest
}

async function assertEmpty(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ tables: number }>(
      `SELECT count(*)::int AS tables FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')`,
    )
    if (rows[0]!.tables > 0)
      throw new BackupError(
        'The database is not empty, and nothing in it is replaced: restore into a new one (createdb), or, where DATABASE_URL is not set, move the folder “postgres” in DATA_DIR away first',
      )
  } finally {
    await client.end()
  }
}

const nameOf = ({ schema, table }: Pick<TablePart, 'schema' | 'table'>) =>
  `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`

/**
 * Rows as they were: no trigger reacts to them, and foreign keys, of which some go round in circles, are held against
 * all of them at once, in the end. What the migrations put in makes way.
 */
async function load(client: pg.Client, { tables, sequences }: Manifest, folder: string): Promise<void> {
  const { rows: keys } = await client.query<{ drop: string; add: string }>(`
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
      format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS add
    FROM pg_constraint
    WHERE contype = 'f' AND conparentid = 0 AND connamespace IN ('public'::regnamespace, 'pgboss'::regnamespace)`)
  const { rows: forced } = await client.query<{ name: string }>(`
    SELECT oid::regclass::text AS name FROM pg_class
    WHERE relforcerowsecurity AND relnamespace IN ('public'::regnamespace, 'pgboss'::regnamespace)`)
  const { rows: disabled } = await client.query<{ name: string }>(`
    SELECT DISTINCT tgrelid::regclass::text AS name FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
    WHERE NOT tgisinternal AND tgparentid = 0
      AND relnamespace IN ('public'::regnamespace, 'pgboss'::regnamespace)`)
  for (const { drop } of keys) await client.query(drop)
  for (const { name } of forced) await client.query(`ALTER TABLE ${name} NO FORCE ROW LEVEL SECURITY`)
  for (const { name } of disabled) await client.query(`ALTER TABLE ${name} DISABLE TRIGGER USER`)
  await client.query(`TRUNCATE ${tables.map(nameOf).join(', ')}`)
  for (const table of tables) {
    const columns = table.columns.map(pg.escapeIdentifier).join(', ')
    const rows = client.query(copyFrom(`COPY ${nameOf(table)} (${columns}) FROM STDIN`))
    await pipeline(createReadStream(join(folder, table.path)), createGunzip(), rows)
    if (rows.rowCount !== table.rows)
      throw new BackupError(
        `${table.path} has ${rows.rowCount} rows where ${table.rows} were written; use another copy of the backup`,
      )
  }
  for (const [name, value] of Object.entries(sequences))
    await client.query('SELECT setval($1::regclass, $2)', [name, value])
  for (const { name } of disabled) await client.query(`ALTER TABLE ${name} ENABLE TRIGGER USER`)
  for (const { add } of keys) await client.query(add)
  for (const { name } of forced) await client.query(`ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`)
}

/**
 * Anchors of what came after the backup would call the restored audit cut off. They stay where they are, under names
 * that say since when they are of the past; servers write new ones beside them.
 */
async function setAnchorsAside(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const stamp = new Date().toISOString().replace(/[:.]/g, '-')
  for (const name of names.filter((each) => each.endsWith('.jsonl')))
    await rename(join(folder, name), join(folder, `${name}.before-restore-${stamp}`))
}
