import type { Interaction } from '#common/contract/interactions'
import type { Photo } from '#common/contract/photos'
import type { AnyMutation, Change } from '#common/contract/sync'
import type { Visit } from '#common/contract/visits'
import type { Statements } from './database.ts'

/** The server's copy of something under edit. */
export type Seen = Extract<Change, { entity: AnyMutation['entity'] }>

interface Records {
  interaction: Interaction
  visit: Visit
  photo: Photo
}

const listed = 'IN (SELECT value FROM json_each(?))'

/**
 * The server's copies of what is under edit as they were last seen here, even if it has been deleted since; in
 * `queue.db`. Its methods are parts of the queue's transactions.
 */
export class LastSeen {
  readonly #sql: Statements

  constructor(sql: Statements) {
    this.#sql = sql
  }

  find<E extends Seen['entity']>(entity: E, id: string): Records[E] | null {
    const found = 'SELECT record FROM last_seen WHERE entity = ? AND entity_id = ?'
    const record = this.#sql.value<string>(found, entity, id)
    return record === undefined ? null : (JSON.parse(record) as Records[E])
  }

  /** Passed over when a newer one has been seen already. */
  remember({ entity, record }: Seen) {
    this.#sql.run(
      `INSERT INTO last_seen VALUES (?, ?, ?, ?)
       ON CONFLICT (entity, entity_id) DO UPDATE SET record = excluded.record
       WHERE excluded.record ->> 'version' >= last_seen.record ->> 'version'`,
      entity,
      record.id,
      record.siteId,
      JSON.stringify(record),
    )
  }

  /** Anything the server says from now on replaces what is remembered, even what looks older. */
  beginAnew() {
    this.#sql.run(`UPDATE last_seen SET record = json_set(record, '$.version', 0)`)
  }

  /** Of an interaction, or of a visit and its photos, but for what is still under edit. */
  forget(rootId: string) {
    this.#sql.run(
      `DELETE FROM last_seen
       WHERE (entity IN ('interaction', 'visit') AND entity_id = :id OR record ->> 'visitId' = :id) AND NOT EXISTS (
         SELECT 1 FROM outbox WHERE coalesce(visit_id, outbox.entity_id) = :id
           AND outbox.entity = last_seen.entity AND outbox.entity_id = last_seen.entity_id)`,
      { id: rootId },
    )
  }

  /** Returns what they were of. */
  forgetOutside(siteIds: readonly string[]): string[] {
    const outside = `site_id NOT ${listed} RETURNING entity_id`
    return this.#sql.values(`DELETE FROM last_seen WHERE ${outside}`, JSON.stringify(siteIds))
  }
}
