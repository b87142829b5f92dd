import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { SessionUser } from '#common/contract/auth'
import { AppError } from '#common/contract/errors'
import type { InteractionPatch } from '#common/contract/interactions'
import type { MutationResult, PullPage } from '#common/contract/sync'
import type {
  Answer,
  FinderPage,
  FinderQuery,
  LocalInteraction,
  PastItem,
  QueueItem,
} from '#desktop/bridge/channels'
import { type AmendContext, discard, resolve, retry } from '../outbox/amend.ts'
import type { ArchivedEdit } from '../outbox/archive.ts'
import { composeDelete, composeSave, type EditContext, type SaveRequest } from '../outbox/compose.ts'
import type { Plan } from '../outbox/entry.ts'
import { present } from '../outbox/present.ts'
import { toItem } from '../outbox/item.ts'
import { Cache, type Progress } from './cache.ts'
import type { Place } from './database.ts'
import { guarded, guardedMethods, isDamage, StorageError } from './failures.ts'
import { type Batch, type Meta, Queue } from './queue.ts'

export interface StoreOptions {
  /** The account's folder and the key of its files; memory alone where nothing may be kept on disk. */
  place: { folder: string; key: string } | 'memory'
  newId(): string
  /** ISO 8601, UTC. */
  now(): string
}

export interface Stored {
  /** False when the page does not continue what is here, and was therefore not stored. */
  kept: boolean
  /** The copies have everything the server had when it was asked. */
  current: boolean
  /** Sites whose records look different now. */
  siteIds: string[]
}

/**
 * What this device knows: the server's copies (`cache.db`) and the person's edits on top (`queue.db`). Each method is
 * one step that nothing else of this store comes between; what changes the queue is on the disk when it returns.
 *
 * Throws StorageError `unreadable` or `newer` for a queue it cannot open, and leaves the file as it is. A damaged
 * cache is replaced by an empty one, which the next sync fills; `takeNotice` says so once.
 */
export class LocalStore {
  readonly #options: StoreOptions
  readonly #queue: Queue
  #cache: Cache
  #cacheWasReplaced = false

  constructor(options: StoreOptions) {
    this.#options = options
    this.#queue = guardedMethods(guarded(() => new Queue(this.#place('queue'), options.newId)))
    try {
      this.#cache = this.#openCache()
      this.#coverAll()
    } catch (error) {
      this.#queue.close()
      throw error
    }
  }

  close(): void {
    this.#cache.close()
    this.#queue.close()
  }

  /** True once after a damaged local copy was replaced. */
  takeNotice(): boolean {
    const replaced = this.#cacheWasReplaced
    this.#cacheWasReplaced = false
    return replaced
  }

  meta(): Meta {
    return this.#queue.meta()
  }

  writeMeta(changes: Partial<Omit<Meta, 'deviceId' | 'formerSites'>>): void {
    const { profile } = changes
    this.#queue.writeMeta({ ...changes, ...(profile && { formerSites: this.#formerSites(profile.sites) }) })
  }

  page(query: FinderQuery): FinderPage {
    this.#assertMember(query.siteId)
    return this.#fromCache((cache) => cache.page(query))
  }

  lookups(siteId: string): Answer<'lookups.read'> {
    this.#assertMember(siteId)
    return this.#fromCache((cache) => cache.lookups(siteId))
  }

  /** Null for what is not there, or in a site the person may not see. */
  read(id: string): LocalInteraction | null {
    const shown = this.#present(id)
    return shown && this.#isMember(shown.siteId) ? shown : null
  }

  /** Puts an edit in the queue. Throws the AppError the form has to show. */
  save(request: SaveRequest): LocalInteraction {
    const id = request.id ?? this.#options.newId()
    const plan = composeSave(id, request, this.#context(id))
    if (plan) this.#carryOut(plan)
    return this.#present(id)!
  }

  delete(id: string): void {
    this.#carryOut(composeDelete(this.#context(id)))
  }

  retry(mutationId: string): void {
    this.#carryOut(retry(mutationId, this.#contextOf(mutationId)))
  }

  discard(mutationId: string): void {
    this.#carryOut(discard(mutationId, this.#contextOf(mutationId)))
  }

  resolve(mutationId: string, fields: InteractionPatch): void {
    this.#carryOut(resolve(mutationId, fields, this.#contextOf(mutationId)))
  }

  queueItems(): QueueItem[] {
    const { profile, formerSites } = this.#queue.meta()
    const nameOf = (siteId: string) =>
      profile?.sites.find(({ id }) => id === siteId)?.name ?? formerSites[siteId] ?? null
    return this.#queue.entries().flatMap((entry) => toItem(entry, nameOf(entry.siteId)) ?? [])
  }

  /** Edits that are over, the latest first. */
  past(limit: number): PastItem[] {
    return this.#queue.past(limit)
  }

  /** What has not been sent, to be taken to another device; it stays here too. */
  unsent(): ArchivedEdit[] {
    return this.#queue.unsent()
  }

  /** Takes in what another device had not sent. Edits that are here already, or were sent from here, are passed over. */
  takeIn(edits: readonly ArchivedEdit[]): { imported: number; known: number } {
    const added = this.#queue.takeIn(edits)
    this.#coverAgain(new Set(added.map(({ entityId }) => entityId)))
    const unsent = (all: readonly ArchivedEdit[]) => all.filter(({ acknowledged }) => !acknowledged).length
    return { imported: unsent(added), known: unsent(edits) - unsent(added) }
  }

  counts(): { waiting: number; needsAttention: number } {
    return this.#queue.counts()
  }

  takeBatch(maxCount: number, maxBytes: number, except: readonly string[] = []): Batch {
    return this.#queue.takeBatch(maxCount, maxBytes, except)
  }

  /** Takes in the answers to a batch: which of these edits they leave to be sent again, and the sites of the others. */
  settle(results: readonly MutationResult[]): { left: string[]; siteIds: string[] } {
    const siteIds = this.#coverAgain(this.#queue.settle(results, this.#options.now()))
    const left = this.#queue.stillToSend(results.map(({ mutationId }) => mutationId))
    return { left, siteIds: [...siteIds] }
  }

  progress(): Progress {
    return this.#fromCache((cache) => cache.progress())
  }

  /**
   * Stores a page that was asked for with `cursor`, after the answers to earlier pushes had been taken in. The order
   * makes a crash at any point harmless: what the receipts settle stays on top of the copies; then rows and cursor are
   * stored in one step; and applied edits leave the queue only when the copies are current. Pages of one run belong to
   * different moments, so only a run of a single page can say that. A page of another epoch, or one that resets, comes
   * from a server that was restored: what it had acknowledged is sent again. So is what was sent before the first page,
   * since nobody knows to which.
   */
  storePage(page: PullPage, cursor: string | null): Stored {
    const before = this.progress()
    if (before.cursor !== cursor) return { kept: false, current: false, siteIds: [] }
    const { epoch } = this.#queue.meta()
    const isNew = epoch === null && this.#queue.isEmpty()
    const restored = page.reset || (epoch !== page.epoch && !isNew)
    const current = !before.more && !page.hasMore && !restored
    if (restored) this.#queue.sendAgain(page.epoch, (id) => this.#copy(id))
    else if (isNew) this.#queue.writeMeta({ epoch: page.epoch })
    const settled = this.#queue.settle(page.receipts, this.#options.now())
    const siteIds = page.sites.map(({ id }) => id)
    this.#takeSites(page.sites)
    const changed = this.#store(page)
    if (!changed) return { kept: false, current: false, siteIds }
    const applied = current ? this.#queue.forgetApplied(this.#options.now()) : []
    const forgotten = this.#queue.forgetOutside(siteIds)
    const touched = new Set([...settled, ...this.#rememberSeen(page), ...applied, ...forgotten])
    const siteGone = [...changed].some((id) => !siteIds.includes(id))
    this.#compact()
    // Where copies went in bulk, their row numbers may come to name others.
    const inBulk = restored || siteGone
    if (inBulk) this.#fromCache((cache) => cache.uncoverAll())
    const covered = this.#coverAgain(inBulk ? [...touched, ...this.#queue.entityIds()] : touched)
    return { kept: true, current, siteIds: [...new Set([...changed, ...covered])] }
  }

  /** Forgets the copies, never the queue: the next sync is a first one. */
  dropCopies(): void {
    this.#fromCache((cache) => {
      cache.clear()
      cache.uncoverAll()
    })
    this.#coverAll()
  }

  /** Builds one index that was put off during the first sync; false when none is left. */
  buildIndex(): boolean {
    return this.#fromCache((cache) => cache.buildIndex())
  }

  /** Null when the cache turned out to be damaged: it is empty now, and the page does not fit it any more. */
  #store(page: PullPage): Set<string> | null {
    try {
      return this.#cache.store(page)
    } catch (error) {
      if (!isDamage(error)) return guarded(() => rethrow(error))
      this.#replaceCache()
      return null
    }
  }

  /** Also what a crash, or a full disk, has kept from being done: until there is room it is tried with each page. */
  #compact() {
    try {
      this.#queue.compact()
      this.#fromCache((cache) => cache.compact())
    } catch (error) {
      if (!(error instanceof StorageError && error.reason === 'unwritable')) throw error
    }
  }

  #takeSites(sites: SessionUser['sites']) {
    const { profile } = this.#queue.meta()
    if (profile && JSON.stringify(profile.sites) !== JSON.stringify(sites))
      this.writeMeta({ profile: { ...profile, sites } })
  }

  /** So that edits of a site that was taken away can still be called by its name. */
  #formerSites(sites: SessionUser['sites']): Meta['formerSites'] {
    const { profile, formerSites } = this.#queue.meta()
    const names = {
      ...formerSites,
      ...Object.fromEntries(profile?.sites.map(({ id, name }) => [id, name]) ?? []),
    }
    const gone = this.#queue.siteIds().filter((siteId) => !sites.some(({ id }) => id === siteId))
    return Object.fromEntries(gone.flatMap((id) => (names[id] === undefined ? [] : [[id, names[id]]])))
  }

  /** Remembers the copies of records under edit; returns which of these the page speaks of. */
  #rememberSeen(page: PullPage): string[] {
    const edited = new Set(this.#queue.entityIds())
    const changes = page.changes.filter(
      ({ entity, record }) => entity === 'interaction' && edited.has(record.id),
    )
    for (const { entity, record } of changes) if (entity === 'interaction') this.#queue.rememberSeen(record)
    const removed = page.removals.filter(({ id }) => edited.has(id))
    return [...changes.map(({ record }) => record.id), ...removed.map(({ id }) => id)]
  }

  #carryOut(plan: Plan) {
    const titles = plan.add.map(
      ({ entityId, patch }) => patch.title ?? this.#present(entityId)?.title ?? plan.remove[0]?.title ?? '',
    )
    const touched = new Set([...plan.remove, ...plan.add].map(({ entityId }) => entityId))
    const seen = [...touched].flatMap((id) => this.#copy(id) ?? [])
    this.#queue.carryOut(plan, titles, seen, this.#options.now())
    this.#coverAgain(touched)
  }

  #contextOf(mutationId: string): EditContext & AmendContext {
    const entry = this.#queue.find(mutationId)
    if (!entry) throw new AppError('RESOURCE_NOT_FOUND', 'This change is not waiting any more.')
    return this.#context(entry.entityId)
  }

  #context(entityId: string): EditContext & AmendContext {
    return {
      user: this.#profile(),
      shown: this.read(entityId),
      record: this.#copy(entityId),
      lastSeen: this.#queue.lastSeen(entityId),
      chain: this.#queue.chain(entityId),
      newId: () => this.#options.newId(),
      now: () => this.#options.now(),
    }
  }

  #profile(): SessionUser {
    const { profile } = this.#queue.meta()
    if (!profile) throw new AppError('AUTHENTICATION_ERROR', 'Sign in first.')
    return profile
  }

  #isMember(siteId: string): boolean {
    return this.#profile().sites.some(({ id }) => id === siteId)
  }

  #assertMember(siteId: string) {
    if (!this.#isMember(siteId))
      throw new AppError('RESOURCE_NOT_FOUND', 'You do not belong to this site (any more).')
  }

  #copy(id: string) {
    return this.#fromCache((cache) => cache.find(id))
  }

  #present(id: string): LocalInteraction | null {
    const chain = this.#queue.chain(id)
    const record = this.#copy(id) ?? (chain.length > 0 ? this.#queue.lastSeen(id) : null)
    return present(record, chain, this.#queue.meta().profile?.id ?? '')
  }

  /** Lays the edits of these records on top anew; returns the sites they are in. */
  #coverAgain(entityIds: Iterable<string>): Set<string> {
    const siteIds = new Set<string>()
    for (const id of entityIds) {
      const shown = this.#present(id)
      const chain = this.#queue.chain(id)
      this.#fromCache((cache) => cache.cover(id, chain.length > 0 ? shown : undefined))
      for (const { siteId } of shown ? [shown, ...chain] : chain) siteIds.add(siteId)
    }
    return siteIds
  }

  #coverAll() {
    this.#coverAgain(this.#queue.entityIds())
  }

  #place(name: 'queue' | 'cache'): Place {
    const { place } = this.#options
    return place === 'memory' ? place : { path: join(place.folder, `${name}.db`), key: place.key }
  }

  #openCache(): Cache {
    try {
      return new Cache(this.#place('cache'))
    } catch (error) {
      if (!isDamage(error)) return guarded(() => rethrow(error))
      return this.#newCache()
    }
  }

  #newCache(): Cache {
    const place = this.#place('cache')
    if (place !== 'memory')
      for (const suffix of ['', '-wal', '-shm']) rmSync(place.path + suffix, { force: true })
    this.#cacheWasReplaced = true
    return guarded(() => new Cache(place))
  }

  #replaceCache() {
    this.#cache.close()
    this.#cache = this.#newCache()
    this.#coverAll()
  }

  /** `work`, and should the cache turn out to be damaged, once more with a new one. */
  #fromCache<T>(work: (cache: Cache) => T): T {
    try {
      return work(this.#cache)
    } catch (error) {
      if (!isDamage(error)) return guarded(() => rethrow(error))
      this.#replaceCache()
      return guarded(() => work(this.#cache))
    }
  }
}

function rethrow(error: unknown): never {
  throw error
}
