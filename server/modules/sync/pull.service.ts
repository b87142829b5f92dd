import type { Change, PullPage, Removal } from '#common/contract/sync'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import { enterSite, type Transact, type Transaction } from '../../shared/transaction.ts'
import type { InteractionsService } from '../interactions/interactions.service.ts'
import { type Cursor, type Position, readCursor, writeCursor } from './cursor.ts'
import { createSyncRepository, type FeedChange } from './sync.repository.ts'

/** What a feed has for a device: part of a page. */
interface Batch {
  position: Position
  changes: Change[]
  removals: Removal[]
  /** There is more of this feed to send. */
  more: boolean
}

/**
 * What changed since a cursor (SYNC.md, Pull), read in one snapshot: rows, removals, receipts and the new cursor
 * belong to the same moment, so nothing at or below the cursor is unseen.
 */
export function createPullService(transact: Transact, interactions: InteractionsService) {
  const { findMany, newest, count } = interactions.inTransaction

  async function firstBatch(
    tx: Transaction,
    position: Position,
    head: number,
    limit: number,
  ): Promise<Batch> {
    const { after, left } = position.first!
    const records = await newest(tx, after, limit)
    const last = records.at(-1)
    const more = records.length === limit
    return {
      position: {
        seq: position.seq,
        ...(more &&
          last && {
            first: {
              after: { start: last.startDateTime, id: last.id },
              left: Math.max(0, left - records.length),
            },
          }),
      },
      changes: records.map((record) => ({ entity: 'interaction', record })),
      removals: [],
      // What was written since the first page comes after the last.
      more: more || position.seq < head,
    }
  }

  async function changedBatch(
    tx: Transaction,
    feedId: string,
    seq: number,
    head: number,
    limit: number,
  ): Promise<Batch> {
    const found = seq < head ? await createSyncRepository(tx).changesSince(feedId, seq, limit) : []
    const more = found.length === limit
    const changes = await load(tx, found)
    const present = new Set(changes.map(({ record }) => record.id))
    const siteId = tx.scope.siteId
    return {
      position: { seq: more ? found.at(-1)!.seq : head },
      changes,
      removals: found
        .filter(({ entityId }) => !present.has(entityId))
        .map(({ entity, entityId }) => ({ entity, id: entityId, siteId })),
      more,
    }
  }

  async function load(tx: Transaction, found: FeedChange[]): Promise<Change[]> {
    const idsOf = (entity: FeedChange['entity']) =>
      found.filter((change) => change.entity === entity && !change.removed).map(({ entityId }) => entityId)
    const repository = createSyncRepository(tx)
    const [records, types, people] = [idsOf('interaction'), idsOf('interactionType'), idsOf('person')]
    return [
      ...(records.length ? await findMany(tx, records) : []).map((record) => ({
        entity: 'interaction' as const,
        record,
      })),
      ...(types.length ? await repository.types(types) : []).map((record) => ({
        entity: 'interactionType' as const,
        record,
      })),
      ...(people.length ? await repository.people(people) : []).map((record) => ({
        entity: 'person' as const,
        record,
      })),
    ]
  }

  async function wholeTenant(tx: Transaction, head: number): Promise<Batch> {
    const repository = createSyncRepository(tx)
    return {
      position: { seq: head },
      changes: [
        ...(await repository.types(null)).map((record) => ({ entity: 'interactionType' as const, record })),
        ...(await repository.people(null)).map((record) => ({ entity: 'person' as const, record })),
      ],
      removals: [],
      more: false,
    }
  }

  return {
    pull: (
      actor: Actor,
      deviceId: string,
      activeSiteId: string | null,
      cursorText: string | undefined,
      limit: number,
    ): Promise<PullPage> =>
      transact(
        scopeOf(actor),
        async (tx) => {
          const repository = createSyncRepository(tx)
          const epoch = await repository.epoch()
          const given = cursorText === undefined ? null : readCursor(cursorText)
          const sites = [...actor.sites].sort(
            (a, b) => Number(b.id === activeSiteId) - Number(a.id === activeSiteId),
          )
          const feeds = [actor.tenantId, ...sites.map(({ id }) => id)]
          const heads = new Map<string, number>()
          for (const feedId of feeds) heads.set(feedId, await repository.head(feedId))
          // A cursor of another epoch, or ahead of the feed, comes from before the database was restored.
          const lost =
            given !== null &&
            (given.epoch !== epoch || feeds.some((id) => (given.feeds[id]?.seq ?? 0) > heads.get(id)!))
          const known: Cursor['feeds'] = given && !lost ? given.feeds : {}

          const next: Cursor = { epoch, feeds: {} }
          const page: PullPage = {
            reset: lost,
            epoch,
            cursor: '',
            hasMore: false,
            remaining: 0,
            roles: [...actor.roles],
            sites: [...actor.sites],
            changes: [],
            removals: [],
            receipts: [],
          }
          for (const feedId of feeds) {
            const room = limit - page.changes.length - page.removals.length
            const isTenant = feedId === actor.tenantId
            const head = heads.get(feedId)!
            const scoped = await enterSite(tx, isTenant ? null : feedId)
            const from =
              known[feedId] ??
              (isTenant ? undefined : { seq: head, first: { after: null, left: await count(scoped) } })
            if (room <= 0) {
              if (from) next.feeds[feedId] = from
              page.hasMore = true
              page.remaining += from?.first?.left ?? 0
              continue
            }
            let batch: Batch
            if (!from) batch = await wholeTenant(scoped, head)
            else if (from.first) batch = await firstBatch(scoped, from, head, room)
            else batch = await changedBatch(scoped, feedId, from.seq, head, room)
            next.feeds[feedId] = batch.position
            page.changes.push(...batch.changes)
            page.removals.push(...batch.removals)
            page.hasMore ||= batch.more
            page.remaining += batch.position.first?.left ?? 0
            if (from && !from.first) {
              page.receipts.push(
                ...(await repository.receiptsBetween(
                  feedId,
                  deviceId,
                  actor.id,
                  from.seq,
                  batch.position.seq,
                )),
              )
            }
          }
          page.cursor = writeCursor(next)
          return page
        },
        { snapshot: true },
      ),
  }
}
