import type { SignedIn } from '#common/contract/auth'
import type { ShownNotice } from '#common/contract/notices'
import type { PullPage } from '#common/contract/sync'
import type { SyncStatus } from '#desktop/bridge/channels'
import { LiveSocket, type OpenSocket } from '../api/live-socket.ts'
import type { SignedInClient } from '../api/signed-in-client.ts'
import type { Store } from '../store/store.ts'
import { SyncEngine } from '../sync/engine.ts'
import { type Clock, Pacer, type PacerOptions } from '../sync/pacer.ts'
import { DeviceReports } from '../sync/device-reports.ts'
import { ExportReports } from '../sync/export-reports.ts'
import { type PhotoProgress, PhotoUploads } from '../sync/photo-uploads.ts'
import { PlanSync } from '../sync/plans.ts'
import { ViewSync } from '../sync/views.ts'
import { notices } from './notices.ts'

export type CycleOutcome = 'done' | 'offline' | 'later' | 'refused' | 'sign-in' | 'held' | 'fault'

export interface WorkspaceEvents {
  status(status: SyncStatus): void
  dataChanged(siteIds: string[]): void
  /** The server answered, and this is what the person may see now. */
  reached(rights: Pick<PullPage, 'roles' | 'sites'>): void
  /** The session is over; edits wait until the person signs in. */
  signInNeeded(): void
  /** A sync cycle ended, well or not. */
  settled(): void
  /** How it ended, in a word that says nothing of what was sent. */
  cycled(outcome: CycleOutcome): void
  /** The saved views of a site are others now. */
  viewsChanged(siteId: string): void
  /** The notices to be shown, now or later, are others now: all of them. */
  noticesChanged(notices: ShownNotice[]): void
  /** How a photo gets on. */
  photoChanged(progress: PhotoProgress): void
  /** Something the person has to be told; what they did is not as they left it. */
  notice(message: string): void
  /** Sync failed for a reason that lies on this device. */
  fault(error: unknown): void
}

export interface WorkspaceOptions {
  /** Origin of the server. */
  server: string
  store: Store
  client: SignedInClient
  /** Gives up the requests under way. */
  abort(): void
  openSocket: OpenSocket
  clock: Clock
  random(): number
  app: { version: string; platform: string; managed?: boolean }
  upToDateAt: string | null
  events: WorkspaceEvents
}

function wordOf(outcome: Parameters<PacerOptions['onOutcome']>[0]): CycleOutcome {
  if (outcome === null) return 'done'
  return outcome.kind === 'later' && outcome.offline ? 'offline' : outcome.kind
}

/** What runs while a person's data is open: the store, and the sync that keeps it and the server in step. */
export class Workspace {
  readonly store: Store
  readonly client: SignedInClient
  readonly views: ViewSync
  readonly exportReports: ExportReports
  readonly #uploads: PhotoUploads
  readonly #plans: PlanSync
  readonly #deviceReports: DeviceReports
  readonly #clock: Clock
  readonly #events: WorkspaceEvents
  readonly #abort: () => void
  readonly #closing = new AbortController()
  readonly #under = new Set<Promise<unknown>>()
  readonly #pacer: Pacer
  readonly #live: LiveSocket
  #status: SyncStatus
  #told = ''
  #toldNotices = ''

  constructor(options: WorkspaceOptions) {
    const { server, store, client, abort, openSocket, clock, random, app, upToDateAt, events } = options
    this.store = store
    this.client = client
    this.#clock = clock
    this.#events = events
    this.#abort = abort
    this.#status = {
      online: true,
      readOnly: false,
      waiting: 0,
      needsAttention: 0,
      reasons: 0,
      working: false,
      upToDateAt,
      firstSync: null,
    }
    this.views = new ViewSync({
      store,
      client,
      clock,
      isOnline: () => this.#status.online,
      events: {
        changed: (siteId) => events.viewsChanged(siteId),
        refused: ({ view }, { message }) => events.notice(notices.viewRefused(view?.name ?? null, message)),
        fault: (error) => events.fault(error),
      },
    })
    this.exportReports = new ExportReports({ store, client, fault: (error) => events.fault(error) })
    this.#uploads = new PhotoUploads({
      store,
      client,
      clock,
      random,
      events: {
        progress: (progress) => events.photoChanged(progress),
        changed: (siteId) => void this.#changed([siteId]),
        fault: (error) => events.fault(error),
      },
    })
    this.#plans = new PlanSync({
      store,
      client,
      clock,
      events: {
        changed: (siteIds) => void this.#changed(siteIds),
        fault: (error) => events.fault(error),
      },
    })
    this.#deviceReports = new DeviceReports({
      store,
      client,
      clock,
      app,
      fault: (error) => events.fault(error),
    })
    const engine = new SyncEngine(
      store,
      {
        push: async (body) => (await client.call('pushMutations', { body })).results,
        pull: (query) => client.call('pullChanges', { query }),
      },
      {
        busy: () => this.#tell({ working: true }),
        reached: ({ notices, ...rights }) => {
          if (!this.#status.online) this.#live.wake()
          this.#tell({ online: true })
          this.#tellNotices(notices)
          events.reached(rights)
        },
        changed: (siteIds) => void this.#changed(siteIds),
        stored: (firstSync) => this.#tell({ firstSync }),
        current: () => this.#tell({ upToDateAt: new Date(clock.now()).toISOString() }),
      },
    )
    this.#pacer = new Pacer({
      cycle: () =>
        engine.cycle().then(
          () => this.#deviceReports.ended(null),
          (error: unknown) => {
            this.#deviceReports.ended(error)
            throw error
          },
        ),
      clock,
      random,
      onOutcome: (outcome) => {
        events.cycled(wordOf(outcome))
        if (outcome === null) {
          this.views.contact()
          this.exportReports.contact()
          this.#plans.contact()
          void this.#uploads.contact()
        }
        if (outcome?.kind === 'sign-in') events.signInNeeded()
        if (outcome?.kind === 'fault') events.fault(outcome.error)
        const later = outcome?.kind === 'later' && outcome
        this.#tell({
          working: false,
          online: !(later && later.offline),
          readOnly: later && later.readOnly,
        })
        void this.#count().then(() => events.settled())
      },
    })
    this.#live = new LiveSocket({
      server,
      client,
      openSocket,
      clock,
      random,
      events: {
        up: (up) => {
          if (!up) engine.doubt()
          this.#pacer.told(up)
        },
        changed: () => this.#pacer.news(),
        signInNeeded: () => this.#pacer.wake(),
      },
    })
  }

  /** It is closed, or about to be: whoever is signed in now may be somebody else. */
  get isLeft(): boolean {
    return this.#closing.signal.aborted
  }

  get status(): SyncStatus {
    return this.#status
  }

  async start(): Promise<void> {
    await this.#count()
    // A first sync that was broken off goes on: until it ends the device never had everything.
    const { firstSync } = await this.store.progress()
    if (firstSync) this.#tell({ firstSync, upToDateAt: null })
    this.#pacer.start()
    this.#live.start()
  }

  /** Does something while the data is open. Before it is closed `signal` asks the work to end, and that is waited for. */
  during<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#closing
    if (signal.aborted) return Promise.reject(signal.reason as Error)
    const result = work(signal)
    const over = result.catch(() => {}).finally(() => this.#under.delete(over))
    this.#under.add(over)
    return result
  }

  /** Ends sync, whatever is under way; the store stays open. */
  async stop(): Promise<void> {
    this.#closing.abort()
    const stopped = this.#pacer.stop()
    this.#live.stop()
    this.#abort()
    await Promise.all([
      stopped,
      this.views.stop(),
      this.exportReports.stop(),
      this.#uploads.stop(),
      this.#plans.stop(),
      this.#deviceReports.stop(),
      ...this.#under,
    ])
  }

  /** Takes a session the person has just opened with their password. */
  resume(session: SignedIn): void {
    this.client.accept(session)
    this.#deviceReports.forget()
    if (!session.user.mustChangePassword) this.release()
  }

  /** Nothing is sent or fetched by itself until `release`; the queue stays. */
  hold(): void {
    this.#pacer.hold()
    this.#live.hold()
  }

  release(): void {
    this.#pacer.resume()
    this.#live.resume()
  }

  /** There is reason to try at once. With `insist` even when the server asked for a pause. */
  wake(options?: { insist: boolean }): void {
    if (options?.insist) this.#uploads.wake()
    this.#pacer.wake(options)
    this.#live.wake()
  }

  /** Resolves after that many milliseconds. */
  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(milliseconds, resolve))
  }

  /** The network came back, or the machine woke up: what was open may be dead. */
  revive(): void {
    this.#uploads.wake()
    this.#pacer.wake()
    this.#live.wake({ doubt: true })
  }

  /** The person changed the queue: what they see is told anew, and sync tries at once. */
  async edited(siteId: string | null): Promise<void> {
    await this.#changed(siteId === null ? [] : [siteId])
    this.#pacer.wake()
  }

  async #changed(siteIds: readonly string[]) {
    if (siteIds.length > 0) this.#events.dataChanged([...siteIds])
    await this.#count()
  }

  async #count() {
    // A store that cannot answer shows in whatever is done next; the numbers may be late.
    const counts = await this.store.counts().catch(() => null)
    if (counts) this.#tell(counts)
  }

  #tellNotices(notices: ShownNotice[]) {
    const text = JSON.stringify(notices)
    if (text !== this.#toldNotices) this.#events.noticesChanged(notices)
    this.#toldNotices = text
  }

  #tell(changes: Partial<SyncStatus>) {
    this.#status = { ...this.#status, ...changes }
    const text = JSON.stringify(this.#status)
    if (text !== this.#told) this.#events.status(this.#status)
    this.#told = text
  }
}
