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
  /** In place of `actorId`, and part of the entry only where there is one. */
  enteredBy?: string
  action: string
  entity: string | null
  entityId: string | null
  oldValues: unknown
  newValues: unknown
  address: string | null
  device: string | null
  requestId: string | null
}

export interface ChangeRow {
  entity: string
  entityId: string
  removed: boolean
  /** Whose devices alone hear of it. */
  ownerId?: string
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

/**
 * Writes what the head moved for: entries of the audit chain, after the first `auditCount`, and what records changed
 * with their places in the feed, of which `seq` is the last.
 */
export async function append(
  { db, scope }: Transaction,
  feedId: string,
  { seq, auditCount }: Pick<FeedHead, 'seq' | 'auditCount'>,
  audit: readonly (AuditRow & { hash: Buffer })[],
  changes: readonly ChangeRow[],
): Promise<void> {
  await db.raw(
    `WITH audit AS (
       INSERT INTO audit_logs (tenant_id, feed_id, position, id, at, actor_id, entered_by, action, entity,
         entity_id, old_values, new_values, address, device, request_id, hash)
       SELECT :tenantId, :feedId, :position::bigint + ordinality, id, at, "actorId", "enteredBy", action, entity,
         "entityId", "oldValues", "newValues", address, device, "requestId", decode(hash, 'hex')
       FROM ROWS FROM (jsonb_to_recordset(:audit::jsonb) AS (id uuid, at timestamptz, "actorId" uuid,
         "enteredBy" uuid, action text, entity text, "entityId" uuid, "oldValues" jsonb, "newValues" jsonb,
         address text, device text, "requestId" text, hash text))
         WITH ORDINALITY AS audit (id, at, "actorId", "enteredBy", action, entity, "entityId", "oldValues",
         "newValues", address, device, "requestId", hash, ordinality)
     ), change AS (
       INSERT INTO feed_changes (tenant_id, feed_id, seq, entity, entity_id, removed, owner_id)
       SELECT :tenantId, :feedId, :seq::bigint - :count + ordinality, entity, "entityId", removed, "ownerId"
       FROM ROWS FROM (
         jsonb_to_recordset(:changes::jsonb) AS (entity text, "entityId" uuid, removed boolean, "ownerId" uuid))
         WITH ORDINALITY AS change (entity, "entityId", removed, "ownerId", ordinality)
       ON CONFLICT (feed_id, entity, entity_id) DO UPDATE SET seq = excluded.seq, removed = excluded.removed
     )
     UPDATE feed_heads SET audit_count = :position::bigint + :entries, audit_hash = :hash
     WHERE tenant_id = :tenantId AND feed_id = :feedId`,
    {
      audit: JSON.stringify(audit.map((row) => ({ ...row, hash: row.hash.toString('hex') }))),
      tenantId: scope.tenantId,
      feedId,
      position: auditCount,
      entries: audit.length,
      hash: audit.at(-1)!.hash,
      seq,
      count: changes.length,
      changes: JSON.stringify(changes),
    },
  )
}
