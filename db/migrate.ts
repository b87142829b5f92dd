import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import knex, { type Knex } from 'knex'
import { silent } from '#server/shared/pool'
import { letBackupsRead } from './backup/reader.ts'
import { prepareLogin } from './login.ts'

/** Migrations run as the owner of the database and keep their `.ts` names for ever: knex knows them by these. */

const folder = join(import.meta.dirname, 'migrations')

const migrationSource: Knex.MigrationSource<string> = {
  getMigrations: async () => (await readdir(folder)).filter((name) => name.endsWith('.ts')).sort(),
  getMigrationName: (name) => name,
  getMigration: (name) => import(join(folder, name)) as Promise<Knex.Migration>,
}

async function asOwner<T>(url: string, work: (db: Knex) => Promise<T>): Promise<T> {
  const db = knex({
    client: 'pg',
    connection: { connectionString: url, connectionTimeoutMillis: 5000 },
    pool: { min: 1, max: 1 },
    log: silent,
    migrations: { migrationSource },
  })
  try {
    return await work(db)
  } finally {
    await db.destroy()
  }
}

/**
 * Brings the database up to date, with the role that servers sign in as where a pooler stands between; answers with the
 * names of the migrations it ran.
 */
export const migrate = (url: string, poolerUrl: string | null = null) =>
  asOwner(url, async (db) => {
    await takeTurns(db)
    const [, ran] = (await db.migrate.latest()) as [number, string[]]
    await letBackupsRead(db)
    if (poolerUrl) await prepareLogin(db, poolerUrl)
    return ran
  })

/** Those this code has, in order. */
export const availableMigrations = () => migrationSource.getMigrations([])

/** Brings an empty database to where these migrations leave it, which must be the first ones there are. */
export const migrateTo = (url: string, names: readonly string[]): Promise<void> =>
  asOwner(url, async (db) => {
    await takeTurns(db)
    const source = { ...migrationSource, getMigrations: () => Promise.resolve([...names]) }
    await db.migrate.latest({ migrationSource: source })
  })

/** Undoes one migration and does it anew after `between`, by what is there then. */
export const redo = (url: string, name: string, between: () => Promise<void>): Promise<void> =>
  asOwner(url, async (db) => {
    const { up, down } = await migrationSource.getMigration(name)
    await db.transaction(async (tx) => void (await down!(tx)))
    await between()
    await db.transaction(async (tx) => void (await up(tx)))
  })

/** Undoes all migrations, so that nothing is left. */
export const undoAll = (url: string): Promise<void> =>
  asOwner(url, async (db) => {
    await takeTurns(db)
    await db.migrate.rollback(undefined, true)
    await db.schema.dropTable('knex_migrations').dropTable('knex_migrations_lock')
  })

/** Undoes the last batch of migrations. */
export const rollback = (url: string) =>
  asOwner(url, async (db) => {
    await takeTurns(db)
    return ((await db.migrate.rollback()) as [number, string[]])[1]
  })

/**
 * Waits for whoever else is migrating. Knex keeps its own lock in a table, where that of a process that was killed
 * would stay for ever; this one ends with the connection, so whoever holds it may lift the other.
 */
async function takeTurns(db: Knex): Promise<void> {
  await db.raw(`SELECT pg_advisory_lock(hashtext('fieldbook migrations'))`)
  await db.migrate.forceFreeMigrationsLock()
}

/** The migrations this code has and the database has not. */
export const pendingMigrations = (url: string) =>
  asOwner(url, async (db) => {
    const all = await migrationSource.getMigrations([])
    if (!(await db.schema.hasTable('knex_migrations'))) return all
    const done = new Set((await db('knex_migrations').pluck('name')) as string[])
    return all.filter((name) => !done.has(name))
  })
