import pg from 'pg'
import type { Scope } from '../shared/scope.ts'
import { scopeSettings } from '../shared/transaction.ts'
import type { TestDatabase } from './database.ts'

/** Raw SQL as the role the application acts as, in one transaction with the scope set as the application sets it. */
export async function asApp<T>(
  { url }: Pick<TestDatabase, 'url'>,
  scope: Scope | null,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query('SET ROLE fieldbook_app')
    await client.query('BEGIN')
    if (scope) await setScope(client, scope)
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } finally {
    await client.end()
  }
}

/** Until the client's transaction ends. */
export const setScope = (client: pg.Client, scope: Scope) =>
  client.query(
    `SELECT set_config('fieldbook.tenant_id', $1, true), set_config('fieldbook.site_id', $2, true),
       set_config('fieldbook.user_id', $3, true), set_config('fieldbook.may', $4, true)`,
    scopeSettings(scope),
  )
