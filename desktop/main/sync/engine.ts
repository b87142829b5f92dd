import { type MutationResult, maxBatch, type PullPage } from '#common/contract/sync'
import type { Batch } from '../store/queue.ts'
import type { Store } from '../store/store.ts'
import { judge } from './verdict.ts'

/** The server, as far as sync speaks to it; fails as the API client does. */
export interface SyncServer {
  push(batch: Batch): Promise<MutationResult[]>
  pull(query: { deviceId: string; cursor?: string; limit: number }): Promise<PullPage>
}

/** What the engine tells while it works. */
export interface SyncEvents {
  /** There is something to send, or more than one page to fetch. */
  busy(): void
  /** The server took our word for who we are, this is what the person may see now, and what they are to be told. */
  reached(said: Pick<PullPage, 'roles' | 'sites' | 'notices'>): void
  /** Records of these sites look different now. */
  changed(siteIds: readonly string[]): void
  /** A page is stored; while a first sync goes on, how far it is. */
  stored(firstSync: { stored: number; remaining: number } | null): void
  /** The device has everything the server had a moment ago. */
  current(): void
}

/** Well under the server's 1 MiB; the longest edit is half of it. */
const maxBytes = 512 * 1024
const maxPage = 1000
const minPage = 50

/**
 * One device's conversation with the server (SYNC.md). `cycle` sends what waits, oldest first, then fetches what is
 * new; it may fail or be cut off at any point and is simply run again. Never two cycles at a time: what is known of
 * an answer's age rests on that.
 */
export class SyncEngine {
  readonly #store: Store
  readonly #server: SyncServer
  readonly #events: SyncEvents
  #batchSize = maxBatch
  /** What failed was larger; it stands until everything has been sent. */
  #largestBatch = maxBatch
  #pageSize = maxPage
  /** Edits that made a request fail when they were sent alone: each cycle tries them last. */
  readonly #suspects = new Set<string>()
  /** What this cycle has tried, or puts off to its end. */
  #aside = new Set<string>()
  /** The last cycle put suspects off and did not get to them. */
  #suspectsMissed = false
  #inDoubt = false
  /** What the server, which reads for now, said in this cycle when it was sent something. */
  #sendsLater: Error | null = null

  constructor(store: Store, server: SyncServer, events: SyncEvents) {
    this.#store = store
    this.#server = server
    this.#events = events
  }

  /** The server may be out of reach. */
  doubt(): void {
    this.#inDoubt = true
  }

  async cycle(): Promise<void> {
    this.#sendsLater = null
    try {
      // What is handed out counts as sent and cannot be taken back, so whether anybody is there is found out first.
      if (this.#inDoubt && (await this.#store.counts()).waiting > 0) await this.#pull()
      this.#inDoubt = false
      await this.#exchange()
    } catch (error) {
      const verdict = judge(error)
      this.#inDoubt = verdict?.kind === 'later' && verdict.offline
      throw error
    }
  }

  async #exchange() {
    const suspects = this.#suspectsMissed ? [] : [...this.#suspects]
    this.#suspectsMissed = suspects.length > 0
    this.#aside = new Set(suspects)
    await this.#push()
    await this.#pull()
    if (suspects.length > 0 && !this.#sendsLater) await this.#trySuspects(suspects)
    if (this.#sendsLater) throw this.#sendsLater
    this.#suspectsMissed = false
    this.#largestBatch = maxBatch
  }

  /** Everything else is done, so their failing is no reason to call the server out of reach. */
  async #trySuspects(suspects: readonly string[]) {
    this.#suspects.clear()
    for (const mutationId of suspects) this.#aside.delete(mutationId)
    await this.#push().catch((error: unknown) => {
      if (judge(error)?.kind !== 'later') throw error
    })
  }

  async #push() {
    while (!this.#sendsLater) {
      const batch = await this.#store.takeBatch(this.#batchSize, maxBytes, [...this.#aside])
      if (batch.mutations.length === 0) return
      this.#events.busy()
      const results = await this.#send(batch)
      if (!results) continue
      const { left, siteIds } = await this.#store.settle(results)
      this.#events.changed(siteIds)
      for (const mutationId of left) this.#aside.add(mutationId)
      const answered = new Set(results.map(({ mutationId }) => mutationId))
      if (batch.mutations.some(({ mutationId }) => !answered.has(mutationId)))
        throw new Error('The server left edits of a batch unanswered')
    }
  }

  /**
   * Null when the batch has to be cut smaller, so that one edit the server cannot take does not stop the others, and when
   * the server only reads: what it has is fetched all the same, and the cycle fails when that is done.
   */
  async #send(batch: Batch): Promise<MutationResult[] | null> {
    const [first, ...others] = batch.mutations
    try {
      const results = await this.#server.push(batch)
      this.#batchSize = Math.min(this.#largestBatch, this.#batchSize * 2)
      return results
    } catch (error) {
      const verdict = judge(error)
      if (verdict?.kind === 'later' && verdict.readOnly) {
        this.#sendsLater = error as Error
        return null
      }
      if (verdict?.kind === 'refused' && others.length === 0) {
        const { code, message, details } = verdict.error
        return [
          {
            mutationId: first!.mutationId,
            status: 'rejected',
            problem: { code, message, ...(details && { details }) },
          },
        ]
      }
      const smaller = Math.max(1, Math.floor(batch.mutations.length / 2))
      if (verdict?.kind === 'refused') {
        this.#batchSize = smaller
        return null
      }
      if (verdict?.kind === 'later' && verdict.smaller) {
        this.#batchSize = this.#largestBatch = smaller
        if (others.length > 0 && verdict.tooLarge) return null
        if (others.length === 0) this.#suspect(first!.mutationId)
      }
      throw error
    }
  }

  /** What failed is found, so that there is no reason left to send less at a time. */
  #suspect(mutationId: string) {
    this.#suspects.add(mutationId)
    this.#largestBatch = maxBatch
  }

  /** Fetches pages until the copies are current; what is saved meanwhile is sent between them. */
  async #pull() {
    for (let strays = 0, current = false; !current;) {
      const { cursor } = await this.#store.progress()
      const page = await this.#fetch(cursor)
      if (!page) continue
      if (page.hasMore) this.#events.busy()
      const stored = await this.#store.storePage(page, cursor)
      if (!stored.kept && ++strays > 3) throw new Error('The local copy keeps changing under the sync')
      current = stored.current
      this.#events.reached(page)
      this.#events.changed(stored.siteIds)
      this.#events.stored((await this.#store.progress()).firstSync)
      if (!current) await this.#push()
    }
    while (await this.#store.buildIndex());
    this.#events.current()
  }

  /** Null when the server does not know the cursor: the copies were dropped, to be fetched again. */
  async #fetch(cursor: string | null): Promise<PullPage | null> {
    const { deviceId } = await this.#store.meta()
    try {
      const page = await this.#server.pull({
        deviceId,
        ...(cursor !== null && { cursor }),
        limit: this.#pageSize,
      })
      this.#pageSize = Math.min(maxPage, this.#pageSize * 2)
      return page
    } catch (error) {
      const verdict = judge(error)
      const badCursor =
        verdict?.kind === 'refused' && verdict.error.details?.some(({ field }) => field === 'cursor')
      if (badCursor && cursor !== null) {
        await this.#store.dropCopies()
        return null
      }
      if (verdict?.kind === 'later' && verdict.smaller)
        this.#pageSize = Math.max(minPage, Math.floor(this.#pageSize / 2))
      throw error
    }
  }
}
