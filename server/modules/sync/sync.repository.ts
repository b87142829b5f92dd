import type { Entity, InteractionType, MutationResult, Person } from '#common/contract/sync'
import type { Transaction } from '../../shared/transaction.ts'

export interface Receipt {
  userId: string
  payloadHash: Buffer
  result: MutationResult
  entityId: string | null
  version: number | null
  soleAuthor: boolean
}

export interface FeedChange {
  seq: number
  entity: Entity
  entityId: string
  removed: boolean
}

export const createSyncRepository = ({ db, scope }: Transaction) => ({
  /** Mutations of one device take turns, however often the same batch arrives at once. */
  async lockDevice(deviceId: string): Promise<void> {
    await db.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [deviceId])
  },

  async receipts(deviceId: string, mutationIds: readonly string[]): Promise<Map<string, Receipt>> {
    const rows = await db('sync_receipts')
      .where({ device_id: deviceId })
      .whereIn('mutation_id', mutationIds)
      .select<
        {
          mutation_id: string
          user_id: string
          payload_hash: Buffer
          result: MutationResult
          entity_id: string | null
          version: number | null
          sole_author: boolean
        }[]
      >('mutation_id', 'user_id', 'payload_hash', 'result', 'entity_id', 'version', 'sole_author')
    return new Map(
      rows.map((row) => [
        row.mutation_id,
        {
          userId: row.user_id,
          payloadHash: row.payload_hash,
          result: row.result,
          entityId: row.entity_id,
          version: row.version,
          soleAuthor: row.sole_author,
        },
      ]),
    )
  },

  async keepReceipt(deviceId: string, feedId: string, seq: number, receipt: Receipt): Promise<void> {
    await db('sync_receipts').insert({
      tenant_id: scope.tenantId,
      device_id: deviceId,
      mutation_id: receipt.result.mutationId,
      user_id: receipt.userId,
      feed_id: feedId,
      seq,
      payload_hash: receipt.payloadHash,
      result: JSON.stringify(receipt.result),
      entity_id: receipt.entityId,
      version: receipt.version,
      sole_author: receipt.soleAuthor,
    })
  },

  /** Names this life of the database: another one begins when it is restored, on whatever way. */
  async epoch(): Promise<string> {
    const { rows } = await db.raw<{ rows: [{ epoch: string }] }>('SELECT server_epoch() AS epoch')
    return rows[0].epoch
  },

  /** The number of the feed's last write; 0 before the first. */
  async head(feedId: string): Promise<number> {
    const row = await db('feed_heads').where({ feed_id: feedId }).first<{ seq: string } | undefined>('seq')
    return Number(row?.seq ?? 0)
  },

  /** Of what is somebody's alone there is, as row-level security has it, only what is the scope's person's. */
  async changesSince(feedId: string, seq: number, limit: number): Promise<FeedChange[]> {
    const rows = await db('feed_changes')
      .where({ feed_id: feedId })
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(limit)
      .select<{ seq: string; entity: FeedChange['entity']; entity_id: string; removed: boolean }[]>(
        'seq',
        'entity',
        'entity_id',
        'removed',
      )
    return rows.map((row) => ({
      seq: Number(row.seq),
      entity: row.entity,
      entityId: row.entity_id,
      removed: row.removed,
    }))
  },

  /** What became of a user's mutations from this device, after `from` up to `to`. */
  async receiptsBetween(
    feedId: string,
    deviceId: string,
    userId: string,
    from: number,
    to: number,
  ): Promise<MutationResult[]> {
    const rows = await db('sync_receipts')
      .where({ feed_id: feedId, device_id: deviceId, user_id: userId })
      .where('seq', '>', from)
      .where('seq', '<=', to)
      .orderBy('seq')
      .select<{ result: MutationResult }[]>('result')
    return rows.map(({ result }) => result)
  },

  /** How many shops the site has, and visits of the scope's person. */
  async fieldWork(): Promise<number> {
    const { rows } = await db.raw<{ rows: [{ count: number }] }>(
      `SELECT (SELECT count(*) FROM shops WHERE site_id = :siteId)::int
         + (SELECT count(*) FROM visits WHERE site_id = :siteId AND agent_id = :userId)::int AS count`,
      { siteId: scope.siteId, userId: scope.userId ?? null } as never,
    )
    return rows[0].count
  },

  async types(ids: readonly string[] | null): Promise<InteractionType[]> {
    const query = db('interaction_types')
      .where({ active: true })
      .orderBy('position')
      .select('id', 'name', 'position')
    return (await (ids ? query.whereIn('id', ids) : query)) as InteractionType[]
  },

  async people(ids: readonly string[] | null): Promise<Person[]> {
    const query = db('users').orderBy('id').select('id', 'display_name as displayName')
    return (await (ids ? query.whereIn('id', ids) : query)) as Person[]
  },
})
