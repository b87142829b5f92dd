import { generateKeyPairSync } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '#db/embedded'
import { migrate } from '#db/migrate'
import { type DemoTenant, loadTenants } from '#db/seeds/demo'
import { createPool } from '#server/shared/pool'
import { newName, onServer, urlOf } from '#server/test/database'
import { letOwnerSee } from '#server/test/global-setup'
import type { Options } from '../part.ts'

export interface World {
  /** The database. */
  url: string
  /** PEM of the key that signs access tokens. */
  key: string
  /** As the owner, whom no policy binds: to arrange what the application could not, and to look behind it. */
  owner: pg.Pool
  /** For what the part keeps on disk; one that the user PostgreSQL runs as can get into. */
  folder: string
  rows<R>(sql: string, values?: unknown[]): Promise<R[]>
  close(): Promise<void>
}

export async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldbook-reliability-'))
  await chmod(folder, 0o755)
  return folder
}

const quick = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  shared_buffers: '256MB',
  max_connections: '200',
}

/** A database with these people in it: on the PostgreSQL at `--database=…`, or on one started for it. */
export async function createWorld(options: Options, tenants: readonly DemoTenant[]): Promise<World> {
  const folder = await createFolder()
  const postgres = options.database
    ? null
    : await startEmbeddedPostgres(join(folder, 'postgres'), { settings: quick })
  const server = options.database ?? postgres!.url
  const name = newName()
  await onServer(server, `CREATE DATABASE ${name}`)
  const url = urlOf(server, name)
  await populate(url, tenants)
  return openWorld(url, folder, async () => {
    // The server waits for connections that are about to end; those of a server that was killed are cut.
    await onServer(server, `DROP DATABASE ${name}`).catch(() =>
      onServer(server, `DROP DATABASE ${name} WITH (FORCE)`),
    )
    await postgres?.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })
}

export function openWorld(url: string, folder: string, close: () => Promise<void>): World {
  const owner = new pg.Pool({ connectionString: url, max: 4 })
  return {
    url,
    key: newKey(),
    owner,
    folder,
    rows: async <R>(sql: string, values: unknown[] = []) => (await owner.query(sql, values)).rows as R[],
    close: async () => {
      await owner.end()
      await close()
    },
  }
}

export async function populate(url: string, tenants: readonly DemoTenant[]): Promise<void> {
  await migrate(url)
  const pool = createPool(url, 1)
  try {
    await loadTenants(pool, tenants)
  } finally {
    await pool.destroy()
  }
  await letOwnerSee(url)
}

const newKey = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
