import type { Removal } from '#common/contract/sync'
import type { LocalPhoto } from '#desktop/bridge/field'
import type { Statements } from './database.ts'

/**
 * `missing`: its bytes are not here, though the server does not have them either. `sending` is `waiting` while some of
 * it travels.
 */
export type PictureState = LocalPhoto['state']

/** A photo whose bytes are on this device. */
export interface Picture {
  id: string
  visitId: string
  siteId: string
  sha256: string
  size: number
  state: PictureState
  /** Bytes the server has, as far as this device knows. */
  received: number
  /** How often it was begun anew because the server did not take it. */
  restarts: number
  problem: string | null
  addedAt: string
}

/** A photo to be sent, or of one that has been only its small version. */
export interface Upload extends Picture {
  thumbnailOnly: boolean
}

/** Days for which the bytes of a photo stay here once nothing of its visit is to be sent. */
export const keptDays = 14

const columns =
  'id, visit_id AS visitId, site_id AS siteId, sha256, size, state, received, restarts, problem, added_at AS addedAt'

/** Waits until the server knows of it and nobody has taken it out again. */
const isAnnounced = `NOT EXISTS (SELECT 1 FROM outbox WHERE entity = 'photo' AND entity_id = pictures.id
  AND (op = 'delete' OR op = 'create' AND state <> 'applied'))`

/** There is an edit of it that the server does not have, as the one that adds it. */
const isEdited = `EXISTS (SELECT 1 FROM outbox WHERE entity = 'photo' AND entity_id = pictures.id AND state <> 'applied')`

const listed = 'IN (SELECT value FROM json_each(?))'

/**
 * The index of the photos whose bytes are here, in `queue.db`: a row is there from the moment a photo is saved until
 * its bytes may go, and there are no bytes without one. Its methods are parts of the queue's transactions, or one each.
 */
export class Pictures {
  readonly #sql: Statements
  /** Some have gone, and with them perhaps the reason to keep their bytes. */
  #someGone = false

  constructor(sql: Statements) {
    this.#sql = sql
    this.#sql.run(`UPDATE pictures SET state = 'waiting' WHERE state = 'sending'`)
  }

  add(
    picture: Pick<Picture, 'id' | 'visitId' | 'siteId' | 'sha256' | 'size'> & { thumbnail: Uint8Array },
    at: string,
  ) {
    this.#sql.run(
      `INSERT INTO pictures (id, visit_id, site_id, sha256, size, thumbnail, added_at)
       VALUES (:id, :visitId, :siteId, :sha256, :size, :thumbnail, :at)`,
      { ...picture, at },
    )
  }

  /** Those of which only the bytes are still to be sent, and those that are stopped. */
  counts(): { waiting: number; needsAttention: number } {
    return this.#sql.all<{ waiting: number; needsAttention: number }>(
      `SELECT count(*) FILTER (WHERE state IN ('waiting', 'sending')) AS waiting,
              count(*) FILTER (WHERE state NOT IN ('waiting', 'sending')) AS needsAttention
       FROM pictures WHERE state <> 'sent' AND ${isAnnounced}`,
    )[0]!
  }

  waitingSince(): string | null {
    return (
      this.#sql.value<string | null>(
        `SELECT min(added_at) FROM pictures WHERE state IN ('waiting', 'sending')`,
      ) ?? null
    )
  }

  /** Stopped, though nothing else of them is. */
  stopped(): Picture[] {
    return this.#sql.all<Picture>(
      `SELECT ${columns} FROM pictures WHERE state IN ('stopped', 'missing') AND ${isAnnounced} ORDER BY added_at, id`,
    )
  }

  find(id: string): Picture | null {
    return this.#sql.all<Picture>(`SELECT ${columns} FROM pictures WHERE id = ?`, id)[0] ?? null
  }

  ofVisit(visitId: string): Picture[] {
    return this.#sql.all<Picture>(`SELECT ${columns} FROM pictures WHERE visit_id = ?`, visitId)
  }

  thumbnail(id: string): Uint8Array | null {
    const bytes = this.#sql.value<Buffer>('SELECT thumbnail FROM pictures WHERE id = ?', id)
    return bytes ? new Uint8Array(bytes) : null
  }

  /** By visit, how many the server does not have. */
  waiting(visitIds: readonly string[]): Map<string, number> {
    const rows = this.#sql.all<{ visitId: string; count: number }>(
      `SELECT visit_id AS visitId, count(*) AS count FROM pictures
       WHERE state <> 'sent' AND visit_id ${listed} GROUP BY visit_id`,
      JSON.stringify(visitIds),
    )
    return new Map(rows.map(({ visitId, count }) => [visitId, count]))
  }

  /** The next one to send, the oldest first, and small versions last; `except` are put off. */
  next(except: readonly string[]): Upload | null {
    const among = `id NOT ${listed} ORDER BY added_at, id LIMIT 1`
    const ids = JSON.stringify(except)
    const [photo] = this.#sql.all<Picture>(
      `SELECT ${columns} FROM pictures WHERE state IN ('waiting', 'sending') AND ${isAnnounced} AND ${among}`,
      ids,
    )
    if (photo) return { ...photo, thumbnailOnly: false }
    const [small] = this.#sql.all<Picture>(
      `SELECT ${columns} FROM pictures WHERE state = 'sent' AND thumbnail_sent = 0 AND ${isAnnounced} AND ${among}`,
      ids,
    )
    return small ? { ...small, thumbnailOnly: true } : null
  }

  note(id: string, changes: Partial<Pick<Picture, 'state' | 'received' | 'restarts' | 'problem'>>) {
    const names = Object.keys(changes)
    this.#sql.run(
      `UPDATE pictures SET ${names.map((name) => `${name} = :${name}`).join(', ')} WHERE id = :id`,
      {
        ...changes,
        id,
      },
    )
  }

  noteStored(id: string, at: string) {
    this.#sql.run(
      `UPDATE pictures SET state = 'sent', received = size, problem = NULL, stored_at = coalesce(stored_at, ?)
       WHERE id = ?`,
      at,
      id,
    )
  }

  noteThumbnailSent(id: string) {
    this.#sql.run('UPDATE pictures SET thumbnail_sent = 1 WHERE id = ?', id)
  }

  drop(id: string) {
    this.#forget('id = ?', id)
  }

  /** Whether some have gone since this was asked. */
  takeGone(): boolean {
    const someGone = this.#someGone
    this.#someGone = false
    return someGone
  }

  #forget(where: string, ...params: unknown[]): number {
    const { changes } = this.#sql.run(`DELETE FROM pictures WHERE ${where}`, ...params)
    if (changes > 0) this.#someGone = true
    return changes
  }

  /** The server was restored and may have lost some. */
  doubtStored() {
    this.#sql.run(
      `UPDATE pictures SET state = 'waiting', received = 0, restarts = 0, thumbnail_sent = 0, stored_at = NULL
       WHERE state IN ('sent', 'stopped')`,
    )
  }

  /**
   * Forgets those that the server has and that are of sites outside `siteIds`; how many. The others are nowhere else: they
   * are the person's own work, for them to give up, and go on should the site come back.
   */
  forgetOutside(siteIds: readonly string[]): number {
    return this.#forget(`state = 'sent' AND site_id NOT ${listed}`, JSON.stringify(siteIds))
  }

  /** Forgets those that the server has removed, or whose visit it has; but not the person's own unsent edits. */
  forgetRemoved(removals: readonly Pick<Removal, 'entity' | 'id'>[]) {
    const ids = (entity: Removal['entity']) =>
      JSON.stringify(removals.filter((removal) => removal.entity === entity).map(({ id }) => id))
    if (!removals.some(({ entity }) => entity === 'photo' || entity === 'visit')) return
    this.#forget(`(id ${listed} OR visit_id ${listed}) AND NOT ${isEdited}`, ids('photo'), ids('visit'))
  }

  /** Visits of which photos have been on the server for so long that their bytes may go. */
  visitsToTidy(at: string): string[] {
    return this.#sql.values(
      `SELECT DISTINCT visit_id FROM pictures
       WHERE state = 'sent' AND stored_at < ? AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.visit_id = pictures.visit_id)`,
      keptSince(at),
    )
  }

  /** Forgets those of a visit which have been there for that long. */
  tidy(visitId: string, at: string) {
    this.#forget(`visit_id = ? AND state = 'sent' AND stored_at < ?`, visitId, keptSince(at))
  }

  /** What their files are called. */
  files(): Set<string> {
    return new Set(this.#sql.values('SELECT sha256 FROM pictures'))
  }
}

const keptSince = (at: string) => new Date(Date.parse(at) - keptDays * 24 * 3600_000).toISOString()
