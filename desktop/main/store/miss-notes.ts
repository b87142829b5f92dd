import type { Miss } from '#common/contract/call-cycles'
import type { Statements } from './database.ts'

/** Why a visit of a call cycle was not made, as it was said here; null takes a reason back. */
export interface MissNote extends Omit<Miss, 'reason'> {
  cycleId: string
  reason: string | null
  savedAt: string
  /** Why the server did not take it; it is not sent again until it is said anew. */
  problem: string | null
}

/** This visit, and what was said of it and not anew since. */
const isNote = `cycle_id = :cycleId AND location_id = :locationId AND period = :period AND slot = :slot
  AND saved_at = :savedAt AND reason IS :reason`

/** What the server has not taken, in `queue.db`; the last word about a visit is the one that is kept. */
export class MissNotes {
  readonly #sql: Statements

  constructor(sql: Statements) {
    this.#sql = sql
  }

  put(note: Omit<MissNote, 'problem'>) {
    this.#sql.run(
      `INSERT INTO miss_notes (cycle_id, location_id, period, slot, reason, saved_at)
       VALUES (:cycleId, :locationId, :period, :slot, :reason, :savedAt)
       ON CONFLICT DO UPDATE SET reason = excluded.reason, saved_at = excluded.saved_at, problem = NULL`,
      note,
    )
  }

  /** In the order they were said. */
  list(): MissNote[] {
    return this.#sql.all(
      `SELECT cycle_id AS cycleId, location_id AS locationId, period, slot, reason, saved_at AS savedAt, problem
       FROM miss_notes ORDER BY saved_at`,
    )
  }

  /** How many are still to be sent, and when the first of them was said. */
  counts(): { waiting: number; since: string | null } {
    return this.#sql.all<{ waiting: number; since: string | null }>(
      'SELECT count(*) AS waiting, min(saved_at) AS since FROM miss_notes WHERE problem IS NULL',
    )[0]!
  }

  /** The server has it; what was said anew meanwhile stays. */
  drop(note: MissNote) {
    this.#sql.run(`DELETE FROM miss_notes WHERE ${isNote}`, note)
  }

  refuse(note: MissNote, problem: string) {
    this.#sql.run(`UPDATE miss_notes SET problem = :problem WHERE ${isNote}`, { ...note, problem })
  }
}
