import { v7 as uuidv7 } from 'uuid'
import type { InteractionFields } from '#common/contract/interactions'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { NetworkError } from '../api/failures.ts'
import { fieldsOf } from '#common/rules/interaction-rules'
import { LocalStore, type StoreOptions } from '../store/local-store.ts'
import { callMethod, type Store, storeFrom } from '../store/store.ts'
import { SyncEngine, type SyncEvents, type SyncServer } from '../sync/engine.ts'
import type { ServerModel } from './server-model.ts'

export const siteA = '0192f000-0000-7000-8000-00000000000a'
export const siteB = '0192f000-0000-7000-8000-00000000000b'
export const alice = '0192f000-0000-7000-8000-0000000000a1'
export const bob = '0192f000-0000-7000-8000-0000000000b0'

export const filled: InteractionFields = {
  title: 'Kick-off',
  type: 'Meeting',
  lead: 'Ada',
  startDateTime: '2026-03-01T09:00:00.000Z',
  endDateTime: '2026-03-01T10:00:00.000Z',
  timezone: 'Europe/Berlin',
  location: 'Hall 1',
  description: '',
  notes: '',
  status: 'complete',
}

/** Async, in this process: every call is a turn of its own, as it is across processes. */
export const inProcess = (store: LocalStore): Store =>
  storeFrom((name, args) => Promise.resolve().then(() => callMethod(store, name, args)))

export interface Network {
  /** Wraps each request; the default passes it on. */
  send<T>(kind: 'push' | 'pull', request: () => T): T
}

export const offline: Network = {
  send: () => {
    throw new NetworkError('unreachable', 'the server')
  },
}
export const online: Network = { send: (_, request) => request() }

/** One user's device: a real store, a real engine and a model of the server, with a network in between. */
export class Device {
  readonly model: ServerModel
  readonly userId: string
  readonly options: StoreOptions
  network: Network = online
  local: LocalStore
  engine: SyncEngine
  readonly changedSites: string[] = []
  readonly #crashed: LocalStore[] = []
  #seconds = 0

  constructor(model: ServerModel, userId: string, options: Partial<StoreOptions> = {}) {
    this.model = model
    this.userId = userId
    const now = () => new Date(Date.parse('2026-02-01T00:00:00Z') + ++this.#seconds * 1000).toISOString()
    this.options = { place: 'memory', newId: uuidv7, now, ...options }
    this.local = new LocalStore(this.options)
    this.engine = this.#newEngine()
    if (!this.local.meta().profile) this.local.writeMeta({ profile: model.users.get(userId)! })
  }

  /** As after a crash: nothing but the files is left, and nobody has closed them. */
  restart() {
    this.#crashed.push(this.local)
    this.local = new LocalStore(this.options)
    this.engine = this.#newEngine()
  }

  close() {
    for (const store of [...this.#crashed, this.local]) store.close()
  }

  get deviceId() {
    return this.local.meta().deviceId
  }

  /** What the Finder shows of a site, by id. */
  seen(siteId = siteA): Map<string, LocalInteraction> {
    const rows: LocalInteraction[] = []
    for (;;) {
      const page = this.local.page({ siteId, filter: {}, sort: [], offset: rows.length, limit: 500 })
      rows.push(...page.rows)
      if (page.rows.length < 500) return new Map(rows.map((row) => [row.id, row]))
    }
  }

  add(fields: Partial<InteractionFields> = {}, siteId = siteA): LocalInteraction {
    return this.local.save({ siteId, opened: null, fields: { ...filled, ...fields } })
  }

  /** Edits what is on screen. */
  edit(id: string, changes: Partial<InteractionFields>): LocalInteraction {
    const shown = this.local.read(id)!
    const opened = fieldsOf(shown)
    return this.local.save({ id, siteId: shown.siteId, opened, fields: { ...opened, ...changes } })
  }

  sync(): Promise<void> {
    return this.engine.cycle()
  }

  #newEngine(): SyncEngine {
    const server: SyncServer = {
      push: async ({ deviceId, mutations }) =>
        this.network.send('push', () => this.model.push(this.userId, deviceId, mutations)),
      pull: async ({ deviceId, cursor, limit }) =>
        this.network.send('pull', () => this.model.pull(this.userId, deviceId, cursor, limit)),
    }
    const events: SyncEvents = {
      busy: () => {},
      reached: () => {},
      changed: (siteIds) => this.changedSites.push(...siteIds),
      stored: () => {},
      current: () => {},
    }
    return new SyncEngine(inProcess(this.local), server, events)
  }
}
