import type { Transaction } from './transaction.ts'

/** Those who change the same thing of the scope's organisation take turns, each until their transaction ends. */
const takeTurns =
  (what: string) =>
  async ({ db, scope }: Transaction): Promise<void> => {
    await db.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`${what} of ${scope.tenantId}`])
  }

/**
 * What counts over many rows: that nobody is without a site, that there is an admin. Each of two changes would keep it
 * alone, and both together would not.
 */
export const takeTurnsWithPeople = takeTurns('people')

/** The tree and who is in it. Whoever takes turns with people too does so first, and holds somebody's row only after both. */
export const takeTurnsWithTeams = takeTurns('teams')
