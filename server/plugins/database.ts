import fp from 'fastify-plugin'
import type { Knex } from 'knex'
import { ConfigError } from '../config.ts'
import { createPool, role, sessionSettings } from '../shared/pool.ts'
import { createTransact, type Transact } from '../shared/transaction.ts'

declare module 'fastify' {
  interface FastifyInstance {
    knex: Knex
    transact: Transact
  }
}

interface DatabaseOptions {
  url: string
  /** Which leads to a pooler, as a role that owns nothing. */
  behindPooler?: boolean
  poolSize?: number
  /** Told which feeds a transaction changed, once it is committed. */
  announce?(feedIds: string[]): void
}

/** The database, refused at start if row-level security would not bind the role the server acts as. */
export const database = fp<DatabaseOptions>(
  async (app, { url, behindPooler = false, poolSize, announce }) => {
    const db = createPool(url, poolSize, { behindPooler })
    app.addHook('onClose', () => db.destroy())
    if (behindPooler) await assertSafe(db)
    const { rows } = await db.raw<{ rows: [{ rolname: string; unsafe: boolean }] }>(
      'SELECT rolname, rolsuper OR rolbypassrls AS unsafe FROM pg_roles WHERE rolname = current_user',
    )
    if (rows[0].unsafe)
      throw new Error(`The role ${rows[0].rolname} must not be a superuser or bypass row-level security`)

    app.decorate('knex', db)
    app.decorate('transact', createTransact(db, announce))
  },
)

/** Whoever signs in there is the application's role without a word of ours, and by themselves may do nothing of what it may. */
async function assertSafe(db: Knex): Promise<void> {
  const settings = Object.entries({ role, ...sessionSettings })
  const { rows } = await db.raw<{ rows: [{ safe: boolean }] }>(
    `SELECT NOT pg_has_role(session_user, ?, 'USAGE') AND ${settings.map(() => 'current_setting(?) = ?').join(' AND ')} AS safe`,
    [role, ...settings.flat()],
  )
  if (!rows[0].safe)
    throw new ConfigError(
      'The user of DATABASE_URL, which leads to a pooler, is not the one that npm run db:migrate makes; run it with DATABASE_DIRECT_URL',
    )
}
