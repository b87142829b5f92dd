import { type Change, entities, type Entity, type PullPage, type Removal } from '#common/contract/sync'
import { type Actor, scopeOf } from '../../shared/scope.ts'
import { planClock } from '../../shared/plan-clock.ts'
import { enterSite, type Transact, type Transaction } from '../../shared/transaction.ts'
import type { BrandsService } from '../brands/brands.service.ts'
import type { InteractionsService } from '../interactions/interactions.service.ts'
import type { NoticesService } from '../notices/notices.service.ts'
import type { PhotosService } from '../visits/photos.service.ts'
import type { ShopsService } from '../shops/shops.service.ts'
import type { SurveysService } from '../surveys/surveys.service.ts'
import type { VisitsService } from '../visits/visits.service.ts'
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

/** In a first sync, where visits bring their photos with them, and these what is marked on them. */
const visitsAtOnce = 100
/** In a first sync: each may have hundreds of questions. */
const versionsAtOnce = 100

type Phase = NonNullable<NonNullable<Position['first']>['of']>
type After = NonNullable<Position['first']>['after']

/** What a first sync sends one after the other, of the tenant and of a site: first what the others name. */
const phasesOfTenant: readonly Phase[] = ['surveyVersion']
const phasesOfSite: readonly Phase[] = ['shop', 'visit', 'interaction']

/** Part of a phase: its records, with how many of those that are counted, and where it goes on; null where it is over. */
interface Part {
  changes: Change[]
  counted: number
  next: After
}

/**
 * What changed since a cursor (SYNC.md, Pull), read in one snapshot: rows, removals, receipts and the new cursor
 * belong to the same moment, so nothing at or below the cursor is unseen. Of visits and photos a device gets its
 * person's own, and never hears that there are others.
 */
export function createPullService(
  transact: Transact,
  interactions: InteractionsService,
  fieldWork: {
    shops: ShopsService
    brands: BrandsService
    surveys: SurveysService
    visits: VisitsService
    photos: PhotosService
  },
  { inTransaction: notices }: Pick<NoticesService, 'inTransaction'>,
) {
  const { inTransaction: shops } = fieldWork.shops
  const { inTransaction: brands } = fieldWork.brands
  const { inTransaction: surveys } = fieldWork.surveys
  const { inTransaction: visits } = fieldWork.visits
  const { inTransaction: photos } = fieldWork.photos
  const { findMany, newest, count } = interactions.inTransaction

  const parts: Record<Phase, (tx: Transaction, after: After, limit: number) => Promise<Part>> = {
    async surveyVersion(tx, after, limit) {
      const most = Math.min(limit, versionsAtOnce)
      const records = await surveys.newestVersions(tx, after?.id ?? null, most)
      return {
        changes: as('surveyVersion', records),
        counted: records.length,
        next: records.length === most ? { start: null, id: records.at(-1)!.id } : null,
      }
    },

    async shop(tx, after, limit) {
      const records = await shops.following(tx, after?.id ?? null, limit)
      return {
        changes: as('shop', records),
        counted: records.length,
        next: records.length === limit ? { start: null, id: records.at(-1)!.id } : null,
      }
    },

    /** As many visits as fit in with their photos, and one at least. */
    async visit(tx, after, limit) {
      const most = Math.min(limit, visitsAtOnce)
      const found = await visits.newestOf(tx, tx.scope.userId!, after, most)
      const ids = found.map(({ id }) => id)
      const all = ids.length > 0 ? await photos.ofVisits(tx, ids) : []
      const byVisit = Map.groupBy(all, ({ visitId }) => visitId)
      const changes: Change[] = []
      let counted = 0
      for (const visit of found) {
        const own = byVisit.get(visit.id) ?? []
        if (counted > 0 && changes.length + 1 + own.length > limit) break
        changes.push(...as('visit', [visit]), ...as('photo', own))
        counted++
      }
      const last = found[counted - 1]
      const isOver = !last || (counted === found.length && found.length < most)
      return { changes, counted, next: isOver ? null : { start: last.startedAt, id: last.id } }
    },

    async interaction(tx, after, limit) {
      const records = await newest(tx, after, limit)
      const last = records.at(-1)
      return {
        changes: as('interaction', records),
        counted: records.length,
        next: last && records.length === limit ? { start: last.startDateTime, id: last.id } : null,
      }
    },
  }

  /** One phase after the other, as long as there is room. */
  async function firstBatch(
    tx: Transaction,
    { seq, first }: Position,
    head: number,
    limit: number,
  ): Promise<Batch> {
    let { after, left } = first!
    const changes: Change[] = []
    const begun = first!.of ?? 'interaction'
    const phases = phasesOfTenant.includes(begun) ? phasesOfTenant : phasesOfSite
    for (const of of phases.slice(phases.indexOf(begun))) {
      const room = limit - changes.length
      const part = room > 0 ? await parts[of](tx, after, room) : { changes: [], counted: 0, next: null }
      changes.push(...part.changes)
      left = Math.max(0, left - part.counted)
      if (part.next || room <= 0)
        return { position: { seq, first: { of, after: part.next, left } }, changes, removals: [], more: true }
      after = null
    }
    // What was written since the first page comes after the last.
    return { position: { seq }, changes, removals: [], more: seq < head }
  }

  async function beginning(tx: Transaction): Promise<NonNullable<Position['first']>> {
    const left = (await count(tx)) + (await createSyncRepository(tx).fieldWork())
    return { of: phasesOfSite[0]!, after: null, left }
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
    const present = new Set(changes.map(({ entity, record }) => `${entity} ${record.id}`))
    const siteId = tx.scope.siteId
    return {
      position: { seq: more ? found.at(-1)!.seq : head },
      changes,
      removals: found
        .filter(({ entity, entityId }) => !present.has(`${entity} ${entityId}`))
        .map(({ entity, entityId }) => ({ entity, id: entityId, siteId })),
      more,
    }
  }

  /** Of an entity those with these ids that there are for the scope's person. */
  const loaders: { [E in Entity]: (tx: Transaction, ids: string[]) => Promise<RecordOf<E>[]> } = {
    interaction: findMany,
    interactionType: (tx, ids) => createSyncRepository(tx).types(ids),
    person: (tx, ids) => createSyncRepository(tx).people(ids),
    shop: shops.list,
    brand: brands.list,
    survey: surveys.heads,
    surveyVersion: surveys.versions,
    visit: (tx, ids) => visits.ofAgent(tx, tx.scope.userId!, ids),
    photo: (tx, ids) => photos.ofAgent(tx, tx.scope.userId!, ids),
  }

  async function load(tx: Transaction, found: FeedChange[]): Promise<Change[]> {
    const byEntity = Map.groupBy(
      found.filter(({ removed }) => !removed),
      ({ entity }) => entity,
    )
    const changes: Change[] = []
    for (const entity of entities) {
      const ids = byEntity.get(entity)?.map(({ entityId }) => entityId)
      if (ids) changes.push(...as(entity, await loaders[entity](tx, ids)))
    }
    return changes
  }

  /** The tenant's own things are few and come whole, but for what was ever published of surveys. */
  async function wholeTenant(tx: Transaction, head: number, limit: number): Promise<Batch> {
    const repository = createSyncRepository(tx)
    const left = await surveys.countVersions(tx)
    const first = { of: phasesOfTenant[0]!, after: null, left }
    const batch = await firstBatch(tx, { seq: head, first }, head, limit)
    return {
      ...batch,
      changes: [
        ...as('interactionType', await repository.types(null)),
        ...as('person', await repository.people(null)),
        ...as('brand', await brands.list(tx, null)),
        ...as('survey', await surveys.heads(tx, null)),
        ...batch.changes,
      ],
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
            plan: await planClock(tx),
            notices: await notices.shown(
              tx,
              actor.sites.map(({ id }) => id),
            ),
            receipts: [],
          }
          let isTenantWhole = true
          for (const feedId of feeds) {
            // What sites have names what the tenant has, and comes after it.
            const room = isTenantWhole ? limit - page.changes.length - page.removals.length : 0
            const isTenant = feedId === actor.tenantId
            const head = heads.get(feedId)!
            const scoped = await enterSite(tx, isTenant ? null : feedId)
            const from =
              known[feedId] ?? (isTenant ? undefined : { seq: head, first: await beginning(scoped) })
            if (room <= 0) {
              if (from) next.feeds[feedId] = from
              page.hasMore = true
              page.remaining += from?.first?.left ?? 0
              continue
            }
            let batch: Batch
            if (!from) batch = await wholeTenant(scoped, head, room)
            else if (from.first) batch = await firstBatch(scoped, from, head, room)
            else batch = await changedBatch(scoped, feedId, from.seq, head, room)
            next.feeds[feedId] = batch.position
            if (isTenant) isTenantWhole = !batch.position.first
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

type RecordOf<E extends Entity> = Extract<Change, { entity: E }>['record']

const as = <E extends Entity>(entity: E, records: readonly RecordOf<E>[]) =>
  records.map((record) => ({ entity, record }) as unknown as Change)
