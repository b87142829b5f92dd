import type { Transact, Transaction } from '../../shared/transaction.ts'
import type { Anchors } from './anchors.ts'
import { type Break, ChainCheck, type ChainHead } from './chain.ts'
import { blankedEntries, chainEntries, chainHeads, tenantIds } from './verification.repository.ts'

/** So many entries are in memory at a time. */
const entriesAtOnce = 2000
/** Of one read, which nobody waits for. */
const statementSeconds = 60

export interface Verified {
  tenants: number
  feeds: number
  /** Of them those that are held against an anchor. */
  anchored: number
  entries: number
  breaks: Break[]
}

/**
 * Follows every audit chain there is, tenant by tenant, each as it was at one moment, beside whatever is written
 * meanwhile, and holds each against its latest anchor. Nothing is changed.
 */
export async function verifyAudit(transact: Transact, anchors: Anchors = new Map()): Promise<Verified> {
  const tenants = await transact({ tenantId: '', siteId: null }, tenantIds)
  const verified: Verified = { tenants: tenants.length, feeds: 0, anchored: 0, entries: 0, breaks: [] }
  const gone = new Set(anchors.keys())

  async function follow(tx: Transaction, head: ChainHead): Promise<void> {
    const { feedId } = head
    const check = new ChainCheck(head, anchors.get(feedId), await blankedEntries(tx, feedId))
    let after = 0
    for (;;) {
      const entries = await chainEntries(tx, feedId, after, entriesAtOnce)
      if (!check.follow(entries) || entries.length < entriesAtOnce) break
      after = entries.at(-1)!.position
    }
    const broken = check.end()
    if (broken) verified.breaks.push(broken)
    gone.delete(feedId)
    verified.feeds += 1
    if (anchors.has(feedId)) verified.anchored += 1
    verified.entries += check.position
  }

  for (const tenantId of tenants) {
    await transact(
      { tenantId, siteId: null },
      async (tx) => {
        for (const head of await chainHeads(tx)) await follow(tx, head)
      },
      { snapshot: true, statementSeconds },
    )
  }
  // A feed that was anchored and has not even a head any more.
  for (const feedId of gone) verified.breaks.push({ feedId, position: 1, what: 'cut' })
  return verified
}
