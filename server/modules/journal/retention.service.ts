import { blanking, remains } from './chain.ts'
import type { Entry, Journal, Origin } from './journal.service.ts'
import { blankEntries, blankPerson, holdHead } from './retention.repository.ts'
import { type Blanking, chainEntriesAt, chainHeads } from './verification.repository.ts'
import { systemScope } from '../../shared/scope.ts'
import type { Transact, Transaction } from '../../shared/transaction.ts'

/** So many entries go in a transaction, and are named in one entry. */
const entriesAtOnce = 200
/** Of a person, while somebody waits; a statement goes through all that they ever did. */
const ofPersonAtOnce = 2000
/** So many with all they hold are in memory. */
const readAtOnce = 500
/** Of one statement, which nobody waits for. */
const statementSeconds = 60

/**
 * Takes the content out of what the audit of a tenant need not keep any longer, and writes down in each feed which
 * entries that were and what is left of them: so the chain can be verified as before. Answers with how many there were.
 */
export const createAuditSweep =
  (journal: Journal) =>
  async (transact: Transact, tenantId: string, origin: Origin): Promise<number> => {
    const scope = systemScope(tenantId)
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
  await journal.record(tx, origin, { feedId, ...(await saying(tx, feedId, positions, 'retention')) })
  return positions.length
}

/** The entry that says which others there is less of, and what is left of each. */
async function saying(
  tx: Transaction,
  feedId: string,
  positions: readonly number[],
  reason: Blanking['reason'],
): Promise<Pick<Entry, 'action' | 'newValues'>> {
  const left = await chainEntriesAt(tx, feedId, positions)
  const newValues: Blanking = {
    reason,
    count: left.length,
    entries: left.map((entry) => [entry.position, remains(entry)]),
  }
  return { action: blanking, newValues }
}

/**
 * Takes out of the whole audit of the scope's tenant what is about a person whose row says by now that they are
 * forgotten, and writes that down with `last`, which the tenant's own feed ends with. Feeds are held only while that
 * is written.
 */
export const createAuditForgetting =
  (journal: Journal) =>
  async (
    tx: Transaction,
    origin: Origin,
    userId: string,
    last: readonly Omit<Entry, 'feedId'>[],
  ): Promise<void> => {
    const { tenantId } = tx.scope
    const feeds = new Map<string, Omit<Entry, 'feedId'>[]>([[tenantId, []]])
    const blank = async (feedId: string, said: Omit<Entry, 'feedId'>[]) => {
      for (;;) {
        const positions = await blankPerson(tx, feedId, userId, ofPersonAtOnce)
        if (positions.length === 0) break
        for (let start = 0; start < positions.length; start += readAtOnce)
          said.push(await saying(tx, feedId, positions.slice(start, start + readAtOnce), 'forgotten'))
      }
      if (said.length > 0) feeds.set(feedId, said)
    }
    for (const { feedId } of await chainHeads(tx)) await blank(feedId, [])
    for (const [feedId, said] of feeds) {
      await holdHead(tx, feedId)
      // What they were still doing meanwhile.
      await blank(feedId, said)
      const entries = feedId === tenantId ? [...said, ...last] : said
      if (entries.length > 0) await journal.recordAll(tx, origin, feedId, entries)
    }
  }
export type ForgetInAudit = ReturnType<typeof createAuditForgetting>
