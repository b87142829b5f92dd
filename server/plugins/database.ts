import fp from 'fastify-plugin'
import type { Knex } from 'knex'
import { createPool } from '../shared/pool.ts'
import { createTransact, type Transact } from '../shared/transaction.ts'

declare module 'fastify' {
  interface FastifyInstance {
    knex: Knex
    transact: Transact
  }
}

interface DatabaseOptions {
  url: string
  poolSize?: number
  /** Told which feeds a transaction changed, once it is committed. */
  announce?(feedIds: string[]): void
}

/** The database, refused at start if row-level security would not bind the role the server acts as. */
export const database = fp<DatabaseOptions>(async (app, { url, poolSize, announce }) => {
  const db = createPool(url, poolSize)
  app.addHook('onClose', () => db.destroy())
  const { rows } = await db.raw<{ rows: [{ rolname: string; unsafe: boolean }] }>(
    'SELECT rolname, rolsuper OR rolbypassrls AS unsafe FROM pg_roles WHERE rolname = current_user',
  )
  if (rows[0].unsafe)
    throw new Error(`The role ${rows[0].rolname} must not be a superuser or bypass row-level security`)

  app.decorate('knex', db)
  app.decorate('transact', createTransact(db, announce))
})
