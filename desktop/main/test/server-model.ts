import type { SessionUser } from '#common/contract/auth'
import type { AppError } from '#common/contract/errors'
import type { Interaction, InteractionFields } from '#common/contract/interactions'
import { problemsOf } from '#common/contract/sentences'
import type { SiteRole } from '#common/contract/sites'
import { Mutation, type MutationResult, type PullPage } from '#common/contract/sync'
import { emptyFields, fieldsOf, interactionProblems, normalise } from '#common/rules/interaction-rules'
import { merge } from '#common/rules/merge'
import { may } from '#common/rules/permissions'
import { ServerError } from '../api/failures.ts'

interface Receipt {
  userId: string
  payload: string
  result: MutationResult
  feedId: string
  seq: number
  version: number | null
  alone: boolean
}

interface State {
  epoch: number
  records: Map<string, { record: Interaction; deleted: boolean }>
  feeds: Map<string, { entityId: string | null }[]>
  receipts: Map<string, Receipt>
}

interface Cursor {
  epoch: number
  /** `after`: the record the last page of a first sync ended with; empty before the first. */
  feeds: Record<string, { seq: number; after?: string }>
}

/**
 * The server's side of SYNC.md in memory: receipts, feeds with gap-free numbers, merging by field, tombstones, first
 * syncs newest first. It promises no more than the contract: the last page of a first sync may be older than the head.
 */
export class ServerModel {
  readonly users = new Map<string, SessionUser>()
  /** How often each mutation has had an effect. */
  readonly effects = new Map<string, number>()
  /** A batch with such an edit is refused whole, as by a bug that concerns one edit only. */
  poison: (mutation: Mutation) => boolean = () => false
  /** The server's own limit to what a pull brings. */
  maxPage = Infinity
  #state: State = { epoch: 1, records: new Map(), feeds: new Map(), receipts: new Map() }
  #clock = Date.parse('2026-01-01T00:00:00Z')

  addUser(id: string, sites: Record<string, SiteRole>): SessionUser {
    const user: SessionUser = {
      id,
      username: 'someone',
      email: 'someone@example.org',
      displayName: 'Someone',
      tenant: null,
      roles: [],
      sites: Object.entries(sites).map(([siteId, role]) => ({ id: siteId, name: 'Site', role })),
      defaultSiteId: null,
      activeSiteId: null,
    }
    this.users.set(id, user)
    return user
  }

  setSites(userId: string, sites: Record<string, SiteRole>) {
    const user = this.users.get(userId)!
    this.users.set(userId, {
      ...user,
      sites: Object.entries(sites).map(([id, role]) => ({ id, name: 'Site', role })),
    })
  }

  backup(): State {
    return structuredClone(this.#state)
  }

  restore(backup: State) {
    this.#state = { ...structuredClone(backup), epoch: this.#state.epoch + 1 }
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

  receipt(deviceId: string, mutationId: string): Receipt | undefined {
    return this.#state.receipts.get(`${deviceId} ${mutationId}`)
  }

  /** Writes as somebody else would, past sync. */
  write(siteId: string, id: string, change: Partial<InteractionFields> | 'delete', by: string) {
    const found = this.#state.records.get(id)
    if (change === 'delete') {
      this.#remove(found!.record, by)
    } else if (found) {
      this.#put({ ...found.record, ...normalise(change) }, by)
    } else {
      this.#put(this.#fresh(siteId, id, { ...emptyFields, ...change }, by), by)
    }
  }

  push(userId: string, deviceId: string, mutations: readonly Mutation[]): MutationResult[] {
    if (mutations.some(this.poison)) throw refusal(400, 'VALIDATION_ERROR', 'The batch cannot be read')
    return mutations.map((mutation) =>
      this.#pushOne(this.users.get(userId)!, deviceId, structuredClone(mutation)),
    )
  }

  pull(userId: string, deviceId: string, cursorText: string | undefined, wanted: number): PullPage {
    const limit = Math.min(wanted, this.maxPage)
    const user = this.users.get(userId)!
    const given = cursorText === undefined ? null : (JSON.parse(cursorText) as Cursor)
    const heads = new Map(user.sites.map(({ id }) => [id, this.#feed(id).length]))
    const reset = given !== null && given.epoch !== this.#state.epoch
    const known = given && !reset ? given.feeds : {}
    const next: Cursor = { epoch: this.#state.epoch, feeds: {} }
    const page: PullPage = {
      reset,
      cursor: '',
      hasMore: false,
      remaining: 0,
      sites: [...user.sites],
      changes: [],
      removals: [],
      receipts: [],
    }
    const own = { ...known[userId], seq: known[userId]?.seq ?? 0 }
    page.receipts.push(...this.#receipts(userId, userId, deviceId, own.seq, this.#feed(userId).length))
    next.feeds[userId] = { seq: this.#feed(userId).length }
    for (const [siteId, head] of heads) {
      const room = limit - page.changes.length - page.removals.length
      const from = known[siteId] ?? { seq: head, after: '' }
      if (room <= 0) {
        if (known[siteId]) next.feeds[siteId] = known[siteId]
        page.hasMore = true
      } else if (from.after !== undefined) {
        const { after } = from
        const keyOf = (record: Interaction) => `${record.createdAt} ${record.id}`
        const newest = this.live(siteId).sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1))
        const left = newest.filter((record) => after === '' || keyOf(record) < after)
        const records = left.slice(0, room)
        const more = records.length < left.length
        page.changes.push(...records.map((record) => ({ entity: 'interaction' as const, record })))
        next.feeds[siteId] = { seq: from.seq, ...(more && { after: keyOf(records.at(-1)!) }) }
        page.hasMore ||= more
        page.remaining += left.length - records.length
      } else {
        const last = new Map(this.#feed(siteId).map(({ entityId }, index) => [entityId, index + 1]))
        const found = [...last]
          .filter(([entityId, seq]) => entityId && seq > from.seq)
          .sort((a, b) => a[1] - b[1])
          .slice(0, room)
        const more = found.length === room
        const to = more ? found.at(-1)![1] : head
        for (const [id] of found) {
          const { record, deleted } = this.#state.records.get(id!)!
          if (deleted) page.removals.push({ entity: 'interaction', id: id!, siteId })
          else page.changes.push({ entity: 'interaction', record })
        }
        page.receipts.push(...this.#receipts(siteId, userId, deviceId, from.seq, to))
        next.feeds[siteId] = { seq: to }
        page.hasMore ||= more
      }
    }
    page.cursor = JSON.stringify(next)
    return structuredClone(page)
  }

  #pushOne(user: SessionUser, deviceId: string, mutation: Mutation): MutationResult {
    const { mutationId } = mutation
    const payload = JSON.stringify(mutation)
    const earlier = this.receipt(deviceId, mutationId)
    if (earlier) {
      if (earlier.userId !== user.id || earlier.payload !== payload)
        return rejected(mutationId, 'VALIDATION_ERROR')
      return earlier.result.status === 'applied' ? { ...earlier.result, status: 'duplicate' } : earlier.result
    }
    if (problemsOf(Mutation, mutation).length > 0) return rejected(mutationId, 'VALIDATION_ERROR')
    const ancestors = mutation.dependsOn.map((id) => this.receipt(deviceId, id))
    if (ancestors.some((receipt) => receipt?.result.status !== 'applied'))
      return { mutationId, status: 'blocked' }
    const { result, alone } = this.#apply(user, mutation, ancestors as Receipt[])
    const belongs = user.sites.some(({ id }) => id === mutation.siteId)
    const feedId = belongs ? mutation.siteId : user.id
    if (result.status !== 'applied') this.#feed(feedId).push({ entityId: null })
    const seq = this.#feed(feedId).length
    const version = result.record?.version ?? null
    this.#state.receipts.set(`${deviceId} ${mutationId}`, {
      userId: user.id,
      payload,
      result,
      feedId,
      seq,
      version,
      alone,
    })
    return structuredClone(result)
  }

  #apply(
    user: SessionUser,
    mutation: Mutation,
    ancestors: Receipt[],
  ): { result: MutationResult; alone: boolean } {
    const { mutationId, siteId, entityId, op, base, patch } = mutation
    const no = (result: MutationResult) => ({ result, alone: false })
    const yes = (record: Interaction | null, alone: boolean) => {
      this.effects.set(mutationId, (this.effects.get(mutationId) ?? 0) + 1)
      return { result: { mutationId, status: 'applied' as const, record }, alone }
    }
    const conflict = (theirs: Interaction | null, fields: string[]) =>
      no({ mutationId, status: 'conflict', conflict: { fields, base, mine: patch, theirs } })
    if (!may(user, `interaction.${op}`, { siteId })) return no(rejected(mutationId, 'AUTHORIZATION_ERROR'))
    const last = ancestors.at(-1)
    const seen =
      mutation.baseVersion === null
        ? { version: last?.version, alone: last?.alone ?? false }
        : { version: mutation.baseVersion, alone: true }
    const found = this.#state.records.get(entityId)
    const current = found && !found.deleted ? found.record : null
    if (op === 'create') {
      if (found) return conflict(current, [])
      const record = this.#fresh(siteId, entityId, normalise({ ...emptyFields, ...patch }), user.id)
      if (interactionProblems(fieldsOf(record), null).length > 0)
        return no(rejected(mutationId, 'VALIDATION_ERROR'))
      return yes(this.#put(record, user.id), true)
    }
    if (!found) return no(rejected(mutationId, 'RESOURCE_NOT_FOUND'))
    if (op === 'delete') {
      if (!current) return no({ mutationId, status: 'applied', record: null })
      if (!may(user, 'interaction.delete', { siteId, createdBy: current.createdBy }))
        return no(rejected(mutationId, 'AUTHORIZATION_ERROR'))
      if (!seen.alone || seen.version !== current.version) return conflict(current, [])
      this.#remove(current, user.id)
      return yes(null, true)
    }
    if (!current) return conflict(null, Object.keys(patch))
    const merged = merge(base, patch, fieldsOf(current))
    if (merged.kind === 'conflict') return conflict(current, merged.fields)
    if (interactionProblems(merged.fields, current.status).length > 0)
      return no(rejected(mutationId, 'VALIDATION_ERROR'))
    return yes(
      this.#put({ ...current, ...normalise(merged.fields) }, user.id),
      seen.alone && seen.version === current.version,
    )
  }

  #fresh(siteId: string, id: string, fields: InteractionFields, by: string): Interaction {
    const at = this.#now()
    return { id, siteId, ...fields, version: 0, createdBy: by, createdAt: at, updatedBy: by, updatedAt: at }
  }

  #put(record: Interaction, by: string): Interaction {
    const written = { ...record, version: record.version + 1, updatedBy: by, updatedAt: this.#now() }
    this.#state.records.set(record.id, { record: written, deleted: false })
    this.#feed(record.siteId).push({ entityId: record.id })
    return structuredClone(written)
  }

  #remove(record: Interaction, by: string) {
    this.#state.records.set(record.id, {
      record: { ...record, version: record.version + 1, updatedBy: by },
      deleted: true,
    })
    this.#feed(record.siteId).push({ entityId: record.id })
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

  #feed(id: string) {
    const feed = this.#state.feeds.get(id) ?? []
    this.#state.feeds.set(id, feed)
    return feed
  }

  #now() {
    this.#clock += 1000
    return new Date(this.#clock).toISOString()
  }
}

/** An error as the API client throws it. */
export function refusal(
  status: number,
  code: AppError['code'],
  message = 'No',
  retryAfter?: number,
): ServerError {
  return new ServerError(status, { status: 'error', error: { code, message, requestId: 'r1' } }, retryAfter)
}

const rejected = (mutationId: string, code: AppError['code']): MutationResult => ({
  mutationId,
  status: 'rejected',
  problem: { code, message: 'Refused' },
})
