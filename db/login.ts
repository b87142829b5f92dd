import type { Knex } from 'knex'
import { role, sessionSettings } from '#server/shared/pool'

/**
 * Makes the role as which servers sign in to a pooler, or brings it up to date. The pooler hands a connection to
 * PostgreSQL from one client to the next, and nobody can say what the one before left in it; so there is nothing to
 * leave. The role owns nothing and may do nothing by itself (`NOINHERIT`), and what it signs in for is set for it: to
 * act as the application's, which `RESET` and `DISCARD` return to.
 */
export const prepareLogin = (db: Knex, serversUrl: string): Promise<void> =>
  db.transaction(async (tx) => {
    const { username, password } = new URL(serversUrl)
    const name = decodeURIComponent(username)
    const run = async (statement: string, ...values: string[]) => {
      // Definitions take no parameters; PostgreSQL itself puts them into the words.
      const places = values.map(() => ', ?::text').join('')
      const { rows } = await tx.raw<{ rows: [{ sql: string }] }>(`SELECT format(?::text${places}) AS sql`, [
        statement,
        ...values,
      ])
      await tx.raw(rows[0].sql.replaceAll('?', '\\?'))
    }
    const isKnown = await tx('pg_roles').where({ rolname: name }).first<object | undefined>('oid')
    if (!isKnown) await run('CREATE ROLE %I LOGIN NOINHERIT', name)
    if (password) await run('ALTER ROLE %I PASSWORD %L', name, decodeURIComponent(password))
    await run('GRANT %I TO %I', role, name)
    for (const [setting, value] of Object.entries({ role, ...sessionSettings }))
      await run('ALTER ROLE %I SET %I = %L', name, setting, value)
  })
