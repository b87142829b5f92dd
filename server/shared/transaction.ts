import type { Knex } from 'knex'
import { grantsOf, type Subject } from '#common/rules/permissions'
import { isReadOnlyDatabase } from './outage.ts'
import { giveUpConnection } from './pool.ts'
import { readPatience, within } from './replicas.ts'
import { type Scope, system } from './scope.ts'

/** A transaction with its scope set. Services pass it on to repositories and do not look inside. */
export interface Transaction {
  readonly db: Knex.Transaction
  readonly scope: Scope
  /** Has it announced, once this is committed and only then, that something changed in a feed, or for one person. */
  announce(feedOrPersonId: string): void
  /** Does something once this is committed and only then; it must not fail. */
  afterCommit(work: () => void): void
}

/**
 * Runs `work` in one transaction that sees only what `scope` names, and writes only what whoever it is by may write:
 * the one place where scope is set. It holds until
 * the transaction ends, so a pooled connection carries nothing over. With `snapshot` all reads see one moment and
 * nothing may be written; so too where the scope names a copy of the database, which is asked instead, and the database
 * itself where the copy fails. A statement may take as long as the pool lets it, or `statementSeconds`, for work nobody
 * waits for.
 */
export type Transact = <T>(
  scope: Scope,
  work: (tx: Transaction) => Promise<T>,
  options?: { snapshot?: boolean; statementSeconds?: number },
) => Promise<T>

/** `announce` is told the feeds of each transaction that asked for it and was committed. */
export const createTransact =
  (knex: Knex, announce: (feedIds: string[]) => void = () => {}): Transact =>
  async (scope, work, { snapshot = false, statementSeconds } = {}) => {
    const run = async (on: Knex, readOnly: boolean) => {
      const changed = new Set<string>()
      const afterCommit: (() => void)[] = []
      const result = await on.transaction(
        async (db) => {
          await setScope(db, scope)
          if (statementSeconds) {
            await db.raw(`SELECT set_config('statement_timeout', ?, true)`, [`${statementSeconds}s`])
          }
          try {
            return await work({
              db,
              scope,
              announce: (feedId) => changed.add(feedId),
              afterCommit: (later) => afterCommit.push(later),
            })
          } catch (error) {
            // A connection that only reads may stay so when the database writes again.
            if (isReadOnlyDatabase(error)) await giveUpConnection(db)
            throw error
          }
        },
        { ...(snapshot && { isolationLevel: 'repeatable read' }), ...(readOnly && { readOnly }) },
      )
      if (changed.size > 0) announce([...changed])
      for (const later of afterCommit) later()
      return result
    }
    const { reader } = scope
    if (!reader) return run(knex, snapshot)
    try {
      return await within(readPatience, run(reader.db, true))
    } catch (error) {
      if (!reader.isToBlame(error)) throw error
      return run(knex, true)
    }
  }

/** Turns to another site of the same tenant within a transaction. */
export const enterSite = (tx: Transaction, siteId: string | null): Promise<Transaction> =>
  turnTo(tx, { ...tx.scope, siteId })

/** Goes on with a person's rights, within a transaction that the server began by itself. */
export const actAs = (tx: Transaction, person: Subject): Promise<Transaction> =>
  turnTo(tx, { ...tx.scope, userId: person.id, by: person })

/** Turns to any other scope within a transaction: what is written in two organisations is there together or not at all. */
export async function turnTo(tx: Transaction, scope: Scope): Promise<Transaction> {
  await setScope(tx.db, scope)
  return { ...tx, scope }
}

const setScope = (db: Knex.Transaction, scope: Scope) =>
  db.raw(
    `SELECT set_config('fieldbook.tenant_id', ?, true), set_config('fieldbook.site_id', ?, true),
       set_config('fieldbook.user_id', ?, true), set_config('fieldbook.may', ?, true)`,
    scopeSettings(scope),
  )

/** Tenant, site, person and what may be written, as policies read them. */
export const scopeSettings = ({ tenantId, siteId, userId, by }: Scope): string[] => [
  tenantId,
  siteId ?? '',
  userId ?? '',
  by === system ? by : by ? grantsOf(by, siteId).join(' ') : '',
]
