import type { Transaction } from '../../shared/transaction.ts'
import { type Blanked, blanking, type ChainEntry, type ChainHead } from './chain.ts'

interface Rows<R> {
  rows: R[]
}

export async function tenantIds({ db }: Transaction): Promise<string[]> {
  const { rows } = await db.raw<Rows<{ id: string }>>('SELECT tenant_ids() AS id')
  return rows.map(({ id }) => id)
}

interface HeadColumns {
  feed_id: string
  audit_count: string
  audit_hash: Buffer
}

/** Of every feed: entries without a head there are none. */
export async function chainHeads({ db }: Transaction): Promise<ChainHead[]> {
  const { rows } = await db.raw<Rows<HeadColumns>>(
    'SELECT feed_id, audit_count, audit_hash FROM feed_heads ORDER BY feed_id',
  )
  return rows.map((row) => ({
    feedId: row.feed_id,
    auditCount: Number(row.audit_count),
    auditHash: row.audit_hash,
  }))
}

interface EntryColumns {
  position: string
  id: string
  at: string
  actor_id: string | null
  entered_by: string | null
  action: string
  entity: string | null
  entity_id: string | null
  old_values: unknown
  new_values: unknown
  address: string | null
  device: string | null
  request_id: string | null
  hash: Buffer
  blanked: boolean
}

/** To the microsecond, of which a moment that was written has only whole milliseconds. */
const format = 'YYYY-MM-DD"T"HH24:MI:SS.USZ'

const entryColumns = `position, hash, blanked OR forgotten AS blanked, id, to_char(at AT TIME ZONE 'UTC', :format) AS at, actor_id,
  entered_by, action, entity, entity_id, old_values, new_values, address, device, request_id`

/** The entries of a feed behind a position, in order, as they were when they were chained. */
export async function chainEntries(
  { db }: Transaction,
  feedId: string,
  after: number,
  limit: number,
): Promise<ChainEntry[]> {
  const { rows } = await db.raw<Rows<EntryColumns>>(
    `SELECT ${entryColumns} FROM audit_logs
     WHERE feed_id = :feedId AND position > :after ORDER BY position LIMIT :limit`,
    { format, feedId, after, limit },
  )
  return rows.map(chainEntry)
}

/** Those at some positions. */
export async function chainEntriesAt(
  { db }: Transaction,
  feedId: string,
  positions: readonly number[],
): Promise<ChainEntry[]> {
  const { rows } = await db.raw<Rows<EntryColumns>>(
    `SELECT ${entryColumns} FROM audit_logs
     WHERE feed_id = :feedId AND position = ANY (:positions) ORDER BY position`,
    { format, feedId, positions },
  )
  return rows.map(chainEntry)
}

const chainEntry = (row: EntryColumns): ChainEntry => ({
  position: Number(row.position),
  hash: row.hash,
  blanked: row.blanked,
  entry: {
    id: row.id,
    at: row.at.replace(/000Z$/, 'Z'),
    actorId: row.actor_id,
    ...(row.entered_by && { enteredBy: row.entered_by }),
    action: row.action,
    entity: row.entity,
    entityId: row.entity_id,
    oldValues: row.old_values,
    newValues: row.new_values,
    address: row.address,
    device: row.device,
    requestId: row.request_id,
  },
})

/** What an entry says that blanked others. */
export interface Blanking {
  reason: 'retention' | 'forgotten'
  count: number
  entries: readonly (readonly [position: number, remains: string])[]
}

/** What a feed says of its blanked entries; of one that was blanked again what was said last. */
export async function blankedEntries({ db }: Transaction, feedId: string): Promise<Blanked> {
  const { rows } = await db.raw<Rows<{ by: string; position: string; remains: string }>>(
    `SELECT a.position AS by, said ->> 0 AS position, said ->> 1 AS remains
     FROM audit_logs a CROSS JOIN LATERAL jsonb_path_query(a.new_values, 'lax $.entries[*]') said
     WHERE a.feed_id = :feedId AND a.action = :blanking ORDER BY a.position`,
    { feedId, blanking },
  )
  return new Map(
    rows.map(({ by, position, remains }) => [Number(position), { by: Number(by), remains }] as const),
  )
}
