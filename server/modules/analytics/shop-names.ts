import { systemScope } from '../../shared/scope.ts'
import { type Transaction, turnTo } from '../../shared/transaction.ts'

export interface NamedShop {
  name: string
  siteId: string
  siteName: string
}

/** Does what needs to see all there is, for somebody who may know what comes of it. */
export async function asServer<T>(tx: Transaction, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const result = await work(await turnTo(tx, systemScope(tx.scope.tenantId)))
  await turnTo(tx, tx.scope)
  return result
}

/**
 * What shops are called that somebody may see: read by the server, since to find out for each whether they may, the
 * database would look through their visits.
 */
export const nameShops = (tx: Transaction, ids: readonly string[]): Promise<Map<string, NamedShop>> =>
  asServer(tx, async ({ db, scope }) => {
    const { rows } = await db.raw<{ rows: (NamedShop & { id: string })[] }>(
      `SELECT s.id, s.name, s.site_id AS "siteId", site.name AS "siteName"
       FROM shops s JOIN sites site ON site.tenant_id = s.tenant_id AND site.id = s.site_id
       WHERE s.tenant_id = ? AND s.id = ANY (?::uuid[])`,
      [scope.tenantId, ids as string[]],
    )
    return new Map(rows.map(({ id, ...shop }) => [id, shop]))
  })
