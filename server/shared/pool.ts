import knex, { type Knex } from 'knex'

/** What the server acts as, whoever it signs in to PostgreSQL as: a role that owns nothing. */
const role = 'fieldbook_app'

interface Connection {
  query(sql: string, done: (error?: Error) => void): void
}

/** What fails is thrown; knex would print it too, with its stack. */
export const silent = { warn: () => {}, error: () => {}, debug: () => {}, deprecate: () => {} }

/** A pool each connection of which acts as the application's role, under row-level security. */
export const createPool = (url: string, max = 10): Knex =>
  knex({
    client: 'pg',
    connection: { connectionString: url, connectionTimeoutMillis: 5000, application_name: 'fieldbook' },
    acquireConnectionTimeout: 8000,
    log: silent,
    pool: {
      min: 0,
      max,
      afterCreate: (connection: Connection, done: (error?: Error) => void) =>
        connection.query(`SET ROLE ${role}; SET statement_timeout = '3s'; SET timezone = 'UTC'`, done),
    },
  })
