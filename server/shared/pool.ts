import knex, { type Knex } from 'knex'
import { ConfigError } from '../config.ts'

/** What the server acts as, whoever it signs in to PostgreSQL as: a role that owns nothing. */
export const role = 'fieldbook_app'

/** How long a statement may take that people wait for, and in which zone dates are told. */
export const sessionSettings = { statement_timeout: '3s', timezone: 'UTC' }

type Done = (error?: Error | null) => void
interface Connection {
  /** Of its end in PostgreSQL, as that said when it began. */
  processID: number
  query<Row>(sql: string, done: (error: Error | null, results: { rows: Row[] }[]) => void): void
}

/** What fails is thrown; knex would print it too, with its stack. */
export const silent = { warn: () => {}, error: () => {}, debug: () => {}, deprecate: () => {} }

export interface PoolOptions {
  /**
   * Its connections lead to a pooler, which hands those to PostgreSQL from one client to the next after each
   * transaction. So nothing is set that outlasts one; whoever signs in there has all of it from the start (db/login.ts).
   */
  behindPooler?: boolean
}

/** A pool each connection of which acts as the application's role, under row-level security. */
export const createPool = (url: string, max = 10, { behindPooler = false }: PoolOptions = {}): Knex =>
  knex({
    client: 'pg',
    connection: { connectionString: url, connectionTimeoutMillis: 5000, application_name: 'fieldbook' },
    acquireConnectionTimeout: 8000,
    log: silent,
    pool: { min: 0, max, ...(!behindPooler && { afterCreate: actAsApplication }) },
  })

interface Source {
  acquireConnection(): Promise<{ query(sql: string): Promise<{ rows: [{ reads: boolean }] }> }>
  releaseConnection(connection: object): Promise<void>
}

const giveUp = (connection: object) => Object.assign(connection, { __knex__disposed: 'it only reads' })

/** Has the pool make another connection in place of a transaction's: one that only reads may stay so. */
export async function giveUpConnection({ client }: Knex.Transaction): Promise<void> {
  giveUp(await (client as Source).acquireConnection())
}

/** Whether the database takes nothing that is written, for now. */
export async function isReadOnly(pool: Knex): Promise<boolean> {
  const source = pool.client as Source
  const connection = await source.acquireConnection()
  try {
    const { rows } = await connection.query(
      `SELECT current_setting('transaction_read_only')::boolean AS reads`,
    )
    if (rows[0].reads) giveUp(connection)
    return rows[0].reads
  } finally {
    await source.releaseConnection(connection)
  }
}

const assignments = Object.entries(sessionSettings).map(([name, value]) => `SET ${name} = '${value}'; `)

/** Refuses a pooler that nobody told of: what is set here would go to whoever comes next, and be missing later. */
function actAsApplication(connection: Connection, done: Done): void {
  const sql = `SET ROLE ${role}; ${assignments.join('')}SELECT pg_backend_pid() AS pid`
  connection.query<{ pid: number }>(sql, (error, results) => {
    if (error) done(error)
    else if (results.at(-1)!.rows[0]!.pid === connection.processID) done()
    else
      done(
        new ConfigError(
          'A pooler stands before the database at DATABASE_URL; set DATABASE_DIRECT_URL to the database itself',
        ),
      )
  })
}
