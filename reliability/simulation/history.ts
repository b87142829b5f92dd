import { mkdtempSync, existsSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InteractionFields } from '#common/contract/interactions'
import type { SiteRole } from '#common/contract/sites'
import { fieldsOf } from '#common/rules/interaction-rules'
import type { FieldItem, QueueItem } from '#desktop/bridge/channels'
import { accountId, openAccount } from '#desktop/main/session/account'
import { StorageError } from '#desktop/main/store/failures'
import { diskFull } from '#desktop/main/test/crashes'
import { filled } from '#desktop/main/test/device'
import { TestKeychain } from '#desktop/main/test/keychain'
import { ManualClock } from '#desktop/main/test/manual-clock'
import { Random } from '#desktop/main/test/random'
import { type Backup, ServerModel } from '#desktop/main/test/server-model'
import { formOf, SimulatedDevice } from './device.ts'
import { type FaultKind, Faults, Road } from './faults.ts'
import type { Instruments } from './instruments.ts'
import { Invariants } from './invariants.ts'
import { Ledger } from './ledger.ts'
import { Violation } from './violation.ts'

const server = 'http://server.example'
const year = 365 * 86_400_000
const steps = 70
/** How likely a request is to meet with something. */
const weathers = [0.1, 0.4, 0.7, 0.95]
/** Long enough for every answer that is under way and the longest back-off. */
const patience = 10 * 60_000
/** Where files are as fast as memory, if the system has such a place. */
const files = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

const idOf = (number: number) => `0192f000-0000-7000-8000-${String(number).padStart(12, '0')}`
const people = { alice: idOf(901), bob: idOf(902), carol: idOf(903) }
/** Somebody who works in a browser. */
const dora = idOf(904)
const sites = [idOf(911), idOf(912), idOf(913)]

/** Histories of these seeds are on disk, where a process can end in the middle of a step. */
export const everyOnDisk = 8

interface Computer {
  name: string
  folder: string | null
  keychain: TestKeychain
  /** Those who use it. */
  users: string[]
  accounts: Map<string, SimulatedDevice>
}

/** One whole history: devices, people, sites and a server, and everything that happens to them. The seed says it all. */
export class History {
  readonly seed: number
  readonly random: Random
  readonly clock = new ManualClock()
  readonly faults = new Faults()
  readonly model = new ServerModel()
  readonly ledger = new Ledger()
  readonly invariants = new Invariants(this)
  readonly instruments: Instruments
  readonly road: Road
  readonly devices: SimulatedDevice[] = []
  readonly siteIds: readonly string[]
  wasRestored = false
  step = 0
  #violation: Violation | null = null
  readonly #computers: Computer[]
  readonly #backups: Backup[] = []
  readonly #folder: string | null
  readonly #tokens = new Map<string, string>()
  #ids = 0

  /** Told what happens, for whoever has to find out why. */
  readonly note: (line: string) => void

  constructor(seed: number, instruments: Instruments, note: (line: string) => void = () => {}) {
    this.note = note
    this.seed = seed
    this.instruments = instruments
    this.random = new Random(seed)
    const { random, model } = this
    this.road = new Road(random, this.clock, this.faults)
    this.#folder = seed % everyOnDisk === 0 ? mkdtempSync(join(files, 'fieldbook-history-')) : null
    this.siteIds = sites.slice(0, 2 + random.below(2))
    if (random.chance(0.1)) this.road.maxBatch = 1 + random.below(3)
    model.maxPage = random.pick([2, 5, 20, 1000])!
    model.poison = ({ patch }) => patch.notes?.includes('poison') ?? false
    model.onEffect = (...effect) => this.invariants.onEffect(...effect)
    for (const [index, name] of ['Meeting', 'Call', 'Visit'].entries())
      model.putType({ id: idOf(921 + index), name, position: index })
    for (const [name, id] of Object.entries(people)) {
      model.addUser(id, this.#someRoles())
      model.putPerson({ id, displayName: name })
    }
    for (let n = 3 + random.below(6); n > 0; n--) this.#othersAdd(random.pick(this.siteIds)!)
    this.#backups.push(model.backup())
    this.#computers = this.#setUpComputers()
    for (const computer of this.#computers) this.#signIn(computer, computer.users[0]!)
  }

  /** Lives through it and checks the promises; throws the first Violation. */
  async run(): Promise<void> {
    try {
      for (this.step = 1; this.step <= steps; this.step++) {
        this.#takeStep()
        await this.clock.pass(this.random.chance(0.4) ? 0 : this.random.below(6000))
        this.instruments.crashes.disarm()
        this.#assertWhole()
      }
      await this.#heal()
      this.invariants.atRest()
    } finally {
      this.instruments.crashes.disarm()
      for (const device of this.devices) device.dispose()
      if (this.#folder) rmSync(this.#folder, { recursive: true, force: true })
    }
  }

  newId() {
    return idOf(10_000 + ++this.#ids)
  }

  userOf(token: string | null): string {
    return token!
  }

  siteOfToken(token: string): string {
    return this.#tokens.get(token) ?? ''
  }

  /** Keeps the first, wherever it is noticed. */
  broken(violation: Violation): Violation {
    return (this.#violation ??= violation)
  }

  /** A sync cycle ended with an error that is neither the network's nor the server's. */
  fault(device: SimulatedDevice, error: unknown) {
    if (error instanceof Violation || error instanceof StorageError) return
    this.broken(
      new Violation(8, `sync of ${device.name} failed by itself: ${String((error as Error).stack)}`),
    )
  }

  #assertWhole() {
    if (this.#violation) throw this.#violation
  }

  #setUpComputers(): Computer[] {
    const { random } = this
    const { alice, bob, carol } = people
    const sharing = random.chance(0.35)
    const users = [sharing ? [alice, bob] : [alice], [random.chance(0.6) ? alice : bob], [bob], [carol]]
    return users.slice(0, 2 + random.below(sharing ? 2 : 3)).map((users, index) => {
      const name = `computer ${index + 1}`
      const keychain = new TestKeychain()
      keychain.available = this.#folder !== null
      return {
        name,
        folder: this.#folder && join(this.#folder, name),
        keychain,
        users,
        accounts: new Map<string, SimulatedDevice>(),
      }
    })
  }

  #signIn({ name, folder, keychain, accounts }: Computer, userId: string) {
    for (const device of accounts.values()) device.close()
    const id = accountId(server, userId)
    let device = accounts.get(id)
    if (!device) {
      const account = openAccount(folder ?? name, id, keychain)
      device = new SimulatedDevice(this, `${name} of ${nameOf(userId)}`, account, userId)
      if (this.random.chance(0.15)) device.shape = 'old'
      accounts.set(id, device)
      this.devices.push(device)
    }
    device.userId = userId
    device.weather = this.random.pick(weathers)!
    device.account.tokens.keep(userId)
    device.expired = false
    device.open()
  }

  #takeStep() {
    const { random } = this
    const computer = random.pick(this.#computers)!
    const device = [...computer.accounts.values()].find(({ isOpen }) => isOpen)
    if (!device) return this.#start(computer)
    let dice = random.below(total)
    for (const [weight, act] of acts)
      if ((dice -= weight) < 0) {
        this.note(`step ${this.step}: ${String(act).replace(/.*\.(\w+)\(.*/, '$1')} at ${device.name}`)
        return act(this, device, computer)
      }
  }

  /** After a crash, or when nobody had started it yet. */
  #start(computer: Computer) {
    const last = [...computer.accounts.values()].at(-1)!
    if (this.random.chance(0.2) && last.isOnDisk) {
      this.faults.count('copies damaged or deleted')
      last.ruinCopies(this.random.chance(0.5) ? 'deleted' : 'damaged')
    }
    last.open()
  }

  // What people do, and what happens to them.

  add(device: SimulatedDevice) {
    const site = this.#siteOf(device)
    if (!site) return
    const isPoisoned = this.random.chance(0.06)
    if (isPoisoned) this.count('edit the server cannot take')
    const fields = { ...this.#record(site), ...(isPoisoned && { notes: 'poison' }) }
    device.person((local) => {
      const { id } = local.save({ siteId: site, opened: null, fields })
      this.invariants.shownAsSaved(device, id, fields)
    })
  }

  edit(device: SimulatedDevice) {
    const { random } = this
    const form = device.form && random.chance(0.3) ? device.form : this.#openForm(device)
    if (random.chance(0.3)) device.form = form
    if (form) device.edit(form, this.#changes(form.siteId, form.opened))
  }

  delete(device: SimulatedDevice) {
    const form = this.#openForm(device)
    if (form) device.person((local) => local.delete(form.id))
  }

  discard(device: SimulatedDevice) {
    const item = this.random.pick(device.local!.queueItems())
    if (item) device.person((local) => local.discard(item.mutationId))
  }

  retry(device: SimulatedDevice) {
    const item = this.random.pick(device.local!.queueItems())
    if (!item) return
    device.person((local) => {
      local.retry(item.mutationId)
      if (device.lastPlan) this.invariants.carriesOn(device.lastPlan, false)
    })
  }

  resolve(device: SimulatedDevice) {
    const { random } = this
    const item = random.pick(device.local!.queueItems().filter(isInteractionInConflict))
    if (!item) return
    const { fields, theirs } = item.conflict!
    const take = (some: readonly string[]) =>
      theirs
        ? (Object.fromEntries(
            Object.entries(fieldsOf(theirs)).filter(([field]) => some.includes(field)),
          ) as Partial<InteractionFields>)
        : {}
    const decisions = [
      () => ({}),
      () => take(fields),
      () => take(fields.filter(() => random.chance(0.5))),
      () => ({ title: this.token(item.siteId) }),
    ]
    const wanted = random.pick(decisions)!()
    device.person((local) => {
      local.resolve(item.mutationId, wanted)
      // Of a deletion of what is gone nothing is left to be done.
      if (device.lastPlan) this.invariants.carriesOn(device.lastPlan, item.op === 'delete')
    })
  }

  othersWrite() {
    const { random, model } = this
    this.count("somebody else's write")
    const siteId = random.pick(this.siteIds)!
    const record = random.pick(model.live(siteId))
    if (!record || random.chance(0.2)) return this.#othersAdd(siteId)
    if (random.chance(0.15)) return model.write(siteId, record.id, 'delete', dora)
    model.write(siteId, record.id, this.#changes(siteId, fieldsOf(record)), dora)
  }

  changeLists() {
    const { random, model } = this
    this.count('list of the organisation changed')
    const type = random.pick(model.types)
    if (type && model.types.length > 2 && random.chance(0.4)) model.removeType(type.id)
    else model.putType({ id: this.newId(), name: `Type ${this.newId()}`, position: random.below(9) })
    model.putPerson({ id: random.pick(Object.values(people))!, displayName: `Person ${random.below(1000)}` })
  }

  changeAccess() {
    const { random, model } = this
    const userId = random.pick(Object.values(people))!
    const before = Object.fromEntries(model.users.get(userId)!.sites.map(({ id, role }) => [id, role]))
    const after = this.#someRoles()
    for (const id of this.siteIds) {
      if (before[id] && !after[id]) this.count('site taken away')
      if (!before[id] && after[id]) this.count('site given back')
      if (before[id] && after[id] && before[id] !== after[id]) this.count('role changed')
    }
    model.setSites(userId, after)
  }

  changeWeather(device: SimulatedDevice) {
    device.weather = this.random.pick(weathers)!
    device.wake()
  }

  setClock(device: SimulatedDevice) {
    this.count('clock set')
    device.setClock(Math.round((this.random.next() - 0.5) * 12 * year))
  }

  expire(device: SimulatedDevice) {
    if (!device.expired) this.count('session expired')
    device.expire()
  }

  backUp() {
    this.#backups.push(this.model.backup())
  }

  restore() {
    this.count('server restored')
    this.wasRestored = true
    this.road.cut()
    const last = this.random.below(this.#backups.length)
    this.model.restore(this.#backups[last]!)
    // Backups of what did not happen after all are thrown away.
    this.#backups.length = last + 1
  }

  restart(device: SimulatedDevice) {
    this.count('app ended')
    if (device.isOnDisk && this.random.chance(0.5)) device.die()
    else device.close()
  }

  upgrade(device: SimulatedDevice) {
    if (device.shape !== 'old') return
    this.count('app upgraded')
    device.close()
    device.shape = 'current'
    device.open()
  }

  /** A later version of the app was here for a while. */
  newerApp(device: SimulatedDevice) {
    const site = this.#siteOf(device)
    if (!device.isOnDisk || !site) return
    const before = device.shape
    device.shape = 'newer'
    const fields = { ...filled, title: this.token(site) }
    if (device.person((local) => void local.save({ siteId: site, opened: null, fields })))
      this.count('edit of a newer app')
    device.close()
    device.shape = before
    device.open()
  }

  crashSoon(device: SimulatedDevice) {
    if (device.isOnDisk) this.instruments.crashes.arm(1 + this.random.below(60))
    const acts = [this.edit, this.edit, this.retry, this.resolve, this.discard, this.delete]
    this.random.pick(acts)!.call(this, device)
  }

  fillDisk(device: SimulatedDevice) {
    let full = false
    this.instruments.crashes.arm(1 + this.random.below(6), () => {
      full = true
      this.count('disk full')
      return diskFull()
    })
    const site = this.#siteOf(device)
    const done = device.person((local) => {
      if (site) local.save({ siteId: site, opened: null, fields: { ...filled, title: this.token(site) } })
    })
    this.instruments.crashes.disarm()
    if (full && done) throw this.broken(new Violation(1, `${device.name} said a save was done that was not`))
  }

  changeUser(_: SimulatedDevice, computer: Computer) {
    if (computer.users.length < 2) return
    this.count('user changed on a computer')
    this.#signIn(computer, this.random.pick(computer.users)!)
  }

  /** Takes the outbox along to another computer, while the first one may go on sending. */
  carryOver(from: SimulatedDevice) {
    const to = this.devices.find((each) => each !== from && each.isOpen && each.userId === from.userId)
    if (!to) return
    const edits = structuredClone(from.local!.unsent())
    if (edits.length === 0) return
    this.count('outbox taken to another device')
    for (const { mutationId } of edits) {
      const saved = this.ledger.saved.get(mutationId)
      if (saved) saved.copied = true
    }
    // What comes in lies on top of what was edited there.
    for (const { entityId } of edits) to.broughtIn.add(entityId)
    to.person((local) => void local.takeIn(edits))
  }

  count(kind: FaultKind) {
    this.faults.count(kind)
  }

  /** The network heals, people sign in where they are asked to, and then only time passes. */
  async #heal() {
    this.step = steps + 1
    for (const computer of this.#computers) {
      for (const device of computer.accounts.values()) {
        device.weather = 0
        device.open()
        if (device.expired || device.mustSignIn) device.signInAgain()
      }
    }
    const isDrained = () => this.devices.every(({ local }) => local!.counts().waiting === 0)
    // The cycle that is under way when the last edit goes out may have asked before.
    const cyclesAfter = 2
    let goal: number[] | null = null
    let written = 0
    for (let waited = 0; waited < patience; waited += 10_000) {
      await this.clock.pass(10_000)
      this.#assertWhole()
      // A device that learns late of a restore has more to send than anybody knew.
      const before = written
      written = this.#written()
      if (!isDrained() || written !== before) goal = null
      else goal ??= this.devices.map(({ timesCurrent }) => timesCurrent + cyclesAfter)
      if (goal && this.devices.every(({ timesCurrent }, index) => timesCurrent >= goal![index]!)) return
    }
    const late = this.devices.find(({ local }) => local!.counts().waiting > 0) ?? this.devices[0]!
    throw this.broken(
      new Violation(8, `${late.name} has not come to rest: ${late.local!.counts().waiting} waiting`),
    )
  }

  /** How much has been written to the server, ever. */
  #written() {
    return this.siteIds.reduce((sum, id) => sum + this.model.head(id), 0)
  }

  #openForm(device: SimulatedDevice) {
    const site = this.#siteOf(device)
    if (!site) return null
    const { rows } = device.local!.page({ siteId: site, filter: {}, sort: [], offset: 0, limit: 100 })
    const row = this.random.pick(rows)
    return row ? formOf(device, row.id) : null
  }

  #siteOf(device: SimulatedDevice) {
    return this.random.pick(device.local!.meta().profile!.sites)?.id
  }

  /** Some other values: one field that is often the same one, another, or the three that mean one moment. */
  #changes(siteId: string, { startDateTime }: InteractionFields): Partial<InteractionFields> {
    const { random } = this
    const dice = random.below(20)
    if (dice < 8) return { title: this.token(siteId) }
    if (dice < 11) return { location: this.token(siteId) }
    if (dice < 13) return { description: this.token(siteId) }
    if (dice < 14) return { notes: random.chance(0.3) ? this.#poison() : this.token(siteId) }
    if (dice < 15) return { status: random.pick(['complete', 'active', 'archived'] as const)! }
    if (dice < 16) return { type: random.pick(this.model.types)!.name }
    const start = Date.parse(startDateTime ?? filled.startDateTime!) + (1 + random.below(48)) * 1_800_000
    if (dice < 18) return { timezone: random.pick(['Europe/Berlin', 'Europe/Lisbon', 'Asia/Tokyo'])! }
    return {
      startDateTime: new Date(start).toISOString(),
      endDateTime: new Date(start + 3_600_000).toISOString(),
    }
  }

  #poison() {
    this.count('edit the server cannot take')
    return 'poison'
  }

  #othersAdd(siteId: string) {
    this.model.write(siteId, this.newId(), this.#record(siteId), dora)
  }

  #record(siteId: string): InteractionFields {
    const [title, location, description] = [0, 1, 2].map(() => this.token(siteId))
    return { ...filled, title: title!, location: location!, description: description! }
  }

  #someRoles(): Record<string, SiteRole> {
    const roles = ['administrator', 'administrator', 'editor', 'editor', 'viewer', null, null] as const
    const chosen = this.siteIds.map((id) => [id, this.random.pick(roles)!] as const)
    const some = chosen.filter((entry): entry is [string, SiteRole] => entry[1] !== null)
    return Object.fromEntries(some)
  }

  /** A word that occurs in one site only. */
  token(siteId: string) {
    const token = `tk${this.#tokens.size + 1}x`
    this.#tokens.set(token, siteId)
    return token
  }
}

const nameOf = (userId: string) => Object.entries(people).find(([, id]) => id === userId)![0]

type Act = (history: History, device: SimulatedDevice, computer: Computer) => void

const acts: readonly (readonly [weight: number, act: Act])[] = [
  [11, (history, device) => history.add(device)],
  [24, (history, device) => history.edit(device)],
  [4, (history, device) => history.delete(device)],
  [4, (history, device) => history.discard(device)],
  [4, (history, device) => history.retry(device)],
  [6, (history, device) => history.resolve(device)],
  [15, (history) => history.othersWrite()],
  [2, (history) => history.changeLists()],
  [6, (history) => history.changeAccess()],
  [14, (history, device) => history.changeWeather(device)],
  [3, (history, device) => history.setClock(device)],
  [2, (history, device) => history.expire(device)],
  [4, (_, device) => device.signInAgain()],
  [2, (history) => history.backUp()],
  [2, (history) => history.restore()],
  [2, (history, device) => history.restart(device)],
  [2, (history, device) => history.upgrade(device)],
  [1, (history, device) => history.newerApp(device)],
  [6, (history, device) => history.crashSoon(device)],
  [2, (history, device) => history.fillDisk(device)],
  [3, (history, device, computer) => history.changeUser(device, computer)],
  [2, (history, device) => history.carryOver(device)],
]
const total = acts.reduce((sum, [weight]) => sum + weight, 0)

/** There are no visits in these histories. */
const isInteractionInConflict = (item: FieldItem | QueueItem): item is QueueItem =>
  item.entity === 'interaction' && item.conflict !== null
