import type { Knex } from 'knex'
import type { Transaction } from '../../shared/transaction.ts'

export interface Person {
  tenantId: string
  userId: string
}

/** The lookup that comes before a tenant is known. */
export const createIdentityLookup = (knex: Knex) => ({
  async findIdentity(issuer: string, subject: string): Promise<Person | null> {
    const { rows } = await knex.raw<{ rows: { tenant_id: string; user_id: string }[] }>(
      'SELECT * FROM find_identity(?, ?)',
      [issuer, subject],
    )
    return rows[0] ? { tenantId: rows[0].tenant_id, userId: rows[0].user_id } : null
  },
})
export type IdentityLookup = ReturnType<typeof createIdentityLookup>

/**
 * Whether they may sign in; their e-mail, which is not a user name that looks like it, and whether it is confirmed.
 * Nobody changes any of it until the transaction ends.
 */
export async function standingOf({ db }: Transaction, userId: string) {
  return db('users')
    .where({ id: userId })
    .forNoKeyUpdate()
    .first<{ email: string; email_confirmed: boolean; active: boolean } | undefined>(
      'email_confirmed',
      db.raw('lower(email) AS email'),
      db.raw(`active AND EXISTS (SELECT FROM tenants WHERE status = 'active') AS active`),
    )
}

/** False where the person, or the identity, is linked already. */
export async function link(
  { db, scope }: Transaction,
  userId: string,
  identity: { issuer: string; subject: string; email: string },
): Promise<boolean> {
  const added = await db('user_identities')
    .insert({ tenant_id: scope.tenantId, user_id: userId, ...identity })
    .onConflict()
    .ignore()
    .returning('user_id')
  return added.length > 0
}
