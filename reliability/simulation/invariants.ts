import { isDeepStrictEqual } from 'node:util'
import type { Interaction, InteractionFields } from '#common/contract/interactions'
import type { Mutation, PullPage, SentMutation } from '#common/contract/sync'
import { fieldsOf, interactionFields } from '#common/rules/interaction-rules'
import { digestOf } from '#desktop/main/outbox/fields'
import type { Stored } from '#desktop/main/store/local-store'
import type { Connection } from '#desktop/main/store/database'
import type { Plan } from '#desktop/main/outbox/entry'
import type { SimulatedDevice } from './device.ts'
import type { History } from './history.ts'
import type { Saved } from './ledger.ts'
import { Violation } from './violation.ts'

const timeFields = ['startDateTime', 'endDateTime', 'timezone'] as const

/** The words of a history: each occurs in one record only, so that whoever meets one knows where it comes from. */
export const tokenPattern = /tk\d+x/g

/**
 * The promises of SYNC.md, each checked as soon as it could be broken. What they know they know from outside: from what
 * people were told was saved, from what travelled, and from the server's database.
 */
export class Invariants {
  readonly #history: History

  constructor(history: History) {
    this.#history = history
  }

  /** After each thing a device's engine had its store do. */
  afterStep(device: SimulatedDevice, name: string, args: readonly unknown[], result: unknown) {
    if (name === 'settle') this.staysOnScreen(device)
    if (name !== 'storePage' || !(result as Stored).kept) return
    if ((result as Stored).current) device.hasLostCopies = false
    const [page, cursor] = args as [PullPage, string | null]
    if (page.reset || cursor === null || page.epoch !== device.epoch) {
      for (const id of device.gone) device.mayComeBack.add(id)
      device.gone.clear()
    }
    device.epoch = page.epoch
    if ((result as Stored).current) device.mayComeBack.clear()
    for (const { entity, id } of page.removals) if (entity === 'interaction') device.gone.add(id)
    const told = page.sites.map(({ id }) => id)
    const taken = (device.sitesTold ?? this.#history.siteIds).filter((id) => !told.includes(id))
    device.sitesTold = told
    for (const id of taken) device.lostSites.add(id)
    for (const saved of this.#history.ledger.saved.values())
      if (saved.device === device && taken.includes(saved.mutation.siteId)) this.#forget(saved)
    this.nothingUnseen(device)
    this.staysDeleted(device)
    this.staysOnScreen(device)
    if (taken.length > 0) this.nothingReadable(device, taken)
  }

  /** At the end, when the network has healed and everything has come to rest. */
  atRest() {
    for (const device of this.#history.devices) {
      this.drained(device)
      this.staysOnScreen(device)
      this.nothingUnseen(device)
      this.staysDeleted(device)
      this.equalsServer(device)
      this.poisonStaysAlone(device)
      const told = new Set(device.sitesTold)
      const taken = this.#history.siteIds.filter((id) => !told.has(id))
      if (taken.length > 0) this.nothingReadable(device, taken)
    }
    for (const saved of this.#history.ledger.saved.values()) this.endsOnce(saved)
  }

  /** 1. Every saved mutation ends in exactly one of: applied, conflict, needs attention, discarded by the user. */
  endsOnce({ mutation, removed, copied, mayBeForgotten, wasApplied, device }: Saved) {
    const { mutationId, op } = mutation
    const holders = this.#history.devices.filter((each) => this.#items(each).has(mutationId))
    const applied = this.#history.model.effects.has(mutationId)
    const ends = [applied && 'applied', holders.length > 0 && 'needs attention', removed && 'discarded']
    const count = ends.filter(Boolean).length
    if (count === 1 || (count === 0 && mayBeForgotten && wasApplied)) return
    // At two computers a person may decide differently about the two copies of an edit.
    if (copied && count === 2 && removed) return
    this.#fail(
      1,
      `${op} ${mutationId} of ${device.name} ends as: ${ends.filter(Boolean).join(', ') || 'nothing'}`,
    )
  }

  /** 2. At most one effect per mutationId. */
  onEffect(mutation: Mutation, before: Interaction | null, after: Interaction | null) {
    const { mutationId } = mutation
    const count = this.#history.model.effects.get(mutationId)!
    if (count !== 1) this.#fail(2, `${mutation.op} ${mutationId} had ${count} effects`)
    const saved = this.#history.ledger.saved.get(mutationId)
    if (saved) {
      saved.version = after?.version ?? Infinity
      saved.wasApplied = true
    }
    this.notOverwritten(mutation, before, after)
  }

  /** Never silently overwritten: an edit replaces only values its author saw, and a deletion only what they saw. */
  notOverwritten({ op, base, patch, seen }: Mutation, before: Interaction | null, after: Interaction | null) {
    if (!before) return
    if (op === 'delete' && seen !== null && seen !== digestOf(before))
      this.#fail(0, `a deletion took what its author had not seen of ${before.id}`)
    if (op !== 'update' || !after) return
    const same = (value: Partial<InteractionFields>, fields: readonly (keyof InteractionFields)[]) =>
      fields.every((field) => before[field] === value[field])
    const groups = [
      timeFields,
      ...interactionFields.filter((field) => !isTime(field)).map((field) => [field]),
    ]
    for (const group of groups) {
      const touched = group.filter((field) => field in patch)
      if (touched.length > 0 && touched.length < group.length)
        this.#fail(0, `an edit of ${before.id} changed ${touched.join()} of a moment alone`)
      if (touched.length > 0 && !same(base, touched) && !same(patch, touched))
        this.#fail(0, `${touched.join()} of ${before.id} was overwritten unseen`)
      for (const field of group)
        if (after[field] !== (field in patch ? patch[field] : before[field]))
          this.#fail(0, `${field} of ${before.id} is neither what was there nor what was asked for`)
    }
  }

  /** 3. When all is quiet, every device equals the server for the sites it may see. */
  equalsServer(device: SimulatedDevice) {
    const { model } = this.#history
    const local = device.local!
    const held = new Set([...this.#items(device).values()].map(({ entityId }) => entityId))
    for (const { id: siteId } of model.users.get(device.userId)!.sites) {
      const server = new Map(model.live(siteId).map((record) => [record.id, record]))
      for (const [id, record] of server)
        if (!isDeepStrictEqual(device.cache?.find(id), record))
          this.#fail(3, `${device.name} has another ${id}`)
      const query = { siteId, filter: {}, sort: [], offset: 0, limit: 500 }
      const shown = local.page(query).rows.filter(({ id }) => !held.has(id))
      for (const { unsent, needsAttention, ...record } of shown) {
        if (unsent || needsAttention) this.#fail(3, `${device.name} shows ${record.id} as unsent`)
        if (!isDeepStrictEqual(record, server.get(record.id)))
          this.#fail(3, `${device.name} shows another ${record.id}`)
      }
      const missing = [...server.keys()].filter((id) => !held.has(id) && !shown.some((row) => row.id === id))
      if (missing.length > 0) this.#fail(3, `${device.name} does not show ${missing.join()}`)
      const { types, people } = local.lookups(siteId)
      const expected = model.types.map(({ name }) => name).sort()
      const names = Object.fromEntries(model.people.map(({ id, displayName }) => [id, displayName]))
      if (!isDeepStrictEqual([...types].sort(), expected) || !isDeepStrictEqual(people, names))
        this.#fail(3, `${device.name} has other lists than the organisation`)
    }
  }

  /** 4. Nothing at or below a device's cursor is unseen by it. */
  nothingUnseen(device: SimulatedDevice) {
    const { model } = this.#history
    const text = device.cache?.progress().cursor
    if (!text) return
    const cursor = model.readCursor(text)
    if (cursor.epoch !== model.epoch) return
    for (const siteId of this.#history.siteIds) {
      const position = cursor.feeds[siteId]
      if (!position || position.after !== undefined) continue
      for (const { record, deleted, lastChange } of model.records(siteId)) {
        if (lastChange > position.seq) continue
        const version = device.cache!.find(record.id)?.version ?? null
        if (version !== (deleted ? null : record.version))
          this.#fail(4, `${device.name} is at ${position.seq} and has ${record.id} in version ${version}`)
      }
    }
  }

  /** 5. An edit on screen never reverts without a word. */
  staysOnScreen(device: SimulatedDevice) {
    if (!device.isOpen) return
    const { model, ledger } = this.#history
    const open = ledger.open(device)
    if (open.length === 0) return
    const outbox = device.outbox()
    const sites = new Set(device.local!.meta().profile?.sites.map(({ id }) => id))
    const siteOf = new Map<string, string>()
    const expected = new Map<string, { values: Partial<InteractionFields>; deleted: boolean }>()
    for (const saved of open) {
      const { mutationId, entityId, siteId, op, patch } = saved.mutation
      if (saved.newer || !sites.has(siteId) || device.broughtIn.has(entityId)) continue
      const state = outbox.get(mutationId)?.state
      const isOver = state === undefined || state === 'applied'
      // What is sent again had arrived in the copies once, and they say what has become of it since.
      const isDeleted = model.find(entityId)?.deleted === true || device.gone.has(entityId)
      const isCopyLost = state === undefined && device.hasLostCopies
      const isSeen = isOver && (this.#hasCaughtUp(device, saved) || isDeleted || isCopyLost)
      saved.over ||= isSeen || state === 'resending'
      const wanted = expected.get(entityId) ?? { values: {}, deleted: false }
      if (saved.over && op === 'delete') {
        expected.delete(entityId)
        continue
      }
      if (saved.over) {
        for (const field of Object.keys(patch)) delete wanted.values[field as keyof InteractionFields]
        continue
      }
      if (op === 'delete') wanted.deleted = state === 'waiting' || state === 'applied'
      else Object.assign(wanted.values, patch)
      expected.set(entityId, wanted)
      siteOf.set(entityId, siteId)
    }
    for (const [id, { values, deleted }] of expected) {
      const shown = device.local!.read(id)
      if (deleted && shown) this.#fail(5, `${device.name} shows ${id} again, which was deleted there`)
      // What a restore, or the loss of a site that was given back since, has taken away is there to be looked at in Sync centre only.
      const isThere = model.find(id)?.deleted === false && !device.mayComeBack.has(id)
      const isLost =
        !shown && ((this.#history.wasRestored && !isThere) || device.lostSites.has(siteOf.get(id)!))
      if (!deleted && !isLost && Object.keys(values).length > 0) this.#shows(device, id, shown, values)
    }
  }

  /** 5, at the moment the form is told that it was saved. */
  shownAsSaved(device: SimulatedDevice, id: string, values: Partial<InteractionFields>) {
    this.#shows(device, id, device.local!.read(id), values)
  }

  /** What replaces edits holds what they held: settling or repeating one takes nothing else out. */
  carriesOn({ remove, add }: Plan, isOneGone: boolean) {
    if (add.length < remove.length - (isOneGone ? 1 : 0))
      this.#fail(1, `of ${remove.map(({ mutationId }) => mutationId).join()} only ${add.length} went on`)
  }

  /** An edit says what its author had before them, and touches what they changed. */
  saysWhatWasSeen({ base, patch }: Mutation, opened: InteractionFields, changes: Partial<InteractionFields>) {
    for (const field of Object.keys(patch) as (keyof InteractionFields)[]) {
      if (base[field] !== opened[field]) this.#fail(0, `an edit says its author saw another ${field}`)
      if (!(field in changes) && !isTime(field))
        this.#fail(0, `an edit touches ${field}, which nobody changed`)
    }
  }

  /** 6. Nothing deleted comes back. */
  staysDeleted(device: SimulatedDevice) {
    if (!device.isOpen || device.gone.size === 0) return
    const edited = new Set([...device.outbox().values()].map(({ entityId }) => entityId))
    for (const id of device.gone)
      if (!edited.has(id) && device.cache?.find(id)) this.#fail(6, `${device.name} has ${id} again`)
  }

  /** 7. A poisoned mutation blocks only its descendants. */
  poisonStaysAlone(device: SimulatedDevice) {
    const { ledger, model } = this.#history
    const items = this.#items(device)
    for (const item of items.values()) {
      const { mutationId, state } = item
      const saved = ledger.saved.get(mutationId)
      if (!saved) continue
      // What builds on an edit of another device goes out under that one's name.
      const answers = this.#history.devices.map(
        ({ deviceId }) => model.receipt(deviceId, mutationId)?.result.status,
      )
      const ancestors = saved.mutation.dependsOn
      const reason =
        saved.newer ||
        model.poison(saved.mutation) ||
        answers.includes('conflict') ||
        answers.includes('rejected') ||
        ancestors.some((id) => items.has(id) || !model.effects.has(id)) ||
        // It was answered before the server was restored, and stays in front of the person.
        (this.#history.wasRestored && state !== 'waiting')
      if (!reason) this.#fail(7, `${mutationId} of ${device.name} is ${state} for no reason of its own`)
    }
  }

  /** 8. After the network heals the queue drains untouched. */
  drained(device: SimulatedDevice) {
    const { waiting } = device.local!.counts()
    if (waiting > 0) this.#fail(8, `${device.name} still has ${waiting} waiting`)
  }

  /**
   * 9. One contact after access is taken away leaves nothing of that site readable, save the user's own quarantined
   * edits.
   */
  nothingReadable(device: SimulatedDevice, taken: readonly string[]) {
    const local = device.local!
    for (const siteId of taken) {
      if (succeeds(() => local.page({ siteId, filter: {}, sort: [], offset: 0, limit: 1 })))
        this.#fail(9, `${device.name} can still list ${siteId}`)
      for (const { record } of this.#history.model.records(siteId))
        if (local.read(record.id)) this.#fail(9, `${device.name} can still read ${record.id}`)
    }
    // An edit is its author's with all that it says: also what it was made on, and what it decided against.
    const edits = [...device.outbox().values()].map(({ mutation, title }) => [mutation, title])
    const own = new Set(tokensIn(edits))
    const foreign = (token: string) => taken.includes(this.#history.siteOfToken(token)) && !own.has(token)
    for (const connection of device.connections) {
      if (!connection.open) continue
      for (const [table, rows] of contentOf(connection)) {
        const left = tokensIn(rows).find(foreign)
        if (left) this.#fail(9, `${device.name} still has ${left} in its table ${table}`)
      }
      // In memory a database is its own image, deleted pages and all.
      if (!device.isOnDisk) {
        const image = connection.serialize().toString('latin1')
        const left = (image.match(tokenPattern) ?? []).find(foreign)
        if (left) this.#fail(9, `${device.name} still has ${left} in a page that was given up`)
      }
    }
  }

  /** 10. One user's mutation never travels with another's token. */
  travelled(userId: string, mutations: readonly SentMutation[]) {
    for (const { mutationId } of mutations) {
      const saved = this.#history.ledger.saved.get(mutationId)
      if (!saved) this.#fail(1, `${mutationId} was sent, and nobody saved it`)
      else if (saved.newer) this.#fail(7, `${mutationId} of a newer app was sent by one that cannot read it`)
      else if (saved.userId !== userId)
        this.#fail(10, `${mutationId} of ${saved.userId} went out as ${userId}'s`)
    }
  }

  #items(device: SimulatedDevice) {
    return new Map(device.local?.queueItems().map((item) => [item.mutationId, item]))
  }

  #hasCaughtUp(device: SimulatedDevice, { version, mutation }: Saved): boolean {
    if (version === null) return false
    const copy = device.cache?.find(mutation.entityId)
    return mutation.op === 'delete' ? !copy : copy !== null && copy !== undefined && copy.version >= version
  }

  #forget(saved: Saved) {
    saved.over = true
    saved.mayBeForgotten = true
  }

  #shows(
    device: SimulatedDevice,
    id: string,
    shown: InteractionFields | null,
    values: Partial<InteractionFields>,
  ) {
    if (!shown) return this.#fail(5, `${device.name} does not show ${id}, which was edited there`)
    const fields = fieldsOf(shown)
    const lost = (Object.keys(values) as (keyof InteractionFields)[]).find(
      (field) => fields[field] !== values[field],
    )
    if (lost)
      this.#fail(5, `${device.name} shows ${lost} of ${id} as ${fields[lost]}, not as ${values[lost]}`)
  }

  #fail(invariant: number, what: string): never {
    throw this.#history.broken(new Violation(invariant, what))
  }
}

const isTime = (field: string) => (timeFields as readonly string[]).includes(field)

const tokensIn = (value: unknown): string[] => JSON.stringify(value).match(tokenPattern) ?? []

function succeeds(work: () => void): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}

/** Every table that holds text, with its rows; what the person's own edits are kept in apart. */
function* contentOf(connection: Connection): Iterable<[string, unknown[]]> {
  const tables = connection
    .prepare(
      `SELECT name FROM (SELECT name, type, sql FROM sqlite_schema UNION ALL SELECT name, type, sql FROM sqlite_temp_schema)
       WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'words%'`,
    )
    .pluck()
    .all() as string[]
  for (const table of tables) yield [table, connection.prepare(`SELECT * FROM "${table}"`).all()]
}
