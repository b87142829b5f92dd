import type { Interaction } from '#common/contract/interactions'
import type { Resolution } from '#common/contract/sync'
import type { Transaction } from '../../shared/transaction.ts'

/** Something that was done to an interaction, as the audit has it. */
export interface Deed {
  id: string
  at: string
  action: string
  actor: { id: string; displayName: string } | null
  device: string | null
  oldValues: Interaction | Resolution | null
  newValues: Partial<Interaction> | null
  /** The conflict that it settled. */
  settled: Resolution | null
}

interface DeedRow {
  id: string
  at: Date
  action: string
  actor_id: string | null
  display_name: string | null
  device: string | null
  old_values: Deed['oldValues']
  new_values: Deed['newValues']
  settled: Resolution | null
}

/** What a bulk change, or its undoing, came to. Its rows are the entries just before its own. */
export interface BulkEntry {
  action: 'bulk.done' | 'bulk.undone'
  position: number
  outcome: unknown
}

export const settling = 'interaction.conflict-settled'

export const createHistoryRepository = ({ db, scope }: Transaction) => ({
  /** Null when this is no entry of that record. */
  async positionOf(entityId: string, id: string): Promise<number | null> {
    const row = await db('audit_logs')
      .where({ feed_id: scope.siteId, entity_id: entityId, id })
      .first<{ position: string } | undefined>('position')
    return row ? Number(row.position) : null
  },

  /** The latest first. An edit that settled a conflict is one entry, though the audit has its two sides next to each other. */
  async deeds(
    entityId: string,
    actions: readonly string[],
    before: number | null,
    limit: number,
  ): Promise<Deed[]> {
    const { rows } = await db.raw<{ rows: DeedRow[] }>(
      `SELECT a.id, a.at, a.action, a.actor_id, u.display_name, a.device, a.old_values, a.new_values,
         s.old_values AS settled
       FROM audit_logs a
       LEFT JOIN users u ON u.tenant_id = a.tenant_id AND u.id = a.actor_id
       LEFT JOIN audit_logs s ON s.feed_id = a.feed_id AND s.position = a.position + 1 AND a.action <> :settling
         AND s.action = :settling AND s.entity_id = a.entity_id AND s.request_id = a.request_id
       WHERE a.feed_id = :siteId AND a.entity_id = :entityId AND a.action = ANY (:actions)
         AND (:before::bigint IS NULL OR a.position < :before::bigint)
         AND NOT (a.action = :settling AND EXISTS (
           SELECT FROM audit_logs e WHERE e.feed_id = a.feed_id AND e.position = a.position - 1
             AND e.action = ANY (:actions) AND e.action <> :settling
             AND e.entity_id = a.entity_id AND e.request_id = a.request_id))
       ORDER BY a.position DESC
       LIMIT :limit`,
      { siteId: scope.siteId, entityId, actions, settling, before, limit },
    )
    return rows.map((row) => ({
      id: row.id,
      at: row.at.toISOString(),
      action: row.action,
      actor: row.actor_id === null ? null : { id: row.actor_id, displayName: row.display_name ?? '' },
      device: row.device,
      oldValues: row.old_values,
      newValues: row.new_values,
      settled: row.settled,
    }))
  },

  /** The latest entry of a person's bulk change that is not older than `since`; null when there is none. */
  async bulkEntry(bulkId: string, actorId: string, since: string): Promise<BulkEntry | null> {
    const row = await db('audit_logs')
      .where({ feed_id: scope.siteId, entity: 'bulk', entity_id: bulkId, actor_id: actorId })
      .where('at', '>', since)
      .orderBy('position', 'desc')
      .first<{ action: BulkEntry['action']; position: string; new_values: unknown } | undefined>(
        'action',
        'position',
        'new_values',
      )
    return row ? { action: row.action, position: Number(row.position), outcome: row.new_values } : null
  },

  /** Before and after of the records a bulk change touched, in its order. */
  async bulkRows(
    position: number,
    count: number,
  ): Promise<{ before: Interaction; after: Interaction | null }[]> {
    const rows = await db('audit_logs')
      .where({ feed_id: scope.siteId })
      .whereBetween('position', [position - count, position - 1])
      .orderBy('position')
      .select<{ old_values: Interaction; new_values: Interaction | null }[]>('old_values', 'new_values')
    return rows.map((row) => ({ before: row.old_values, after: row.new_values }))
  },
})
