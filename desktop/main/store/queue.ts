import type {
  AnyMutation,
  Conflict,
  FieldConflict,
  MutationResult,
  SentMutation,
} from '#common/contract/sync'
import type { View } from '#common/contract/views'
import type { PastFieldItem, PastItem } from '#desktop/bridge/channels'
import type { ArchivedEdit } from '../outbox/archive.ts'
import {
  blockedStates,
  type Entry,
  type EntryProblem,
  type EntryState,
  type FieldEntry,
  type Plan,
  rootOf,
} from '../outbox/entry.ts'
import { compact, type Connection, openDatabase, type Place, Statements } from './database.ts'
import { type Figures, figuresOf } from './figures.ts'
import { Past } from './past.ts'
import { Desk } from './desk.ts'
import { ExportNotes } from './export-notes.ts'
import { LastSeen, type Seen } from './last-seen.ts'
import { MissNotes } from './miss-notes.ts'
import { Pictures } from './pictures.ts'
import { type Meta, QueueMeta } from './queue-meta.ts'
import { type HistoryRow, type Row, settledState, toEntry } from './queue-rows.ts'
import { queueReadableFrom, queueSteps } from './queue-schema.ts'
import { SavedViews } from './saved-views.ts'

/** A batch as it is pushed: mutations of one device, as they were written. */
export interface Batch {
  deviceId: string
  mutations: SentMutation[]
}

/** Still to be sent, or sent again. */
const toSend = `state IN ('waiting', 'resending')`
const listed = 'IN (SELECT value FROM json_each(?))'
const root = 'coalesce(visit_id, entity_id)'
const noLongerMember: EntryProblem = { message: 'You no longer belong to this site.', details: [] }

/**
 * `queue.db`: what the person has saved and the server has not acknowledged. Precious: every commit is on the disk
 * when a method returns, and nothing here is ever deleted because it could not be read.
 */
export class Queue {
  readonly #db: Connection
  readonly #sql: Statements
  readonly #past: Past
  readonly desk: Desk
  readonly views: SavedViews
  readonly exportNotes: ExportNotes
  readonly missNotes: MissNotes
  readonly pictures: Pictures
  readonly lastSeen: LastSeen
  readonly #meta: QueueMeta

  constructor(place: Place, newId: () => string) {
    this.#db = openDatabase(place, {
      synchronous: 'FULL',
      steps: queueSteps,
      readableFrom: queueReadableFrom,
    })
    // What is deleted is overwritten; what that leaves, `compact` takes.
    this.#db.pragma('secure_delete = ON')
    this.#assertSound()
    this.#sql = new Statements(this.#db)
    this.#past = new Past(this.#sql)
    this.desk = new Desk(this.#sql)
    this.views = new SavedViews(this.#sql)
    this.exportNotes = new ExportNotes(this.#sql)
    this.missNotes = new MissNotes(this.#sql)
    this.pictures = new Pictures(this.#sql)
    this.lastSeen = new LastSeen(this.#sql)
    this.#meta = new QueueMeta(this.#sql, newId)
    this.#readAgain()
  }

  close() {
    this.#db.close()
  }

  meta(): Meta {
    return this.#meta.read()
  }

  writeMeta(changes: Partial<Omit<Meta, 'deviceId'>>) {
    this.#transaction(() => {
      for (const [name, value] of Object.entries(changes)) this.#meta.set(name, value)
    })
  }

  entries(): (Entry | FieldEntry)[] {
    return this.#select('ORDER BY seq')
  }

  /** The edits of an interaction, oldest first. */
  chain(entityId: string): Entry[] {
    return this.#select<Entry>(`WHERE entity_id = ? AND entity = 'interaction' ORDER BY seq`, entityId)
  }

  /** The edits of a visit and its photos, oldest first. */
  family(visitId: string): FieldEntry[] {
    return this.#select<FieldEntry>(`WHERE ${root} = ? AND visit_id IS NOT NULL ORDER BY seq`, visitId)
  }

  find(mutationId: string): Entry | FieldEntry | undefined {
    return this.#select('WHERE mutation_id = ?', mutationId)[0]
  }

  isEmpty(): boolean {
    return this.#sql.value('SELECT 1 FROM outbox LIMIT 1') === undefined
  }

  /** Ids of all sites that have edits here. */
  siteIds(): string[] {
    return this.#sql.values('SELECT site_id FROM outbox UNION SELECT site_id FROM pictures')
  }

  /** Ids of all interactions and visits that have edits here, a visit also of its photos. */
  rootIds(): string[] {
    return this.#sql.values(`SELECT DISTINCT ${root} FROM outbox`)
  }

  /** Ids of the visits of a site that have edits here, also of their photos. */
  visitIds(siteId: string): string[] {
    return this.#sql.values(
      'SELECT DISTINCT visit_id FROM outbox WHERE site_id = ? AND visit_id IS NOT NULL',
      siteId,
    )
  }

  /** The visit of a photo that has edits here. */
  visitOfPhoto(id: string): string | null {
    const found = `SELECT visit_id FROM outbox WHERE entity_id = ? AND entity = 'photo' LIMIT 1`
    return this.#sql.value<string>(found, id) ?? null
  }

  /** What is under edit, and what it is part of. */
  edited(): { entity: AnyMutation['entity']; id: string; root: string }[] {
    return this.#sql.all(`SELECT DISTINCT entity, entity_id AS id, ${root} AS root FROM outbox`)
  }

  /** Edits, photos of which only the bytes are still to be sent, and `reasons` of misses, which are waiting too. */
  counts(): { waiting: number; needsAttention: number; reasons: number } {
    const counted = this.#sql.all<{ waiting: number; needsAttention: number }>(
      `SELECT count(*) FILTER (WHERE ${toSend}) AS waiting,
              count(*) FILTER (WHERE state <> 'applied' AND NOT (${toSend})) AS needsAttention FROM outbox`,
    )[0]!
    const photos = this.pictures.counts()
    const reasons = this.missNotes.counts().waiting
    return {
      waiting: counted.waiting + photos.waiting + reasons,
      needsAttention: counted.needsAttention + photos.needsAttention,
      reasons,
    }
  }

  figures(): Omit<Figures, 'cache' | 'files'> {
    return {
      queue: figuresOf(this.#db),
      edits: this.#sql.all(
        `SELECT entity, op, state, count(*) AS count, min(saved_at) AS oldestAt FROM outbox GROUP BY 1, 2, 3`,
      ),
      past: this.#sql.all(
        `SELECT outcome, count(*) AS count, max(ended_at) AS latestAt FROM past GROUP BY 1`,
      ),
      photos: this.#sql.all(
        `SELECT state, count(*) AS count, sum(size) AS bytes, min(added_at) AS oldestAt FROM pictures GROUP BY 1`,
      ),
    }
  }

  /** When the oldest of what is still to be sent was saved; null where nothing is. */
  waitingSince(): string | null {
    const saved = this.#sql.value<string | null>(`SELECT min(saved_at) FROM outbox WHERE ${toSend}`) ?? null
    const each = [saved, this.pictures.waitingSince(), this.missNotes.counts().since]
    return each.filter((since) => since !== null).sort()[0] ?? null
  }

  /** Edits that are over, the latest first. */
  past(limit: number): (PastItem | PastFieldItem)[] {
    return this.#past.list(limit)
  }

  /** The edits of an interaction that are here or were sent from here, the latest first. */
  history(entityId: string): HistoryRow[] {
    return this.#sql.all<HistoryRow>(
      `SELECT mutation, saved_at, device_id, state IN ('applied', 'resending') AS isSent, seq
       FROM outbox WHERE entity_id = :id AND entity = 'interaction'
       UNION ALL
       SELECT mutation, saved_at, device_id, 1, seq FROM past
       WHERE entity_id = :id AND entity = 'interaction' AND outcome = 'sent'
       ORDER BY seq DESC`,
      { id: entityId },
    )
  }

  /** Takes in the views that the server has of a site. False when nothing is different. */
  takeViews(siteId: string, views: readonly View[]): boolean {
    return this.#transaction(() => this.views.take(siteId, views))
  }

  /**
   * Carries a plan out; `titles` names the record of each new mutation for Sync centre, `seen` are their copies. `also`
   * is done in the same step.
   */
  carryOut(
    { remove, outcome, renewed = [], add, visitId }: Plan<AnyMutation>,
    titles: readonly string[],
    seen: readonly Seen[],
    at: string,
    also: () => void = () => {},
  ) {
    const idsOf = (entries: readonly Entry<AnyMutation>[]) => entries.map(({ mutationId }) => mutationId)
    const untraced = JSON.stringify(idsOf(outcome ? renewed : [...renewed, ...remove]))
    this.#transaction(() => {
      if (outcome) this.#past.take(idsOf(remove), outcome, at)
      if (!outcome || renewed.length > 0)
        this.#sql.run(`DELETE FROM outbox WHERE mutation_id ${listed}`, untraced)
      for (const [index, m] of add.entries()) {
        const row = {
          deviceId: this.#deviceOf(m.dependsOn),
          visitId: visitId ?? null,
          title: titles[index]!,
          savedAt: m.deviceTime,
        }
        this.#put({ ...m, ...row, mutation: JSON.stringify(m) }, 'waiting', 0)
      }
      for (const each of seen) this.lastSeen.remember(each)
      this.#tidy([...remove, ...renewed].map(rootOf).concat(add.map(({ entityId }) => visitId ?? entityId)))
      also()
    })
  }

  /**
   * The next mutations to send, oldest first, all of one device: at most `maxCount`, and as many as fit `maxBytes` of
   * JSON (one at least), and none of `except`. They are marked as sent, durably, before they are handed out.
   */
  takeBatch(maxCount: number, maxBytes: number, except: readonly string[] = []): Batch {
    const candidates = `FROM outbox WHERE ${toSend} AND mutation_id NOT ${listed}`
    const set = JSON.stringify(except)
    const deviceId = this.#sql.value<string | null>(
      `SELECT device_id ${candidates} ORDER BY seq LIMIT 1`,
      set,
    )
    const rows = this.#sql.all<{ mutation_id: string; mutation: string }>(
      `SELECT mutation_id, mutation ${candidates} AND device_id IS ? ORDER BY seq LIMIT ?`,
      set,
      deviceId ?? null,
      maxCount,
    )
    const mutations: SentMutation[] = []
    let bytes = 0
    this.#transaction(() => {
      for (const { mutation_id: id, mutation } of rows) {
        bytes += Buffer.byteLength(mutation) + 1
        if (bytes > maxBytes && mutations.length > 0) break
        mutations.push(JSON.parse(mutation) as SentMutation)
        this.#sql.run('UPDATE outbox SET sent = 1 WHERE mutation_id = ? AND sent = 0', id)
      }
    })
    return { deviceId: deviceId ?? this.meta().deviceId, mutations }
  }

  /**
   * Takes in what the server said; answers about mutations that are not here are passed over. Returns the records
   * touched. When the server does not know an ancestor that it had acknowledged, it has lost it, and perhaps more: all
   * of that is sent again.
   */
  settle(results: readonly MutationResult[], at: string): Set<string> {
    const touched = new Set<string>()
    let lost = false
    this.#transaction(() => {
      for (const result of results) {
        const entry = this.find(result.mutationId)
        if (!entry || !['waiting', 'blocked', 'resending'].includes(entry.state)) continue
        if (result.status === 'failed') this.#notePassingProblem(entry, result)
        if (result.status === 'failed' || (result.status === 'blocked' && this.#waitsForAncestor(entry)))
          continue
        if (result.status === 'blocked' && this.#hadAncestor(entry)) {
          lost = true
          continue
        }
        // Another device that had taken it along may have sent it.
        if (!entry.sent) this.#sql.run('UPDATE outbox SET sent = 1 WHERE mutation_id = ?', entry.mutationId)
        // The server has not lost it, and the copies say what has become of the record since.
        if (entry.state === 'resending' && result.status === 'duplicate')
          this.#past.take([entry.mutationId], 'sent', at)
        else this.#setState(entry.mutationId, ...settledState(result))
        if (result.record) this.lastSeen.remember({ entity: entry.entity, record: result.record } as Seen)
        if (isGone(entry, result)) this.pictures.drop(entry.entityId)
        touched.add(rootOf(entry))
      }
      this.#tidy(touched)
      if (lost) this.#past.putBack()
    })
    return touched
  }

  /** Those of `mutationIds` that are here to be sent. */
  stillToSend(mutationIds: readonly string[]): string[] {
    return this.#sql.values(
      `SELECT mutation_id FROM outbox WHERE ${toSend} AND mutation_id ${listed}`,
      JSON.stringify(mutationIds),
    )
  }

  /** Takes out what the server has applied, once its copy has arrived here. Returns the records touched. */
  forgetApplied(at: string): Set<string> {
    const applied = this.#select(`WHERE state = 'applied'`)
    if (applied.length === 0) return new Set()
    const touched = new Set(applied.map(rootOf))
    this.#transaction(() => {
      const ids = applied.map(({ mutationId }) => mutationId)
      this.#past.take(ids, 'sent', at)
      this.#tidy(touched)
    })
    return touched
  }

  /**
   * The server's database is not the one edits were sent to before: what it acknowledged is sent again, and so is what
   * it did not take, since its reasons were of that time. Their records are remembered as `copyOf` has them, should the
   * server have lost these too; anything it says of them now replaces that, even what looks older.
   */
  sendAgain(epoch: string, copyOf: (entity: Seen['entity'], id: string) => Seen | null): void {
    this.#transaction(() => {
      this.#past.putBack()
      this.#sql.run(
        `UPDATE outbox SET state = 'waiting', conflict = NULL, problem = NULL
         WHERE state IN ('conflict', 'rejected') AND sent = 1`,
      )
      this.#tidy(this.rootIds())
      this.lastSeen.beginAnew()
      for (const { entity, id } of this.edited()) {
        const copy = copyOf(entity, id)
        if (copy) this.lastSeen.remember({ entity, record: { ...copy.record, version: 0 } } as Seen)
      }
      this.pictures.doubtStored()
      this.writeMeta({ epoch })
    })
  }

  /** What has not been sent, and what it builds on, as it can be taken to another device. */
  unsent(): ArchivedEdit[] {
    const { deviceId } = this.meta()
    return this.#past.unsent().map((row) => ({
      deviceId: row.device_id ?? deviceId,
      entity: row.entity,
      entityId: row.entity_id,
      visitId: row.visit_id,
      siteId: row.site_id,
      op: row.op,
      mutationId: row.mutation_id,
      mutation: row.mutation,
      title: row.title,
      savedAt: row.saved_at,
      acknowledged: row.acknowledged === 1,
      lastSeen: this.lastSeen.find(row.entity, row.entity_id),
    }))
  }

  /**
   * Puts such edits at the end of the queue, still under the device they were made on. Those that are here, or were
   * sent from here or replaced, are passed over. Returns those that were not.
   */
  takeIn(edits: readonly ArchivedEdit[]): ArchivedEdit[] {
    const { deviceId } = this.meta()
    const isKnown = ({ mutationId }: ArchivedEdit) =>
      this.#sql.value(
        `SELECT 1 FROM outbox WHERE mutation_id = :id
         UNION ALL SELECT 1 FROM past WHERE mutation_id = :id AND outcome <> 'discarded'`,
        { id: mutationId },
      ) === 1
    return this.#transaction(() => {
      const added = edits.filter((edit) => !isKnown(edit))
      for (const edit of added) {
        const device = edit.deviceId === deviceId ? null : edit.deviceId
        this.#put({ ...edit, deviceId: device }, edit.acknowledged ? 'resending' : 'waiting', 1)
        const { entity = 'interaction', lastSeen } = edit
        if (lastSeen) this.lastSeen.remember({ entity, record: lastSeen } as Seen)
      }
      this.#readAgain()
      this.#tidy(added.map(({ visitId = null, entityId }) => visitId ?? entityId))
      return added
    })
  }

  /** Leaves of sites outside `siteIds` only the person's own unsent edits. Returns the records touched. */
  forgetOutside(siteIds: readonly string[]): string[] {
    const sites = JSON.stringify(siteIds)
    const outside = `site_id NOT ${listed} RETURNING entity_id`
    return this.#transaction(() => {
      const touched = [
        ...this.lastSeen.forgetOutside(siteIds),
        ...this.#sql.values(
          `UPDATE outbox SET state = 'rejected', conflict = NULL, problem = ? WHERE state = 'conflict' AND ${outside}`,
          JSON.stringify(noLongerMember),
          sites,
        ),
      ]
      const others =
        this.#past.forgetOutside(siteIds) +
        this.views.forgetOutside(siteIds) +
        this.pictures.forgetOutside(siteIds)
      if (touched.length > 0)
        touched.push(
          ...this.#sql.values(`SELECT DISTINCT ${root} FROM outbox WHERE site_id NOT ${listed}`, sites),
        )
      this.#tidy(touched)
      if (touched.length > 0 || others > 0) this.#meta.set('compact', true)
      return touched
    })
  }

  /** Photos may lie beside it that only a queue before it knew of. */
  mayHaveLeftFiles(): boolean {
    return this.#meta.has('leftFiles')
  }

  /** From now on all photos beside it are its own. */
  noteNoLeftFiles(): void {
    this.#meta.drop('leftFiles')
  }

  /** Makes the file anew if something was forgotten for good, so that it is nowhere any more. */
  compact(): void {
    if (!this.#meta.has('compact')) return
    compact(this.#db)
    this.#meta.drop('compact')
  }

  /** Better now, when the app can say so, than in the middle of somebody's work. */
  #assertSound() {
    if (this.#db.pragma('quick_check(1)', { simple: true }) === 'ok') return
    this.#db.close()
    throw Object.assign(new Error('The queue is damaged'), { code: 'SQLITE_CORRUPT' })
  }

  #transaction<T>(work: () => T): T {
    try {
      return this.#db.transaction(work).immediate()
    } catch (error) {
      this.#meta.forget()
      throw error
    }
  }

  #select<E extends Entry | FieldEntry>(rest: string, ...params: unknown[]): E[] {
    return this.#sql.all<Row>(`SELECT * FROM outbox ${rest}`, ...params).map(toEntry) as E[]
  }

  #put(
    edit: Omit<ArchivedEdit, 'deviceId' | 'lastSeen' | 'acknowledged'> & { deviceId: string | null },
    state: EntryState,
    sent: 0 | 1,
  ) {
    this.#sql.run(
      `INSERT INTO outbox
         (mutation_id, entity_id, site_id, op, mutation, title, saved_at, state, sent, device_id, entity, visit_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[edit.mutationId, edit.entityId, edit.siteId, edit.op, edit.mutation, edit.title, edit.savedAt],
      ...[state, sent, edit.deviceId, edit.entity ?? 'interaction', edit.visitId ?? null],
    )
  }

  /** An edit goes out under the device of the one it builds on: there the server looks for it. */
  #deviceOf(ancestors: readonly string[]): string | null {
    const found = this.#sql.value<string>(
      `SELECT device_id FROM outbox WHERE mutation_id ${listed} AND device_id IS NOT NULL`,
      JSON.stringify(ancestors),
    )
    return found ?? null
  }

  #setState(
    mutationId: string,
    state: EntryState,
    conflict: Conflict | FieldConflict | null = null,
    problem: EntryProblem | null = null,
  ) {
    this.#sql.run(
      'UPDATE outbox SET state = ?, conflict = ?, problem = ? WHERE mutation_id = ?',
      state,
      conflict && JSON.stringify(conflict),
      problem && JSON.stringify(problem),
      mutationId,
    )
  }

  /** Brings `blocked` in line with the ancestors; of what has no edits nothing needs to be remembered. */
  #tidy(rootIds: Iterable<string>) {
    for (const rootId of new Set(rootIds)) {
      const chain = this.#select(`WHERE ${root} = ? ORDER BY seq`, rootId)
      for (const [mutationId, state] of blockedStates(chain)) this.#setState(mutationId, state)
      const isOfVisit = chain.some(({ visitId }) => visitId !== null)
      if (chain.length === 0 || isOfVisit) this.lastSeen.forget(rootId)
    }
  }

  /** It waits on, and the person can see why. */
  #notePassingProblem({ mutationId, state, problem }: Entry | FieldEntry, result: MutationResult) {
    const { message = 'The server could not save this change yet.', details = [] } = result.problem ?? {}
    if (problem?.message !== message) this.#setState(mutationId, state, null, { message, details })
  }

  /** True while an ancestor is still here that has not been applied: that one decides. */
  #waitsForAncestor({ mutation }: Entry | FieldEntry): boolean {
    return (mutation?.dependsOn ?? []).some((id) => {
      const ancestor = this.find(id)
      return ancestor !== undefined && ancestor.state !== 'applied'
    })
  }

  /** True when the server has acknowledged an ancestor. */
  #hadAncestor({ mutation }: Entry | FieldEntry): boolean {
    return (mutation?.dependsOn ?? []).some((id) => this.find(id) !== undefined || this.#past.wasSent(id))
  }

  /** Sets aside what this version cannot read, and takes back what an older one could not. */
  #readAgain() {
    const changed = this.#select(`WHERE state IN ('waiting', 'resending', 'blocked', 'unreadable')`).filter(
      ({ mutation, state }) => (mutation === null) !== (state === 'unreadable'),
    )
    if (changed.length === 0) return
    this.#transaction(() => {
      for (const { mutationId, mutation } of changed)
        this.#setState(mutationId, mutation ? 'waiting' : 'unreadable')
      this.#tidy(changed.map(rootOf))
    })
  }
}

/** A photo that was taken out, and is out. */
const isGone = ({ entity, op }: Entry | FieldEntry, { status }: MutationResult) =>
  entity === 'photo' && op === 'delete' && (status === 'applied' || status === 'duplicate')
