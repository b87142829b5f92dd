import { blanking, remains } from './chain.ts'
import type { Journal, Origin } from './journal.service.ts'
import { blankEntries } from './retention.repository.ts'
import { type Blanking, chainEntriesAt, chainHeads } from './verification.repository.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'

/** So many entries go in a transaction, and are named in one entry. */
const entriesAtOnce = 200
/** Of one statement, which nobody waits for. */
const statementSeconds = 60

/**
 * Takes the content out of what the audit of a tenant need not keep any longer, and writes down in each feed which
 * entries that were and what is left of them: so the chain can be verified as before. Answers with how many there were.
 */
export const createAuditSweep =
  (journal: Journal) =>
  async (transact: Transact, tenantId: string, origin: Origin): Promise<number> => {
    const scope = { tenantId, siteId: null }
    let sum = 0
    for (const { feedId } of await transact(scope, chainHeads)) {
      let count: number
      do {
        count = await transact(scope, (tx) => blankSome(tx, journal, feedId, origin), { statementSeconds })
        sum += count
      } while (count === entriesAtOnce)
    }
    return sum
  }

async function blankSome(tx: Transaction, journal: Journal, feedId: string, origin: Origin): Promise<number> {
  const positions = await blankEntries(tx, feedId, entriesAtOnce)
  if (positions.length === 0) return 0
  const left = await chainEntriesAt(tx, feedId, positions)
  const newValues: Blanking = {
    reason: 'retention',
    count: left.length,
    entries: left.map((entry) => [entry.position, remains(entry)]),
  }
  await journal.record(tx, origin, { action: blanking, feedId, newValues })
  return positions.length
}
