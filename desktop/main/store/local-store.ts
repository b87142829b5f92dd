import { join } from 'node:path'
import type { SessionUser } from '#common/contract/auth'
import { AppError } from '#common/contract/errors'
import { type Interaction, InteractionPatch } from '#common/contract/interactions'
import type { ShownNotice } from '#common/contract/notices'
import { type HistoryEntry, maxChosen } from '#common/contract/record-keeping'
import { problemsOf } from '#common/contract/sentences'
import type { AnyMutation, MutationResult, PullPage } from '#common/contract/sync'
import { toWallTime } from '#common/rules/time-zone'
import {
  type Answer,
  type FinderPage,
  type FinderQuery,
  type FieldItem,
  type LocalInteraction,
  type PastFieldItem,
  type PastItem,
  type QueueItem,
  type Request,
} from '#desktop/bridge/channels'
import { type AmendContext, discard, resolve, retry } from '../outbox/amend.ts'
import type { ArchivedEdit } from '../outbox/archive.ts'
import { composeDelete, composeSave, type EditContext, type SaveRequest } from '../outbox/compose.ts'
import type { FieldEntry, Plan } from '../outbox/entry.ts'
import { present } from '../outbox/present.ts'
import { interactionOnTop, type ShownVisit } from '../outbox/present-visit.ts'
import { toItem, toStoppedPhoto } from '../outbox/item.ts'
import { BulkEdits, type Undone } from './bulk-edits.ts'
import { CacheFile } from './cache-file.ts'
import type { Cache, Progress } from './cache.ts'
import type { Place } from './database.ts'
import type { Desk } from './desk.ts'
import { type Figures, filesIn } from './figures.ts'
import { guarded, guardedMethods, ifWritable } from './failures.ts'
import { FieldStore } from './field-store.ts'
import { FieldView, type Ground } from './field-view.ts'
import type { Seen } from './last-seen.ts'
import { PhotoStore } from './photo-store.ts'
import { pictureFilesIn, pictureFilesInMemory } from './picture-files.ts'
import type { Pictures } from './pictures.ts'
import { PersonalStore } from './personal-store.ts'
import { PlanStore } from './plan-store.ts'
import { type Batch, Queue } from './queue.ts'
import type { Meta } from './queue-meta.ts'
import { toHistoryEntry } from './queue-rows.ts'

/** Milliseconds; clocks are put back by some hours now and then. */
const longestDay = 30 * 3600_000

export interface StoreOptions {
  /** The account's folder and the key of its files; memory alone where nothing may be kept on disk. */
  place: { folder: string; key: string } | 'memory'
  newId(): string
  /** ISO 8601, UTC. */
  now(): string
}

/** As history has it, but for the name of the device. */
export type LocalHistoryEntry = Omit<HistoryEntry, 'device'> & { isOwnDevice: boolean }

type Known = Pick<EditContext & AmendContext, 'record' | 'chain' | 'lastSeen'> & {
  family: FieldEntry[]
  /** The visit it is the interaction of, where that has edits here. */
  visit: ShownVisit | null
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
  readonly #desk: Desk
  readonly #pictures: Pictures
  readonly #view: FieldView
  /** Visits and photos; their methods are called like those of the store. */
  readonly field: FieldStore
  readonly photos: PhotoStore
  readonly plans: PlanStore
  readonly personal: PersonalStore
  readonly #cache: CacheFile
  readonly #bulk: BulkEdits

  constructor(options: StoreOptions) {
    this.#options = options
    this.#queue = guardedMethods(guarded(() => new Queue(this.#place('queue'), options.newId)))
    this.#desk = guardedMethods(this.#queue.desk)
    this.#pictures = guardedMethods(this.#queue.pictures)
    this.#bulk = new BulkEdits({
      assertMember: (siteId) => this.#assertMember(siteId),
      context: (id) => this.#context(id),
      newId: () => options.newId(),
      carryOutAll: (...steps) => this.#carryOutAll(...steps),
    })
    this.#view = new FieldView(this.#ground())
    this.field = new FieldStore(this.#ground(), this.#view)
    this.personal = new PersonalStore(this.#ground())
    this.plans = new PlanStore(this.#ground(), this.#view, guardedMethods(this.#queue.missNotes))
    try {
      this.#cache = new CacheFile(this.#place('cache'), () => this.#coverAll())
      this.#coverAll()
      const { place } = options
      const files = place === 'memory' ? pictureFilesInMemory() : pictureFilesIn(place.folder, place.key)
      this.photos = new PhotoStore(this.#ground(), this.#view, this.field, files)
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
    return this.#cache.takeNotice()
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

  /** How many records match. */
  found(match: Request<'finder.count'>): number {
    this.#assertMember(match.siteId)
    return this.#fromCache((cache) => cache.found({ ...match, sort: [] }))
  }

  /** Ids of all that match, in order, up to `maxChosen`. */
  ids(match: Request<'finder.ids'>): string[] {
    this.#assertMember(match.siteId)
    return this.#fromCache((cache) => cache.ids(match, maxChosen))
  }

  /** Ids of all that match, or of those of `chosen` that the site has, in order. */
  exportedIds(match: Request<'finder.ids'>, chosen: readonly string[] | null): string[] {
    this.#assertMember(match.siteId)
    const wanted = chosen && new Set(chosen)
    const ids = this.#fromCache((cache) => cache.ids(wanted ? { ...match, filter: {} } : match, -1))
    return wanted ? ids.filter((id) => wanted.has(id)) : ids
  }

  /** Records of a site as they are shown now, in the order asked for; those that are gone are left out. */
  rows(siteId: string, ids: readonly string[]): LocalInteraction[] {
    this.#assertMember(siteId)
    return this.#fromCache((cache) => cache.rows(ids)).filter((row) => row.siteId === siteId)
  }

  /** Records of the same title that start on the same day in that zone, other than `id`; at most five. */
  sameTitle({ siteId, id, title, startDateTime, timezone }: Request<'interaction.sameTitle'>) {
    this.#assertMember(siteId)
    const start = Date.parse(startDateTime)
    const dayOf = (instant: string) => toWallTime(instant, timezone).slice(0, 10)
    const day = dayOf(startDateTime)
    return this.#fromCache((cache) =>
      cache.sameTitle(siteId, id, title, start - longestDay, start + longestDay),
    )
      .filter((row) => row.startDateTime !== null && dayOf(row.startDateTime) === day)
      .slice(0, 5)
  }

  shownNotices(): ShownNotice[] {
    return this.#fromCache((cache) => cache.notices())
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

  /** Puts an edit in the queue, and ends the draft it was made in. Throws the AppError the form has to show. */
  save(request: SaveRequest): LocalInteraction {
    const id = request.id ?? this.#options.newId()
    const plan = composeSave(id, request, this.#context(id))
    const dropDraft = () => this.#desk.dropDraft(request.siteId, request.id ?? null)
    if (plan) this.#carryOut(plan, dropDraft)
    else dropDraft()
    return this.#present(id)!
  }

  delete(id: string): void {
    this.#carryOut(composeDelete(this.#context(id)))
  }

  /** What `applyBulk` would do. */
  planBulk(request: Request<'bulk.plan'>): Answer<'bulk.plan'> {
    return this.#bulk.plan(request)
  }

  /** Puts the edits of all that allow it into the queue, in one step. It can be undone until the next one, or a restart. */
  applyBulk(request: Request<'bulk.apply'>): Answer<'bulk.apply'> {
    return this.#bulk.apply(request)
  }

  /**
   * Takes the latest bulk change back. `restore` are deletions that the server has: they can be taken back there only,
   * and stay known here should that fail.
   */
  undoBulk(bulkId: string): Undone {
    return this.#bulk.undo(bulkId)
  }

  retry(mutationId: string): void {
    if (this.#pictures.find(mutationId)) this.photos.retryPhoto(mutationId)
    else if (this.#isOfVisit(mutationId)) this.field.amendVisit('retry', mutationId)
    else {
      const context = this.#contextOf(mutationId)
      this.#carryOut(retry(mutationId, context, () => context.record?.version ?? null))
    }
  }

  discard(mutationId: string): void {
    if (this.#pictures.find(mutationId)) this.photos.giveUpPhoto(mutationId)
    else if (this.#isOfVisit(mutationId)) this.field.amendVisit('discard', mutationId)
    else this.#carryOut(discard(mutationId, this.#contextOf(mutationId)))
    this.photos.tidyPhotos()
  }

  /** `fields` are checked here: what they may be depends on what the edit is of. */
  resolve(mutationId: string, fields: object): void {
    if (this.#isOfVisit(mutationId)) return this.field.resolveVisit(mutationId, fields)
    const details = problemsOf(InteractionPatch, fields)
    if (details.length > 0)
      throw new AppError('VALIDATION_ERROR', 'Some fields need your attention.', { details })
    this.#carryOut(resolve(mutationId, fields, this.#contextOf(mutationId)))
  }

  /** What is in the queue. A photo that only its bytes are stopped of has its own id for that of an edit. */
  queueItems(): (QueueItem | FieldItem)[] {
    const { profile, formerSites } = this.#queue.meta()
    const nameOf = (siteId: string) =>
      profile?.sites.find(({ id }) => id === siteId)?.name ?? formerSites[siteId] ?? null
    const hasBytes = (photoId: string) => this.#pictures.find(photoId) !== null
    const edits = this.#queue
      .entries()
      .flatMap((entry) => toItem(entry, nameOf(entry.siteId), hasBytes) ?? [])
    const photos = this.#pictures.stopped().map((picture) => {
      const { shown } = this.#view.known(picture.visitId)
      const photo = this.#view.photos(picture.visitId).find(({ id }) => id === picture.id) ?? null
      return toStoppedPhoto(photo, picture, shown && this.#view.photoTitle(shown), nameOf(picture.siteId))
    })
    return [...edits, ...photos]
  }

  /** Edits that are over, the latest first. */
  past(limit: number): (PastItem | PastFieldItem)[] {
    return this.#queue.past(limit)
  }

  /** What this device knows of who changed a record, the latest first: what still waits, and what was sent from here. */
  history(id: string): { siteId: string | null; unsent: LocalHistoryEntry[]; sent: LocalHistoryEntry[] } {
    const { id: userId, displayName } = this.#profile()
    const rows = this.#queue.history(id)
    const entries = (isSent: number): LocalHistoryEntry[] =>
      rows
        .filter((row) => row.isSent === isSent)
        .flatMap((row) => {
          const entry = toHistoryEntry(row)
          const more = { actor: { id: userId, displayName }, isOwnDevice: row.device_id === null }
          return entry ? [{ ...entry, ...more }] : []
        })
    return { siteId: this.read(id)?.siteId ?? null, unsent: entries(0), sent: entries(1) }
  }

  /** What has not been sent, to be taken to another device; it stays here too. */
  unsent(): ArchivedEdit[] {
    return this.#queue.unsent()
  }

  /** Takes in what another device had not sent. Edits that are here already, or were sent from here, are passed over. */
  takeIn(edits: readonly ArchivedEdit[]): { imported: number; known: number } {
    const added = this.#queue.takeIn(edits)
    this.#coverAgain(new Set(added.map(({ visitId = null, entityId }) => visitId ?? entityId)))
    const unsent = (all: readonly ArchivedEdit[]) => all.filter(({ acknowledged }) => !acknowledged).length
    return { imported: unsent(added), known: unsent(edits) - unsent(added) }
  }

  counts(): { waiting: number; needsAttention: number; reasons: number } {
    return this.#queue.counts()
  }

  /** When the oldest edit that is still to be sent was saved; null where none is. */
  waitingSince(): string | null {
    return this.#queue.waitingSince()
  }

  /** What is here in numbers, for whoever helps. Looks at every page of the files, which may take seconds. */
  figures(): Figures {
    const { place } = this.#options
    return {
      ...this.#queue.figures(),
      cache: this.#fromCache((cache) => cache.figures()),
      files: place === 'memory' ? null : filesIn(place.folder),
    }
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
    if (restored) this.#queue.sendAgain(page.epoch, (entity, id) => this.#copyOf(entity, id))
    else if (isNew) this.#queue.writeMeta({ epoch: page.epoch })
    const settled = this.#queue.settle(page.receipts, this.#options.now())
    // Before the cursor, since no later page speaks of it.
    this.#pictures.forgetRemoved(page.removals)
    const siteIds = page.sites.map(({ id }) => id)
    this.#takeRights(page)
    const changed = this.#cache.store(page)
    if (!changed) return { kept: false, current: false, siteIds }
    const applied = current ? this.#queue.forgetApplied(this.#options.now()) : []
    const forgotten = this.#queue.forgetOutside(siteIds)
    const touched = new Set([...settled, ...this.#rememberSeen(page), ...applied, ...forgotten])
    this.photos.tidyPhotos()
    const siteGone = [...changed].some((id) => !siteIds.includes(id))
    this.#compact()
    // Where copies went in bulk, their row numbers may come to name others.
    const inBulk = restored || siteGone
    if (inBulk) this.#fromCache((cache) => cache.uncoverAll())
    const covered = this.#coverAgain(inBulk ? [...touched, ...this.#queue.rootIds()] : touched)
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

  /** Also what a crash, or a full disk, has kept from being done: until there is room it is tried with each page. */
  #compact() {
    ifWritable(() => {
      this.#queue.compact()
      this.#fromCache((cache) => cache.compact())
    })
  }

  #takeRights({ roles, sites }: PullPage) {
    const { profile } = this.#queue.meta()
    if (profile && JSON.stringify([profile.roles, profile.sites]) !== JSON.stringify([roles, sites]))
      this.writeMeta({ profile: { ...profile, roles, sites } })
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

  /** Remembers the copies of what is under edit; returns which interactions and visits with edits the page speaks of. */
  #rememberSeen(page: PullPage): string[] {
    const edited = this.#queue.edited()
    const roots = new Set(edited.map(({ root }) => root))
    const rootsOf = new Map(edited.map(({ entity, id, root }) => [`${entity} ${id}`, root]))
    const touched: string[] = []
    const touch = (entity: string, id: string): boolean => {
      const root = rootsOf.get(`${entity} ${id}`)
      if (root !== undefined) touched.push(root)
      // The interaction of a visit that has edits here.
      else if (entity === 'interaction' && roots.has(id)) touched.push(id)
      return root !== undefined
    }
    for (const change of page.changes)
      if (touch(change.entity, change.record.id)) this.#queue.lastSeen.remember(change as Seen)
    for (const { entity, id } of page.removals) touch(entity, id)
    return touched
  }

  /** The steps of many records as one; `seen` are the copies of these. */
  #carryOutAll(
    plans: readonly Plan[],
    named: readonly { id: string; title: string | null }[],
    seen: readonly Interaction[],
  ) {
    if (plans.length === 0) return
    const titles = new Map(named.map(({ id, title }) => [id, title]))
    const remove = plans.flatMap((plan) => plan.remove)
    const add = plans.flatMap((plan) => plan.add)
    const titlesOfAdded = add.map(({ entityId, patch }) => patch.title ?? titles.get(entityId) ?? '')
    const records = seen.map((record) => ({ entity: 'interaction' as const, record }))
    this.#queue.carryOut({ remove, outcome: 'discarded', add }, titlesOfAdded, records, this.#options.now())
    this.#coverAgain(titles.keys())
  }

  #carryOut(plan: Plan, also?: () => void) {
    const titles = plan.add.map(
      ({ entityId, patch }) => patch.title ?? this.#present(entityId)?.title ?? plan.remove[0]?.title ?? '',
    )
    const touched = new Set([...plan.remove, ...plan.add].map(({ entityId }) => entityId))
    const seen = [...touched].flatMap((id) => this.#copyOf('interaction', id) ?? [])
    this.#queue.carryOut(plan, titles, seen, this.#options.now(), also)
    this.#coverAgain(touched)
  }

  #contextOf(mutationId: string): EditContext & AmendContext {
    const entry = this.#queue.find(mutationId)
    if (!entry) throw new AppError('RESOURCE_NOT_FOUND', 'This change is not waiting any more.')
    return this.#context(entry.entityId)
  }

  #isOfVisit(mutationId: string): boolean {
    return (this.#queue.find(mutationId)?.visitId ?? null) !== null
  }

  /** What field work stands on. */
  #ground(): Ground {
    return {
      queue: this.#queue,
      pictures: this.#pictures,
      fromCache: (work) => this.#fromCache((cache) => work(cache.field)),
      newId: () => this.#options.newId(),
      now: () => this.#options.now(),
      profile: () => this.#profile(),
      isMember: (siteId) => this.#isMember(siteId),
      assertMember: (siteId) => this.#assertMember(siteId),
      carryOut: (plan, titles, seen, also) => {
        this.#queue.carryOut(plan, titles, seen, this.#options.now(), also)
        this.#coverAgain([plan.visitId!])
      },
    }
  }

  #context(entityId: string): EditContext & AmendContext {
    const user = this.#profile()
    const known = this.#known(entityId)
    const shown = this.#presentKnown(known)
    return {
      ...known,
      user,
      isUnsentVisit: shown !== null && known.record === null && known.visit !== null,
      shown: shown && user.sites.some(({ id }) => id === shown.siteId) ? shown : null,
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

  #copyOf(entity: AnyMutation['entity'], id: string): Seen | null {
    const record = this.#fromCache((cache) => {
      if (entity === 'interaction') return cache.find(id)
      return entity === 'visit' ? cache.field.visit(id) : cache.field.photo(id)
    })
    return record && ({ entity, record } as Seen)
  }

  /** What is here of a record: the copy, the edits, also of its visit, and the copy as it was last seen. */
  #known(id: string): Known {
    const family = this.#queue.family(id)
    return {
      record: this.#fromCache((cache) => cache.find(id)),
      chain: this.#queue.chain(id),
      lastSeen: this.#queue.lastSeen.find('interaction', id),
      family,
      visit: family.length > 0 ? this.#view.underEdit(id, family) : null,
    }
  }

  #present(id: string): LocalInteraction | null {
    return this.#presentKnown(this.#known(id))
  }

  #presentKnown({ record, chain, lastSeen, visit }: Known): LocalInteraction | null {
    const copy = record ?? (chain.length > 0 ? lastSeen : null)
    const userId = this.#queue.meta().profile?.id ?? ''
    const under = visit ? interactionOnTop(visit, copy) : copy
    if (!visit || under === null || chain.length === 0)
      return visit ? (under as LocalInteraction | null) : present(copy, chain, userId)
    const shown = present(under as Interaction, chain, userId)
    return shown && { ...shown, unsent: true }
  }

  /** Lays the edits of these records on top anew; returns the sites they are in. */
  #coverAgain(entityIds: Iterable<string>): Set<string> {
    const siteIds = new Set<string>()
    const rows = [...entityIds].map((id): [string, LocalInteraction | null | undefined] => {
      const known = this.#known(id)
      const shown = this.#presentKnown(known)
      for (const { siteId } of [...(shown ? [shown] : []), ...known.chain, ...known.family])
        siteIds.add(siteId)
      return [id, known.chain.length > 0 || known.visit ? shown : undefined]
    })
    this.#fromCache((cache) => cache.cover(rows))
    return siteIds
  }

  #coverAll() {
    this.#coverAgain(this.#queue.rootIds())
  }

  #place(name: 'queue' | 'cache'): Place {
    const { place } = this.#options
    return place === 'memory' ? place : { path: join(place.folder, `${name}.db`), key: place.key }
  }

  #fromCache<T>(work: (cache: Cache) => T): T {
    return this.#cache.use(work)
  }
}
