import type { View } from '#common/contract/views'
import type { Request } from '#desktop/bridge/channels'
import { ServerError } from '../api/failures.ts'
import type { SignedInClient } from '../api/signed-in-client.ts'
import type { ViewChange } from '../store/saved-views.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from './pacer.ts'
import { judge } from './verdict.ts'

export interface ViewSyncOptions {
  store: Store
  client: SignedInClient
  clock: Clock
  isOnline(): boolean
  events: {
    /** The views of a site are others now. */
    changed(siteId: string): void
    /** The server does not take a change; the view is as the server has it again. */
    refused(change: ViewChange, error: ServerError): void
    /** It failed for a reason that lies on this device. */
    fault(error: unknown): void
  }
}

const askAgainAfter = 30_000

/**
 * Keeps saved views and the server in step: what is shown is the mirror on this device, which is asked for anew now
 * and then while it is in use, and what is changed there is sent as soon as that can be. The last writer wins.
 */
export class ViewSync {
  readonly #options: ViewSyncOptions
  readonly #askedAt = new Map<string, number>()
  #later: (() => void) | null = null
  #turn: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: ViewSyncOptions) {
    this.#options = options
  }

  /** Answers at once; what the server knows beyond that is told as it comes. */
  async list(siteId: string): Promise<View[]> {
    const views = await this.#options.store.views(siteId)
    if (!this.#askedAt.has(siteId)) this.#askedAt.set(siteId, -Infinity)
    if (this.#options.isOnline()) this.#askAgain(siteId)
    return views
  }

  async save(request: Request<'views.save'>): Promise<View> {
    const view = await this.#options.store.saveView(request)
    this.#edited(request.siteId)
    return view
  }

  async delete({ id, siteId }: Request<'views.delete'>): Promise<void> {
    await this.#options.store.deleteView(id, siteId)
    this.#edited(siteId)
  }

  /** The server answers, so what waits is sent, and what is in use here is asked for anew. */
  contact(): void {
    this.#inTurn(() => this.#send())
    for (const siteId of this.#askedAt.keys()) this.#askAgain(siteId)
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#later?.()
    await this.#turn
  }

  #edited(siteId: string) {
    this.#options.events.changed(siteId)
    if (this.#options.isOnline()) this.#inTurn(() => this.#send())
  }

  /** At once, or, where that has just been done, once a while has passed: what happened since must not be missed. */
  #askAgain(siteId: string) {
    const { clock } = this.#options
    const now = clock.now()
    if (Math.abs(now - this.#askedAt.get(siteId)!) < askAgainAfter) {
      this.#later ??= clock.after(askAgainAfter, () => {
        this.#later = null
        if (!this.#stopped) for (const site of this.#askedAt.keys()) this.#askAgain(site)
      })
      return
    }
    this.#askedAt.set(siteId, now)
    this.#inTurn(() => this.#ask(siteId))
  }

  /** What cannot be done without the server is done at the next contact. */
  #inTurn(work: () => Promise<void>) {
    this.#turn = this.#turn
      .then(() => (this.#stopped ? undefined : work()))
      .catch((error: unknown) => {
        if (judge(error) === null) this.#options.events.fault(error)
      })
  }

  async #send() {
    const { store, events } = this.#options
    for (const change of await store.viewChanges()) {
      try {
        await store.settleView(change, await this.#tell(change))
      } catch (error) {
        const isFinal = error instanceof ServerError && [400, 403, 404, 409].includes(error.status)
        if (!isFinal) throw error
        await store.settleView(change, null)
        events.changed(change.siteId)
        // What is not there need not be deleted.
        if (change.view === null && error.status === 404) continue
        events.refused(change, error)
        await this.#ask(change.siteId)
      }
    }
  }

  async #tell({ id, siteId, view }: ViewChange): Promise<View | null> {
    const { client } = this.#options
    const target = { params: { id }, headers: { 'x-site-id': siteId } }
    if (view === null) {
      await client.call('deleteView', target)
      return null
    }
    const { name, shared, filter, sort, columns } = view
    const body = { name, shared, filter, sort, columns }
    return (await client.call('saveView', { ...target, body })).view
  }

  async #ask(siteId: string) {
    const { store, client, events } = this.#options
    const answer = await client
      .call('listViews', { headers: { 'x-site-id': siteId } })
      .catch((error: unknown) => {
        if (!(error instanceof ServerError && [403, 404].includes(error.status))) throw error
        // It is not theirs any more; should it come back, they will look at it again.
        this.#askedAt.delete(siteId)
        return null
      })
    if (answer && (await store.takeViews(siteId, answer.views))) events.changed(siteId)
  }
}
