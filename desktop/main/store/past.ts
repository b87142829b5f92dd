import { maxChosen } from '#common/contract/record-keeping'
import type { PastFieldItem, PastItem } from '#desktop/bridge/channels'
import type { Outcome } from '../outbox/entry.ts'
import type { Statements } from './database.ts'
import { type PastRow, type Row, toPastItem } from './queue-rows.ts'

/** How many edits that are over are kept: more than one change to many can be, so that a restored server gets all of it. */
export const kept = 2 * maxChosen

/** What an edit has in the outbox and in the past alike. */
const columns =
  'seq, mutation_id, entity, entity_id, visit_id, site_id, op, mutation, title, saved_at, device_id'

/**
 * Edits that are over, in `queue.db`: to look at and, should the server lose what it had acknowledged, to be sent
 * again. Its methods are parts of the queue's transactions.
 */
export class Past {
  readonly #sql: Statements

  constructor(sql: Statements) {
    this.#sql = sql
  }

  /** The latest first. */
  list(limit: number): (PastItem | PastFieldItem)[] {
    return this.#sql.all<PastRow>('SELECT * FROM past ORDER BY number DESC LIMIT ?', limit).map(toPastItem)
  }

  wasSent(mutationId: string): boolean {
    return this.#sql.value(`SELECT 1 FROM past WHERE mutation_id = ? AND outcome = 'sent'`, mutationId) === 1
  }

  /** Takes edits out of the outbox and keeps them here. */
  take(mutationIds: readonly string[], outcome: Outcome, at: string) {
    const ids = JSON.stringify(mutationIds)
    const chosen = 'FROM outbox WHERE mutation_id IN (SELECT value FROM json_each(?))'
    this.#sql.run(
      `INSERT OR REPLACE INTO past (${columns}, ended_at, outcome) SELECT ${columns}, ?, ? ${chosen} ORDER BY seq`,
      at,
      outcome,
      ids,
    )
    this.#sql.run(`DELETE ${chosen}`, ids)
    this.#sql.run('DELETE FROM past WHERE number <= (SELECT max(number) FROM past) - ?', kept)
  }

  /**
   * The server may have lost what it had acknowledged: it goes back into the outbox under the old ids and in the old
   * order. The server answers `duplicate` for what it still has.
   */
  putBack() {
    this.#sql.run(`UPDATE outbox SET state = 'waiting' WHERE state = 'applied'`)
    this.#sql.run(
      `INSERT INTO outbox (${columns}, state, sent)
       SELECT ${columns}, 'resending', 1 FROM past WHERE outcome = 'sent' ORDER BY seq`,
    )
    this.#sql.run(`DELETE FROM past WHERE outcome = 'sent'`)
  }

  /** What is in the outbox unacknowledged, and those acknowledged edits, also of the past, that it builds on; in order. */
  unsent(): (Row & { acknowledged: number })[] {
    const had = `state IN ('applied', 'resending')`
    return this.#sql.all(
      `WITH RECURSIVE
         had AS (
           SELECT ${columns} FROM outbox WHERE ${had} UNION ALL SELECT ${columns} FROM past WHERE outcome = 'sent'
         ),
         ancestors (ancestor) AS (
           SELECT value FROM outbox, json_each(iif(json_valid(mutation), mutation, '{}'), '$.dependsOn') WHERE NOT ${had}
           UNION
           SELECT value FROM ancestors JOIN had ON mutation_id = ancestor, json_each(mutation, '$.dependsOn')
         )
       SELECT ${columns}, 0 AS acknowledged FROM outbox WHERE NOT ${had}
       UNION ALL SELECT ${columns}, 1 FROM had WHERE mutation_id IN (SELECT ancestor FROM ancestors)
       ORDER BY seq`,
    )
  }

  /** Returns how many were forgotten. */
  forgetOutside(siteIds: readonly string[]): number {
    return this.#sql.run(
      'DELETE FROM past WHERE site_id NOT IN (SELECT value FROM json_each(?))',
      JSON.stringify(siteIds),
    ).changes
  }
}
