import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '#common/contract/errors'
import type { InteractionFields } from '#common/contract/interactions'
import { type Mutation, schemaVersion, type SentMutation } from '#common/contract/sync'
import { fieldsOf } from '#common/rules/interaction-rules'
import type { EntryState, Plan } from '#desktop/main/outbox/entry'
import type { Account } from '#desktop/main/session/account'
import type { Cache } from '#desktop/main/store/cache'
import type { Statement } from 'better-sqlite3-multiple-ciphers'
import type { Connection } from '#desktop/main/store/database'
import { StorageError } from '#desktop/main/store/failures'
import { LocalStore } from '#desktop/main/store/local-store'
import { callMethod, type Store, storeFrom } from '#desktop/main/store/store'
import { SyncEngine, type SyncEvents, type SyncServer } from '#desktop/main/sync/engine'
import { type Clock, Pacer } from '#desktop/main/sync/pacer'
import { Crash } from '#desktop/main/test/crashes'
import type { Traveller } from './faults.ts'
import type { History } from './history.ts'
import { Violation } from './violation.ts'

const never = <T>() => new Promise<T>(() => {})

interface OutboxRow {
  id: string
  entityId: string
  state: EntryState
  mutation: string
  title: string
}

/** What a person has open in the form: a record as it was when they opened it. */
export interface Form {
  id: string
  siteId: string
  opened: InteractionFields
}

/** A person's place on a computer: the real store, engine and pacer, in a process that can end at any moment. */
export class SimulatedDevice implements Traveller {
  readonly name: string
  readonly account: Account
  readonly connections: Set<Connection> = new Set()
  userId: string
  cache: Cache | null = null
  /** What the person's last act did to the queue. */
  lastPlan: Plan | null = null
  local: LocalStore | null = null
  isOpen = false
  weather = 0
  expired = false
  mustSignIn = false
  /** The shape the app here writes its edits in. */
  shape: 'old' | 'current' | 'newer' = 'current'
  form: Form | null = null
  /** Sites the last stored page named. */
  sitesTold: readonly string[] | null = null
  /** Removals stored since the copies were last begun anew. */
  readonly gone = new Set<string>()
  /** Those of before that, which a restored server may have again; until everything is here. */
  readonly mayComeBack = new Set<string>()
  /** Which life of the server's database the copies are of. */
  epoch = ''
  /** Sites that were taken away once, whatever has become of them. */
  readonly lostSites = new Set<string>()
  /** Records of which edits of another device were taken in. */
  readonly broughtIn = new Set<string>()
  /** Until all of them are back. */
  hasLostCopies = false
  /** How often the device had everything the server had. */
  timesCurrent = 0
  deviceId = ''
  readonly #history: History
  readonly #crashed: LocalStore[] = []
  #pacer: Pacer | null = null
  /** Number of the process: what an earlier one left under way comes to nothing. */
  #life = 0
  #skew = 0
  #planned: Plan | null = null
  #seconds = 0
  #outbox: Statement<[], OutboxRow> | null = null

  constructor(history: History, name: string, account: Account, userId: string) {
    this.#history = history
    this.name = name
    this.account = account
    this.userId = userId
  }

  get isOnDisk() {
    return this.account.keepsData
  }

  get canCrash() {
    return this.isOnDisk
  }

  get now() {
    return this.#history.clock.now() + this.#skew
  }

  /** The app starts with its owner signed in. */
  open() {
    if (this.isOpen) return
    this.#life++
    const place = this.account.place(true)!
    if (!this.local || place !== 'memory') {
      this.connections.clear()
      this.#outbox = null
      this.cache = null
      this.local = this.#work(
        () =>
          new LocalStore({
            place,
            newId: () => this.#history.newId(),
            now: () => this.#deviceTime(),
          }),
      )
    }
    this.isOpen = true
    this.#takeProfile()
    this.deviceId = this.local.meta().deviceId
    this.#reconcile()
    this.#pacer = this.#newPacer(this.local)
    this.#pacer.start()
  }

  /** The app is closed, or its user leaves; nothing it had asked for is waited for. */
  close() {
    if (!this.isOpen) return
    this.isOpen = false
    this.#life++
    if (!this.isOnDisk) return
    this.local!.close()
    this.local = null
  }

  /** The process ends, and nobody closes anything. */
  die() {
    if (!this.isOpen) return
    this.isOpen = false
    this.#life++
    this.#crashed.push(this.local!)
    this.local = null
  }

  /** Everything this device has ever opened. */
  dispose() {
    this.#life++
    for (const store of [...this.#crashed, ...(this.local ? [this.local] : [])]) store.close()
  }

  /** The session is over, until its owner signs in. */
  expire() {
    this.expired = true
  }

  signInAgain() {
    this.expired = false
    this.mustSignIn = false
    if (!this.isOpen) return
    this.#takeProfile()
    this.#pacer!.resume()
  }

  setClock(milliseconds: number) {
    this.#skew += milliseconds
  }

  wake() {
    if (this.isOpen) this.#pacer!.wake()
  }

  /** Lets the person do something with the store, and says whether it was done. */
  person(act: (local: LocalStore) => void): boolean {
    if (!this.isOpen) return false
    try {
      this.#work(() => {
        this.lastPlan = null
        act(this.local!)
        this.#history.invariants.staysOnScreen(this)
      })
      return true
    } catch (error) {
      if (error instanceof Crash) this.crashed()
      else if (!(error instanceof AppError) && !(error instanceof StorageError)) throw error
      return false
    } finally {
      this.wake()
    }
  }

  crashed() {
    this.#history.faults.count('crash at a statement of the store')
    this.die()
  }

  /** What a person edits: what is on screen, or what they opened some time ago. */
  edit({ id, siteId, opened }: Form, changes: Partial<InteractionFields>) {
    this.person((local) => {
      local.save({ id, siteId, opened, fields: { ...opened, ...changes } })
      const made = this.lastPlan
      if (made?.remove.length === 0 && made.add[0]?.op === 'update')
        this.#history.invariants.saysWhatWasSeen(made.add[0], opened, changes)
      const before: Record<string, unknown> = opened
      const differing = Object.entries(changes).filter(([field, value]) => value !== before[field])
      this.#history.invariants.shownAsSaved(this, id, Object.fromEntries(differing))
    })
  }

  /** Ruins the copies, as a failing disk or a tidy person does. */
  ruinCopies(how: 'deleted' | 'damaged') {
    const place = this.account.place(false)
    if (!place || place === 'memory') return
    this.hasLostCopies = true
    const path = join(place.folder, 'cache.db')
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
    if (how === 'deleted') rmSync(path, { force: true })
    else writeFileSync(path, Buffer.alloc(8192, 0x5a))
  }

  /** Where each edit in the outbox stands, by id; read past the store. */
  outbox(): Map<string, OutboxRow> {
    const has = (connection: Connection) =>
      connection.open &&
      connection.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'outbox'`).get() !== undefined
    this.#outbox ??=
      [...this.connections]
        .find(has)
        ?.prepare<[], OutboxRow>(
          'SELECT mutation_id AS id, entity_id AS entityId, state, mutation, title FROM outbox',
        ) ?? null
    const rows = this.#outbox?.all() ?? []
    return new Map(rows.map((row) => [row.id, row]))
  }

  /** Mutations as the version of the app here writes them down. */
  asWritten(mutations: readonly Mutation[]): readonly Mutation[] {
    if (this.shape === 'current') return mutations
    if (this.shape === 'newer')
      return mutations.map((mutation) => ({
        ...mutation,
        schemaVersion: (schemaVersion + 97) as typeof schemaVersion,
        mood: 'good',
      }))
    return mutations.map(({ seen: _, resolves: __, ...mutation }) => ({
      ...(mutation as Mutation),
      schemaVersion: 1 as typeof schemaVersion,
    }))
  }

  begin(plan: Plan) {
    this.#planned = plan
  }

  carriedOut(plan: Plan) {
    const { add, remove } = plan
    this.#planned = null
    this.lastPlan = plan
    const { ledger, note } = this.#history
    note(
      `${this.name} saved ${JSON.stringify(add)}, removed ${remove.map(({ mutationId }) => mutationId).join()}`,
    )
    for (const mutation of add) ledger.add(mutation, this, this.shape === 'newer')
    for (const { mutationId } of remove) ledger.remove(mutationId, this)
  }

  /** After a crash in the middle of a save: it is there as a whole, or not at all. */
  #reconcile() {
    const plan = this.#planned
    this.#planned = null
    if (!plan) return
    const here = new Set(this.local!.queueItems().map(({ mutationId }) => mutationId))
    const added = plan.add.filter(({ mutationId }) => here.has(mutationId))
    const removed = plan.remove.filter(({ mutationId }) => !here.has(mutationId))
    const isWhole = added.length === plan.add.length && removed.length === plan.remove.length
    const isNothing = added.length === 0 && removed.length === 0
    if (!isWhole && !isNothing) throw new Violation(1, 'a crash has cut a plan in two')
    if (isWhole) this.carriedOut(plan)
  }

  #takeProfile() {
    const user = this.#history.model.users.get(this.userId)!
    this.local!.writeMeta({ profile: user })
  }

  #deviceTime() {
    return new Date(this.now + ++this.#seconds).toISOString()
  }

  #work<T>(work: () => T): T {
    return this.#history.instruments.watch(this, work)
  }

  #newPacer(local: LocalStore): Pacer {
    const life = this.#life
    const { clock: base, random } = this.#history
    const engine = new SyncEngine(this.#newStore(local, life), this.#newServer(life), this.#newEvents())
    const clock: Clock = {
      now: () => this.now,
      after: (milliseconds, work) =>
        base.after(milliseconds, () => {
          if (life === this.#life) work()
        }),
    }
    return new Pacer({
      cycle: () => engine.cycle(),
      clock,
      random: () => random.next(),
      onOutcome: (outcome) => {
        if (outcome?.kind === 'sign-in') this.mustSignIn = true
        if (outcome?.kind === 'fault') this.#history.fault(this, outcome.error)
      },
    })
  }

  #newEvents(): SyncEvents {
    return {
      busy: () => {},
      reached: () => {},
      changed: () => {},
      stored: () => {},
      current: () => {
        this.timesCurrent++
      },
    }
  }

  /** The store, across to another process: each call is a turn of its own, and may be late. */
  #newStore(local: LocalStore, life: number): Store {
    const { random, clock, faults, invariants, note } = this.#history
    return storeFrom(async (name, args) => {
      await Promise.resolve()
      if (this.weather > 0 && random.chance(0.02)) {
        faults.count('storage slow')
        await new Promise<void>((resolve) => clock.after(1 + random.below(1500), resolve))
      }
      if (life !== this.#life) return never()
      try {
        const result = this.#work(() => callMethod(local, name, args))
        if (['takeBatch', 'settle', 'storePage', 'dropCopies'].includes(name))
          note(`${this.name} ${name} ${JSON.stringify([args, result])}`)
        this.#work(() => invariants.afterStep(this, name, args, result))
        return result
      } catch (error) {
        if (!(error instanceof Crash)) throw error
        this.crashed()
        return never()
      }
    })
  }

  #newServer(life: number): SyncServer {
    const { road, model, invariants } = this.#history
    const here = <T>(answer: T) => (life === this.#life ? answer : never<T>())
    let isInRun = false
    const token = () => this.#history.userOf(this.account.tokens.refreshToken())
    return {
      push: async ({ deviceId, mutations }) => {
        const sent = structuredClone<readonly SentMutation[]>(mutations)
        const userId = token()
        const act = (trouble = {}) => {
          invariants.travelled(userId, sent)
          return model.push(userId, deviceId, sent, trouble)
        }
        return here(await road.travel(this, { kind: 'push', size: sent.length, isInRun: false, act }))
      },
      pull: async ({ deviceId, cursor, limit }) => {
        const userId = token()
        const act = () => model.pull(userId, deviceId, cursor, limit)
        const page = await road.travel(this, { kind: 'pull', size: 0, isInRun, act })
        isInRun = page.hasMore
        return here(page)
      },
    }
  }
}

/** What a person opens in the form. */
export function formOf(device: SimulatedDevice, id: string): Form | null {
  const shown = device.local?.read(id)
  return shown ? { id, siteId: shown.siteId, opened: fieldsOf(shown) } : null
}
