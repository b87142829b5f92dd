import { v7 as uuidv7 } from 'uuid'
import type { AuditAction } from '#common/contract/audit-actions'
import type { Actor } from '../../shared/scope.ts'
import type { Transaction } from '../../shared/transaction.ts'
import { chained } from './chain.ts'
import { append, type AuditRow, type ChangeRow, moveHead } from './journal.repository.ts'

/** Who did it, as far as that is known: nobody has signed in yet when a sign-in fails. */
export type Origin = Pick<Actor, 'requestId' | 'address' | 'device' | 'enteredBy'> & { id: string | null }

export interface Entry {
  action: AuditAction
  /** The feed it belongs to: a site's, or the tenant's own. */
  feedId: string
  entity?: string
  entityId?: string
  oldValues?: unknown
  newValues?: unknown
  /** The records devices hold that changed or went, each to get a number of its own. */
  changes?: readonly ChangeRow[]
  /** Devices hear of its changes when they ask next. */
  isQuiet?: true
}

/**
 * The end of every write: numbers it in its feed and chains it to the audit before it, under one row lock. Returns
 * its last number, which no other write of this feed has and which devices ask by. What changes records that devices
 * hold is announced, to their owners alone where they have any; a sign-in, say, is not, or everybody would ask for nothing
 * whenever somebody arrives.
 */
async function record(tx: Transaction, origin: Origin, entry: Entry): Promise<number> {
  return recordAll(tx, origin, entry.feedId, [entry])
}

/** In one statement, of which none may take long. */
const entriesAtOnce = 100

/** The same for many ends at once, in this order and next to each other; no record may change twice. */
async function recordAll(
  tx: Transaction,
  origin: Origin,
  feedId: string,
  entries: readonly Omit<Entry, 'feedId'>[],
): Promise<number> {
  const changes = entries.flatMap((entry) => entry.changes ?? [])
  const head = await moveHead(tx, feedId, Math.max(1, changes.length))
  let { auditHash: hash } = head
  const audit = entries.map((entry) => {
    const row: AuditRow = {
      id: uuidv7(),
      at: new Date().toISOString(),
      actorId: origin.enteredBy ? null : origin.id,
      ...(origin.enteredBy && { enteredBy: origin.enteredBy }),
      action: entry.action,
      entity: entry.entity ?? null,
      entityId: entry.entityId ?? null,
      oldValues: entry.oldValues ?? null,
      newValues: entry.newValues ?? null,
      address: origin.address,
      device: origin.device,
      requestId: origin.requestId,
    }
    hash = chained(hash, row)
    return { ...row, hash }
  })
  let seq = head.seq - changes.length
  for (let start = 0; start < entries.length; start += entriesAtOnce) {
    const end = start + entriesAtOnce
    const moved = entries.slice(start, end).flatMap((entry) => entry.changes ?? [])
    seq += moved.length
    await append(tx, feedId, { seq, auditCount: head.auditCount + start }, audit.slice(start, end), moved)
  }
  for (const { changes: heard = [], isQuiet } of entries)
    if (!isQuiet) for (const { ownerId = feedId } of heard) tx.announce(ownerId)
  return head.seq
}

/** What other services write their ends with. */
export const journal = { record, recordAll }
export type Journal = typeof journal
