import { Value } from 'typebox/value'
import type { SessionUser } from '#common/contract/auth'
import type { Interaction } from '#common/contract/interactions'
import { Conflict, Mutation, type MutationResult } from '#common/contract/sync'
import { blockedStates, type Entry, type EntryProblem, type EntryState, type Plan } from '../outbox/entry.ts'
import { type Connection, openDatabase, type Place } from './database.ts'

const steps = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    mutation_id TEXT NOT NULL UNIQUE,
    entity_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    op TEXT NOT NULL,
    mutation TEXT NOT NULL,
    title TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    state TEXT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    conflict TEXT,
    problem TEXT
  );
  CREATE INDEX outbox_entity ON outbox (entity_id, seq);
  CREATE INDEX outbox_state ON outbox (state, seq);
  CREATE TABLE last_seen (entity_id TEXT PRIMARY KEY, site_id TEXT NOT NULL, record TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE history (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    removed_at TEXT NOT NULL,
    mutation TEXT NOT NULL,
    state TEXT NOT NULL,
    conflict TEXT
  );
  `,
]

export interface Meta {
  /** Names this file towards the server; a new file is a new device. */
  deviceId: string
  profile: SessionUser | null
  activeSiteId: string | null
  /** When the server was last reached, in milliseconds since 1970. */
  lastReachedAt: number | null
}

interface Row {
  mutation_id: string
  entity_id: string
  site_id: string
  op: Mutation['op']
  mutation: string
  title: string
  saved_at: string
  state: EntryState
  sent: number
  conflict: string | null
  problem: string | null
}

/** A batch as it is pushed. */
export interface Batch {
  deviceId: string
  mutations: Mutation[]
}

/**
 * `queue.db`: what the person has saved and the server has not acknowledged. Precious: every commit is on the disk
 * when a method returns, and nothing here is ever deleted because it could not be read.
 */
export class Queue {
  readonly #db: Connection

  constructor(place: Place, newId: () => string) {
    this.#db = openDatabase(place, { synchronous: 'FULL', steps })
    this.#assertSound()
    this.#db
      .prepare(`INSERT INTO meta VALUES ('deviceId', ?) ON CONFLICT DO NOTHING`)
      .run(JSON.stringify(newId()))
    this.#readAgain()
  }

  close() {
    this.#db.close()
  }

  meta(): Meta {
    const rows = this.#db.prepare<[], { name: string; value: string }>('SELECT name, value FROM meta').all()
    const stored = Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value) as unknown]))
    return { profile: null, activeSiteId: null, lastReachedAt: null, ...(stored as Pick<Meta, 'deviceId'>) }
  }

  writeMeta(changes: Partial<Omit<Meta, 'deviceId'>>) {
    const write = this.#db.prepare(
      'INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    )
    this.#transaction(() => {
      for (const [name, value] of Object.entries(changes)) write.run(name, JSON.stringify(value))
    })
  }

  entries(): Entry[] {
    return this.#select('ORDER BY seq')
  }

  /** The edits of a record, oldest first. */
  chain(entityId: string): Entry[] {
    return this.#select('WHERE entity_id = ? ORDER BY seq', entityId)
  }

  find(mutationId: string): Entry | undefined {
    return this.#select('WHERE mutation_id = ?', mutationId)[0]
  }

  /** Ids of all records that have edits here. */
  entityIds(): string[] {
    return this.#db.prepare('SELECT DISTINCT entity_id FROM outbox').pluck().all() as string[]
  }

  counts(): { waiting: number; needsAttention: number } {
    return this.#db
      .prepare(
        `SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
                count(*) FILTER (WHERE state NOT IN ('waiting', 'applied')) AS needsAttention FROM outbox`,
      )
      .get() as { waiting: number; needsAttention: number }
  }

  /** Carries a plan out; `titles` names the record of each new mutation for Sync centre, `seen` are their copies. */
  carryOut(
    { remove, keepHistory, add }: Plan,
    titles: readonly string[],
    seen: readonly Interaction[],
    at: string,
  ) {
    const keep = this.#db.prepare(
      'INSERT INTO history (removed_at, mutation, state, conflict) SELECT ?, mutation, state, conflict FROM outbox WHERE mutation_id = ?',
    )
    const drop = this.#db.prepare('DELETE FROM outbox WHERE mutation_id = ?')
    const put = this.#db.prepare(
      `INSERT INTO outbox (mutation_id, entity_id, site_id, op, mutation, title, saved_at, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting')`,
    )
    this.#transaction(() => {
      for (const { mutationId } of remove) {
        if (keepHistory) keep.run(at, mutationId)
        drop.run(mutationId)
      }
      for (const [index, m] of add.entries()) {
        put.run(m.mutationId, m.entityId, m.siteId, m.op, JSON.stringify(m), titles[index], m.deviceTime)
      }
      for (const record of seen) this.rememberSeen(record)
      for (const { entityId } of [...remove, ...add]) this.#tidy(entityId)
    })
  }

  /**
   * The next mutations to send, oldest first: at most `maxCount`, and as many as fit `maxBytes` of JSON (one at
   * least). They are marked as sent, durably, before they are handed out.
   */
  takeBatch(maxCount: number, maxBytes: number): Batch {
    const mutations: Mutation[] = []
    let bytes = 0
    const rows = this.#db
      .prepare<[number], { mutation_id: string; mutation: string }>(
        `SELECT mutation_id, mutation FROM outbox WHERE state = 'waiting' ORDER BY seq LIMIT ?`,
      )
      .all(maxCount)
    const mark = this.#db.prepare('UPDATE outbox SET sent = 1 WHERE mutation_id = ? AND sent = 0')
    this.#transaction(() => {
      for (const { mutation_id: id, mutation } of rows) {
        bytes += Buffer.byteLength(mutation) + 1
        if (bytes > maxBytes && mutations.length > 0) break
        mutations.push(JSON.parse(mutation) as Mutation)
        mark.run(id)
      }
    })
    return { deviceId: this.meta().deviceId, mutations }
  }

  /** Takes in what the server said. Answers about mutations that are not here are passed over. Returns the records touched. */
  settle(results: readonly MutationResult[]): Set<string> {
    const touched = new Set<string>()
    this.#transaction(() => {
      for (const result of results) {
        const entry = this.find(result.mutationId)
        if (entry?.state !== 'waiting' && entry?.state !== 'blocked') continue
        if (result.status === 'blocked' && this.#waitsForAncestor(entry)) continue
        this.#setState(entry.mutationId, ...settledState(result))
        if (result.record) this.rememberSeen(result.record)
        touched.add(entry.entityId)
      }
      for (const entityId of touched) this.#tidy(entityId)
    })
    return touched
  }

  /** Takes out what the server has applied, once its copy has arrived here. Returns the records touched. */
  forgetApplied(): Set<string> {
    return this.#transaction(() => {
      const touched = this.#db
        .prepare(`SELECT DISTINCT entity_id FROM outbox WHERE state = 'applied'`)
        .pluck()
        .all() as string[]
      this.#db.prepare(`DELETE FROM outbox WHERE state = 'applied'`).run()
      for (const entityId of touched) this.#tidy(entityId)
      return new Set(touched)
    })
  }

  /** The server's copy of a record under edit as it was last seen here, even if it has been deleted since. */
  lastSeen(entityId: string): Interaction | null {
    const record = this.#db
      .prepare('SELECT record FROM last_seen WHERE entity_id = ?')
      .pluck()
      .get(entityId) as string | undefined
    return record === undefined ? null : (JSON.parse(record) as Interaction)
  }

  /** Passed over when a newer one has been seen already. */
  rememberSeen(record: Interaction) {
    this.#db
      .prepare(
        `INSERT INTO last_seen VALUES (?, ?, ?) ON CONFLICT (entity_id) DO UPDATE SET record = excluded.record
         WHERE excluded.record ->> 'version' >= last_seen.record ->> 'version'`,
      )
      .run(record.id, record.siteId, JSON.stringify(record))
  }

  /** Leaves of sites outside `siteIds` only the person's own edits. Returns the records touched. */
  forgetSeenOutside(siteIds: readonly string[]): string[] {
    return this.#db
      .prepare(
        'DELETE FROM last_seen WHERE site_id NOT IN (SELECT value FROM json_each(?)) RETURNING entity_id',
      )
      .pluck()
      .all(JSON.stringify(siteIds)) as string[]
  }

  /** Better now, when the app can say so, than in the middle of somebody's work. */
  #assertSound() {
    if (this.#db.pragma('quick_check(1)', { simple: true }) === 'ok') return
    this.#db.close()
    throw Object.assign(new Error('The queue is damaged'), { code: 'SQLITE_CORRUPT' })
  }

  #transaction<T>(work: () => T): T {
    return this.#db.transaction(work).immediate()
  }

  #select(rest: string, ...params: unknown[]): Entry[] {
    return (this.#db.prepare(`SELECT * FROM outbox ${rest}`).all(...params) as Row[]).map(toEntry)
  }

  #setState(
    mutationId: string,
    state: EntryState,
    conflict: Conflict | null = null,
    problem: EntryProblem | null = null,
  ) {
    this.#db
      .prepare('UPDATE outbox SET state = ?, conflict = ?, problem = ? WHERE mutation_id = ?')
      .run(state, conflict && JSON.stringify(conflict), problem && JSON.stringify(problem), mutationId)
  }

  /** Brings `blocked` in line with the ancestors; of a record without edits nothing needs to be remembered. */
  #tidy(entityId: string) {
    const chain = this.chain(entityId)
    for (const [mutationId, state] of blockedStates(chain)) this.#setState(mutationId, state)
    if (chain.length === 0) this.#db.prepare('DELETE FROM last_seen WHERE entity_id = ?').run(entityId)
  }

  /** True while an ancestor is still here that has not been applied: that one decides. */
  #waitsForAncestor(entry: Entry): boolean {
    const ancestors = entry.mutation?.dependsOn ?? []
    return ancestors.some((id) => {
      const ancestor = this.find(id)
      return ancestor !== undefined && ancestor.state !== 'applied'
    })
  }

  /** Sets aside what this version cannot read, and takes back what an older one could not. */
  #readAgain() {
    this.#transaction(() => {
      const touched = new Set<string>()
      for (const entry of this.#select(`WHERE state IN ('waiting', 'blocked', 'unreadable')`)) {
        if ((entry.mutation === null) === (entry.state === 'unreadable')) continue
        this.#setState(entry.mutationId, entry.mutation ? 'waiting' : 'unreadable')
        touched.add(entry.entityId)
      }
      for (const entityId of touched) this.#tidy(entityId)
    })
  }
}

function settledState(result: MutationResult): [EntryState, Conflict | null, EntryProblem | null] {
  switch (result.status) {
    case 'applied':
    case 'duplicate':
      return ['applied', null, null]
    case 'conflict':
      if (result.conflict) return ['conflict', result.conflict, null]
      return [
        'rejected',
        null,
        { message: 'The server found a conflict and did not say which.', details: [] },
      ]
    case 'rejected': {
      const { message = 'The server refused this change.', details = [] } = result.problem ?? {}
      return ['rejected', null, { message, details }]
    }
    case 'blocked': {
      const message =
        'The server does not know the change this one builds on. Try again to send it by itself.'
      return ['rejected', null, { message, details: [] }]
    }
  }
}

const toEntry = (row: Row): Entry => ({
  mutationId: row.mutation_id,
  entityId: row.entity_id,
  siteId: row.site_id,
  op: row.op,
  mutation: readAs(Mutation, row.mutation),
  title: row.title,
  savedAt: row.saved_at,
  state: row.state,
  sent: row.sent === 1,
  conflict: row.conflict === null ? null : readAs(Conflict, row.conflict),
  problem: row.problem === null ? null : (JSON.parse(row.problem) as EntryProblem),
})

/** Null for what is damaged or has a shape this version does not know. */
function readAs<T extends typeof Mutation | typeof Conflict>(schema: T, json: string) {
  try {
    const value: unknown = JSON.parse(json)
    return Value.Check(schema, value) ? value : null
  } catch {
    return null
  }
}
