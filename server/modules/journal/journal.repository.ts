import type { Transaction } from '../../shared/transaction.ts'

export interface FeedHead {
  seq: number
  auditCount: number
  auditHash: Buffer
}

export interface AuditRow {
  id: string
  at: string
  actorId: string | null
  action: string
  entity: string | null
  entityId: string | null
  oldValues: unknown
  newValues: unknown
  address: string
  device: string | null
  requestId: string
}

export interface ChangeRow {
  entity: string
  entityId: string
  removed: boolean
}

/**
 * Takes the feed's row lock and its next `by` numbers, of which the answer has the last; both are held until the transaction ends, so this comes as late in
 * it as can be.
 */
export async function moveHead({ db, scope }: Transaction, feedId: string, by: number): Promise<FeedHead> {
  const { rows } = await db.raw<{ rows: [{ seq: string; audit_count: string; audit_hash: Buffer }] }>(
    `INSERT INTO feed_heads (tenant_id, feed_id, seq) VALUES (:tenantId, :feedId, :by)
     ON CONFLICT (tenant_id, feed_id) DO UPDATE SET seq = feed_heads.seq + :by
     RETURNING seq, audit_count, audit_hash`,
    { tenantId: scope.tenantId, feedId, by },
  )
  const [head] = rows
  return { seq: Number(head.seq), auditCount: Number(head.audit_count), auditHash: head.audit_hash }
}

/** Writes what the head moved for: the entry of the audit chain and, what records changed, their places in the feed. */
export async function append(
  { db, scope }: Transaction,
  feedId: string,
  head: FeedHead,
  audit: AuditRow,
  hash: Buffer,
  changes: readonly ChangeRow[],
): Promise<void> {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value))
  await db.raw(
    `WITH audit AS (
       INSERT INTO audit_logs (tenant_id, feed_id, position, id, at, actor_id, action, entity, entity_id,
         old_values, new_values, address, device, request_id, hash)
       VALUES (:tenantId, :feedId, :position, :id, :at, :actorId, :action, :entity, :entityId,
         :oldValues, :newValues, :address, :device, :requestId, :hash)
     ), change AS (
       INSERT INTO feed_changes (tenant_id, feed_id, seq, entity, entity_id, removed)
       SELECT :tenantId, :feedId, :seq::bigint - :count + ordinality, entity, "entityId", removed
       FROM ROWS FROM (jsonb_to_recordset(:changes::jsonb) AS (entity text, "entityId" uuid, removed boolean))
         WITH ORDINALITY AS change (entity, "entityId", removed, ordinality)
       ON CONFLICT (feed_id, entity, entity_id) DO UPDATE SET seq = excluded.seq, removed = excluded.removed
     )
     UPDATE feed_heads SET audit_count = :position, audit_hash = :hash
     WHERE tenant_id = :tenantId AND feed_id = :feedId`,
    {
      ...audit,
      oldValues: json(audit.oldValues),
      newValues: json(audit.newValues),
      tenantId: scope.tenantId,
      feedId,
      position: head.auditCount + 1,
      hash,
      seq: head.seq,
      count: changes.length,
      changes: JSON.stringify(changes),
    },
  )
}

/** For what belongs to no tenant. */
export async function appendToSystemAudit(
  { db }: Transaction,
  row: Pick<AuditRow, 'id' | 'at' | 'action' | 'address' | 'requestId'> & { detail: unknown },
): Promise<void> {
  await db('system_audit').insert({
    id: row.id,
    at: row.at,
    action: row.action,
    detail: JSON.stringify(row.detail),
    address: row.address,
    request_id: row.requestId,
  })
}
