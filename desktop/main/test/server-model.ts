import type { SessionUser } from '#common/contract/auth'
import type { AppError } from '#common/contract/errors'
import type { Interaction, InteractionFields } from '#common/contract/interactions'
import { problemsOf } from '#common/contract/sentences'
import type { SiteRole } from '#common/contract/sites'
import {
  type AnyMutation,
  type InteractionType,
  Mutation,
  type MutationResult,
  type Person,
  PhotoMutation,
  type PullPage,
  type SentMutation,
  VisitMutation,
} from '#common/contract/sync'
import type { Visit } from '#common/contract/visits'
import {
  emptyFields,
  fieldsOf,
  interactionFields,
  interactionProblems,
  normalise,
} from '#common/rules/interaction-rules'
import { difference, merge } from '#common/rules/merge'
import { may } from '#common/rules/permissions'
import { upcast } from '#common/rules/upcast'
import { NetworkError, ServerError } from '../api/failures.ts'
import { digestOf } from '../outbox/fields.ts'
import { type FieldChange, type FieldDocs, fieldKey, FieldModel, isOfField } from './field-model.ts'

interface Receipt {
  userId: string
  payload: string
  result: MutationResult
  entityId: string
  feedId: string
  seq: number
  version: number | null
  soleAuthor: boolean
}

type Entity = PullPage['removals'][number]['entity']

/** What happened in a feed, oldest first: a record changed or went, or (null) only an answer was given. */
type Feed = ({ entity: Entity; id: string } | null)[]

/** What a database holds, and what a backup of it brings back. */
interface State {
  epoch: number
  records: Map<string, { record: Interaction; deleted: boolean }>
  types: Map<string, InteractionType>
  people: Map<string, Person>
  field: FieldDocs
  feeds: Map<string, Feed>
  receipts: Map<string, Receipt>
  effects: Map<string, number>
}

export type Backup = { readonly state: State }

interface Position {
  seq: number
  /** The record the last page of a first sync ended with; empty before the first. */
  after?: string
}

interface Cursor {
  epoch: number
  feeds: Record<string, Position>
}

interface Effect {
  result: MutationResult
  seq: number | null
  version: number | null
  soleAuthor: boolean
}

const schemas = { interaction: Mutation, visit: VisitMutation, photo: PhotoMutation }

/** The feed of what belongs to no site. */
export const tenantFeed = '0192f000-0000-7000-8000-0000000000fe'

/**
 * The server's side of SYNC.md in memory: receipts, feeds with gap-free numbers, merging by field, tombstones, first
 * syncs newest first. It promises no more than the contract: the last page of a first sync may be older than the head.
 * `reliability/real/model-conformance.test.ts` holds it against the server itself.
 */
export class ServerModel {
  readonly users = new Map<string, SessionUser>()
  /** A batch with such an edit is refused whole, as by a bug that concerns one edit only. */
  poison: (mutation: Mutation) => boolean = () => false
  /** The server's own limit to what a pull brings. */
  maxPage = Infinity
  /** Told of every effect as it is committed: the record before and after it. */
  onEffect: (mutation: Mutation, before: Interaction | null, after: Interaction | null) => void = () => {}
  #state: State = {
    epoch: 1,
    records: new Map(),
    types: new Map(),
    people: new Map(),
    field: new Map(),
    feeds: new Map(),
    receipts: new Map(),
    effects: new Map(),
  }
  #epochs = 1
  #clock = Date.parse('2026-01-01T00:00:00Z')

  addUser(id: string, sites: Record<string, SiteRole>): SessionUser {
    const user: SessionUser = {
      id,
      username: 'someone',
      email: 'someone@example.org',
      displayName: 'Someone',
      tenant: null,
      roles: [],
      sites: memberships(sites),
      defaultSiteId: null,
      activeSiteId: null,
      mustChangePassword: false,
    }
    this.users.set(id, user)
    return user
  }

  setSites(userId: string, sites: Record<string, SiteRole>) {
    this.users.set(userId, { ...this.users.get(userId)!, sites: memberships(sites) })
  }

  setOfflineDays(userId: string, offlineDays: number) {
    this.users.set(userId, { ...this.users.get(userId)!, offlineDays })
  }

  setRoles(userId: string, roles: SessionUser['roles']) {
    this.users.set(userId, { ...this.users.get(userId)!, roles })
  }

  backup(): Backup {
    return { state: structuredClone(this.#state) }
  }

  /** Everything since is gone. `unnoticed`: the restored database says it is the one it was. */
  restore({ state }: Backup, { unnoticed = false } = {}) {
    if (!unnoticed) this.#epochs++
    this.#state = { ...structuredClone(state), epoch: unnoticed ? this.#state.epoch : this.#epochs }
  }

  get epoch(): number {
    return this.#state.epoch
  }

  /** How often each mutation has had an effect, in the database as it is now. */
  get effects(): ReadonlyMap<string, number> {
    return this.#state.effects
  }

  get types(): InteractionType[] {
    return [...this.#state.types.values()]
  }

  get people(): Person[] {
    return [...this.#state.people.values()]
  }

  get field(): FieldModel {
    return new FieldModel(this.#state.field, () => this.#now())
  }

  /** Writes a shop, brand, survey, visit or photo as somebody else would, past sync. */
  putField(change: FieldChange) {
    const { entity, record } = change
    this.#state.field.set(fieldKey(entity, record.id), structuredClone(change))
    this.#feed('siteId' in record ? record.siteId : tenantFeed).push({ entity, id: record.id })
  }

  removeField(entity: FieldChange['entity'], id: string) {
    const { record } = this.#state.field.get(fieldKey(entity, id))!
    this.#state.field.delete(fieldKey(entity, id))
    this.#feed('siteId' in record ? record.siteId : tenantFeed).push({ entity, id })
  }

  /** What a user would see of a site. */
  live(siteId: string): Interaction[] {
    return [...this.#state.records.values()]
      .filter(({ record, deleted }) => record.siteId === siteId && !deleted)
      .map(({ record }) => record)
  }

  find(id: string) {
    return this.#state.records.get(id)
  }

  /** Everything a site has or had, with the number of its latest change. */
  records(siteId: string): { record: Interaction; deleted: boolean; lastChange: number }[] {
    const last = new Map(this.#feed(siteId).map((change, index) => [change?.id, index + 1]))
    return [...this.#state.records.values()]
      .filter(({ record }) => record.siteId === siteId)
      .map((found) => ({ ...found, lastChange: last.get(found.record.id)! }))
  }

  readCursor(text: string): Cursor {
    return JSON.parse(text) as Cursor
  }

  receipt(deviceId: string, mutationId: string): Receipt | undefined {
    return this.#state.receipts.get(`${deviceId} ${mutationId}`)
  }

  head(feedId: string): number {
    return this.#feed(feedId).length
  }

  /** Writes as somebody else would, past sync. */
  write(siteId: string, id: string, change: Partial<InteractionFields> | 'delete', by: string) {
    const found = this.#state.records.get(id)
    if (change === 'delete') this.#remove(found!.record, by)
    else if (found) {
      const record = { ...found.record, ...normalise(change) }
      if (interactionFields.some((field) => record[field] !== found.record[field])) this.#put(record, by)
    } else this.#put(this.#fresh(siteId, id, { ...emptyFields, ...change }, by), by)
  }

  /** As an administrator restores what was deleted. */
  bringBack(id: string, by: string) {
    this.#put(this.#state.records.get(id)!.record, by)
  }

  /** Begins with a record that another server has. */
  adopt(record: Interaction) {
    this.#state.records.set(record.id, { record, deleted: false })
    this.#feed(record.siteId).push({ entity: 'interaction', id: record.id })
  }

  putType(type: InteractionType) {
    this.#state.types.set(type.id, type)
    this.#feed(tenantFeed).push({ entity: 'interactionType', id: type.id })
  }

  removeType(id: string) {
    this.#state.types.delete(id)
    this.#feed(tenantFeed).push({ entity: 'interactionType', id })
  }

  putPerson(person: Person) {
    this.#state.people.set(person.id, person)
    this.#feed(tenantFeed).push({ entity: 'person', id: person.id })
  }

  /**
   * With `crashAfter` the server ends after that many commits, and nobody is told of them; with `failAt` it has a
   * passing trouble with the edit that has this index.
   */
  push(
    userId: string,
    deviceId: string,
    mutations: readonly SentMutation[],
    { crashAfter = Infinity, failAt = -1 } = {},
  ): MutationResult[] {
    if ((mutations as readonly Mutation[]).some(this.poison))
      throw refusal(400, 'VALIDATION_ERROR', 'The batch cannot be read')
    return mutations.map((mutation, index) => {
      if (index >= crashAfter) throw new NetworkError('unreachable', 'the server')
      if (index === failAt) return { mutationId: mutation.mutationId, status: 'failed' }
      return this.#pushOne(this.users.get(userId)!, deviceId, structuredClone(mutation))
    })
  }

  pull(userId: string, deviceId: string, cursorText: string | undefined, wanted: number): PullPage {
    const limit = Math.min(wanted, this.maxPage)
    const user = this.users.get(userId)!
    const given = cursorText === undefined ? null : this.readCursor(cursorText)
    const feedIds = [tenantFeed, ...user.sites.map(({ id }) => id)]
    const lost =
      given !== null &&
      (given.epoch !== this.#state.epoch || feedIds.some((id) => (given.feeds[id]?.seq ?? 0) > this.head(id)))
    const known = given && !lost ? given.feeds : {}
    const next: Cursor = { epoch: this.#state.epoch, feeds: {} }
    const page: PullPage = {
      reset: lost,
      epoch: epochId(this.#state.epoch),
      cursor: '',
      hasMore: false,
      remaining: 0,
      roles: [...user.roles],
      sites: [...user.sites],
      changes: [],
      removals: [],
      plan: 0,
      notices: [],
      receipts: [],
    }
    let isTenantWhole = true
    for (const feedId of feedIds) {
      const room = isTenantWhole ? limit - page.changes.length - page.removals.length : 0
      const from = known[feedId]
      if (room <= 0) {
        if (from) next.feeds[feedId] = from
        page.hasMore = true
      } else if (feedId === tenantFeed && (!from || from.after !== undefined)) {
        if (!from) page.changes.push(...this.#wholeOfTenant())
        const position = this.#versions(from ?? { seq: this.head(feedId), after: '' }, room, page)
        next.feeds[feedId] = position
        isTenantWhole = position.after === undefined
      } else if (!from || from.after !== undefined) {
        next.feeds[feedId] = this.#first(
          user,
          feedId,
          from ?? { seq: this.head(feedId), after: '' },
          room,
          page,
        )
      } else {
        next.feeds[feedId] = this.#since(user, feedId, from.seq, room, page)
        page.receipts.push(...this.#receipts(feedId, userId, deviceId, from.seq, next.feeds[feedId].seq))
      }
    }
    page.cursor = JSON.stringify(next)
    return structuredClone(page)
  }

  /** The tenant's own things, but for what was ever published of surveys. */
  #wholeOfTenant(): PullPage['changes'] {
    return [
      ...this.types.map((record) => ({ entity: 'interactionType' as const, record })),
      ...this.people.map((record) => ({ entity: 'person' as const, record })),
      ...[...this.#state.field.values()].filter(
        ({ entity, record }) => !('siteId' in record) && entity !== 'surveyVersion',
      ),
    ]
  }

  /** A page of that, in a first sync, the latest first. */
  #versions({ seq, after }: Position, limit: number, page: PullPage): Position {
    const left = this.field
      .all('surveyVersion')
      .filter(({ id }) => after === '' || id < after!)
      .sort((a, b) => (a.id < b.id ? 1 : -1))
    const records = left.slice(0, limit)
    const more = records.length === limit
    page.changes.push(...records.map((record) => ({ entity: 'surveyVersion' as const, record })))
    page.hasMore ||= more
    if (more) page.remaining += left.length - records.length
    return { seq, ...(more && { after: records.at(-1)!.id }) }
  }

  /** A page of a first sync: the newest start first, and what has none last. */
  #first(
    user: SessionUser,
    siteId: string,
    { seq, after }: Position,
    limit: number,
    page: PullPage,
  ): Position {
    if (after === '') {
      const ofSite = [...this.#state.field.values()].filter(
        (doc) => 'siteId' in doc.record && doc.record.siteId === siteId && this.field.isSeen(doc, user),
      )
      page.changes.push(...ofSite)
    }
    const keyOf = ({ startDateTime, id }: Interaction) => `${startDateTime ?? ''} ${id}`
    const left = this.live(siteId)
      .filter((record) => after === '' || keyOf(record) < after!)
      .sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1))
    const records = left.slice(0, limit)
    const more = records.length === limit
    page.changes.push(...records.map((record) => ({ entity: 'interaction' as const, record })))
    page.hasMore ||= more
    if (more) page.remaining += left.length - records.length
    return { seq, ...(more && { after: keyOf(records.at(-1)!) }) }
  }

  #since(user: SessionUser, feedId: string, seq: number, limit: number, page: PullPage): Position {
    const last = new Map(
      this.#feed(feedId).flatMap((change, index) =>
        change ? [[fieldKey(change.entity, change.id), { ...change, seq: index + 1 }] as const] : [],
      ),
    )
    const found = [...last.values()]
      .filter((change) => change.seq > seq)
      .sort((a, b) => a.seq - b.seq)
      .slice(0, limit)
    const more = found.length === limit
    for (const { entity, id } of found) {
      const change = this.#change(entity, id)
      if (change && isOfField(change) && !this.field.isSeen(change as FieldChange, user)) continue
      if (change) page.changes.push(change)
      else page.removals.push({ entity, id, siteId: feedId === tenantFeed ? null : feedId })
    }
    page.hasMore ||= more
    return { seq: more ? found.at(-1)!.seq : this.head(feedId) }
  }

  #change(entity: Entity, id: string): PullPage['changes'][number] | null {
    const { records, types, people } = this.#state
    if (entity === 'interaction') {
      const { record, deleted } = records.get(id)!
      return deleted ? null : { entity, record }
    }
    if (entity === 'person') {
      const record = people.get(id)
      return record ? { entity, record } : null
    }
    if (entity !== 'interactionType') return this.#state.field.get(fieldKey(entity, id)) ?? null
    const record = types.get(id)
    return record ? { entity, record } : null
  }

  #pushOne(user: SessionUser, deviceId: string, sent: SentMutation): MutationResult {
    const { mutationId } = sent
    const payload = JSON.stringify(sent)
    const earlier = this.receipt(deviceId, mutationId)
    if (earlier) {
      if (earlier.userId !== user.id || earlier.payload !== payload)
        return rejected(mutationId, 'VALIDATION_ERROR')
      return earlier.result.status === 'applied' ? { ...earlier.result, status: 'duplicate' } : earlier.result
    }
    const raised = upcast(sent) as AnyMutation
    if (problemsOf(schemas[raised.entity] ?? Mutation, raised).length > 0)
      return rejected(mutationId, 'VALIDATION_ERROR')
    const mutation = raised
    const ancestors = mutation.dependsOn.map((id) => this.receipt(deviceId, id))
    if (ancestors.some((receipt) => receipt?.result.status !== 'applied'))
      return { mutationId, status: 'blocked' }
    const belongs = user.sites.some(({ id }) => id === mutation.siteId)
    const feedId = belongs ? mutation.siteId : tenantFeed
    const before = this.#at(mutation.siteId, mutation.entityId)
    const effect = belongs
      ? mutation.entity === 'interaction'
        ? this.#apply(user, mutation, ancestors as Receipt[])
        : this.#applyField(user, mutation)
      : settled(rejected(mutationId, 'AUTHORIZATION_ERROR'))
    const { result, version, soleAuthor } = effect
    const settles = result.status === 'applied' && mutation.entity === 'interaction' && mutation.resolves
    const seq = settles || effect.seq === null ? this.#feed(feedId).push(null) : effect.seq
    const { entityId } = mutation
    const receipt = { userId: user.id, payload, result, entityId, feedId, seq, version, soleAuthor }
    this.#state.receipts.set(`${deviceId} ${mutationId}`, receipt)
    if (result.status === 'applied') {
      this.#state.effects.set(mutationId, (this.#state.effects.get(mutationId) ?? 0) + 1)
      if (mutation.entity === 'interaction')
        this.onEffect(
          mutation,
          before && !before.deleted ? before.record : null,
          (result.record as Interaction | undefined) ?? null,
        )
    }
    return structuredClone(result)
  }

  #apply(user: SessionUser, mutation: Mutation, ancestors: readonly Receipt[]): Effect {
    const { mutationId, siteId, entityId, op, base, patch } = mutation
    const no = (code: AppError['code']) => settled(rejected(mutationId, code))
    const yes = (record: Interaction | null, seq: number | null, soleAuthor: boolean): Effect => ({
      result: { mutationId, status: 'applied', record },
      seq,
      version: record?.version ?? null,
      soleAuthor,
    })
    const conflict = (theirs: Interaction | null, fields: string[]) =>
      settled({ mutationId, status: 'conflict', conflict: { fields, base, mine: patch, theirs } })
    if (!may(user, `interaction.${op}`, { siteId })) return no('AUTHORIZATION_ERROR')
    const seen = versionSeen(mutation, ancestors)
    const found = this.#at(siteId, entityId)
    const current = found && !found.deleted ? found.record : null
    if (op === 'create') {
      const fields = normalise({ ...emptyFields, ...patch })
      if (this.#problems(fields, null)) return no('VALIDATION_ERROR')
      if (this.#state.records.has(entityId)) return conflict(current, [])
      const record = this.#put(this.#fresh(siteId, entityId, fields, user.id), user.id)
      return yes(record, this.head(siteId), true)
    }
    if (!found) return no('RESOURCE_NOT_FOUND')
    if (op === 'delete') {
      if (!current) return yes(null, null, false)
      if (!may(user, 'interaction.delete', { siteId, createdBy: current.createdBy }))
        return no('AUTHORIZATION_ERROR')
      const unseen =
        mutation.seen === null
          ? !seen.alone || seen.version !== current.version
          : mutation.seen !== digestOf(current)
      if (unseen) return conflict(current, [])
      this.#remove(current, user.id)
      return yes(null, this.head(siteId), true)
    }
    if (!current) return conflict(null, Object.keys(patch))
    if (Object.keys(patch).some((field) => !(field in base))) return no('VALIDATION_ERROR')
    const merged = merge(normalise(base), normalise(patch), fieldsOf(current))
    if (merged.kind === 'conflict') return conflict(current, merged.fields)
    if (this.#problems(merged.fields, current)) return no('VALIDATION_ERROR')
    const soleAuthor = seen.alone && seen.version === current.version
    if (interactionFields.every((field) => merged.fields[field] === current[field]))
      return yes(structuredClone(current), null, soleAuthor)
    const record = this.#put({ ...current, ...merged.fields }, user.id)
    return yes(record, this.head(siteId), soleAuthor)
  }

  #applyField(user: SessionUser, mutation: VisitMutation | PhotoMutation): Effect {
    const { mutationId, entity, entityId } = mutation
    const before = entity === 'visit' ? (this.field.find('visit', entityId) ?? null) : null
    const result = this.field.apply(user, mutation)
    if (result.kind === 'rejected')
      return settled({
        mutationId,
        status: 'rejected',
        problem: { code: result.code, message: result.message },
      })
    if (result.kind === 'conflict')
      return settled({ mutationId, status: 'conflict', conflict: result.conflict })
    const { record, writes } = result
    if (writes && record) this.putField({ entity, record } as FieldChange)
    else if (writes) this.removeField(entity, entityId)
    if (writes && entity === 'visit') this.#keepUp(record as Visit, before, user)
    const seq = writes ? this.head(mutation.siteId) : null
    const version = record?.version ?? null
    return { result: { mutationId, status: 'applied', record }, seq, version, soleAuthor: true }
  }

  /** The interaction of a visit follows from it. */
  #keepUp(visit: Visit, before: Visit | null, user: SessionUser) {
    const fields = this.field.interaction(visit, user)
    const found = this.#at(visit.siteId, visit.id)
    if (!before) this.#put(this.#fresh(visit.siteId, visit.id, fields, user.id), user.id)
    else if (found && !found.deleted) {
      const { patch } = difference(this.field.interaction(before, user), fields)
      if (visit.status === 'cancelled') this.#remove(found.record, user.id)
      else if (Object.keys(patch).length > 0) this.#put({ ...found.record, ...patch }, user.id)
    }
  }

  #at(siteId: string, id: string) {
    const found = this.#state.records.get(id)
    return found?.record.siteId === siteId ? found : undefined
  }

  /** Without any types there is no list to choose from. */
  #problems(fields: InteractionFields, before: Interaction | null): boolean {
    if (interactionProblems(fields, before?.status ?? null).length > 0) return true
    if (fields.type === null || fields.type === before?.type || this.#state.types.size === 0) return false
    return !this.types.some(({ name }) => name === fields.type)
  }

  #fresh(siteId: string, id: string, fields: InteractionFields, by: string): Interaction {
    const at = this.#now()
    return { id, siteId, ...fields, version: 0, createdBy: by, createdAt: at, updatedBy: by, updatedAt: at }
  }

  #put(record: Interaction, by: string): Interaction {
    const written = { ...record, version: record.version + 1, updatedBy: by, updatedAt: this.#now() }
    this.#state.records.set(record.id, { record: written, deleted: false })
    this.#feed(record.siteId).push({ entity: 'interaction', id: record.id })
    return structuredClone(written)
  }

  #remove(record: Interaction, by: string) {
    const removed = { ...record, version: record.version + 1, updatedBy: by }
    this.#state.records.set(record.id, { record: removed, deleted: true })
    this.#feed(record.siteId).push({ entity: 'interaction', id: record.id })
  }

  #receipts(feedId: string, userId: string, deviceId: string, from: number, to: number): MutationResult[] {
    return [...this.#state.receipts]
      .filter(
        ([key, receipt]) =>
          key.startsWith(deviceId) && receipt.userId === userId && receipt.feedId === feedId,
      )
      .map(([, receipt]) => receipt)
      .filter(({ seq }) => seq > from && seq <= to)
      .map(({ result }) => result)
  }

  #feed(id: string): Feed {
    const feed = this.#state.feeds.get(id) ?? []
    this.#state.feeds.set(id, feed)
    return feed
  }

  #now() {
    this.#clock += 1000
    return new Date(this.#clock).toISOString()
  }
}

const memberships = (sites: Record<string, SiteRole>) =>
  Object.entries(sites).map(([id, role]) => ({ id, name: `Site ${id.at(-1)!.toUpperCase()}`, role }))

/** The version an edit was made on, and whether it holds nothing of others which the device had not seen. */
function versionSeen({ baseVersion, entityId }: Mutation, ancestors: readonly Receipt[]) {
  if (baseVersion !== null) return { version: baseVersion, alone: true }
  const last = ancestors
    .filter((receipt) => receipt.entityId === entityId && receipt.version !== null)
    .sort((a, b) => a.version! - b.version!)
    .at(-1)
  return { version: last?.version ?? null, alone: last?.soleAuthor ?? false }
}

const epochId = (epoch: number) => `0192f000-0000-7000-8000-${String(epoch).padStart(12, '0')}`

/** An error as the API client throws it. */
export function refusal(
  status: number,
  code: AppError['code'],
  message = 'No',
  retryAfter?: number,
): ServerError {
  return new ServerError(status, { status: 'error', error: { code, message, requestId: 'r1' } }, retryAfter)
}

/** An answer that leaves everything as it was. */
const settled = (result: MutationResult): Effect => ({ result, seq: null, version: null, soleAuthor: false })

const rejected = (mutationId: string, code: AppError['code']): MutationResult => ({
  mutationId,
  status: 'rejected',
  problem: { code, message: 'Refused' },
})
