import pg from 'pg'
import type { Scope } from '../shared/scope.ts'
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
    if (scope) {
      await client.query(
        `SELECT set_config('fieldbook.tenant_id', $1, true), set_config('fieldbook.site_id', $2, true),
           set_config('fieldbook.user_id', $3, true)`,
        [scope.tenantId, scope.siteId ?? '', scope.userId ?? ''],
      )
    }
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } finally {
    await client.end()
  }
}
