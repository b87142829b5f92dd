import type { SessionUser } from '#common/contract/auth'
import type { Statements } from './database.ts'

export interface Meta {
  /** Names this file towards the server; a new file is a new device. */
  deviceId: string
  profile: SessionUser | null
  activeSiteId: string | null
  /** When the server was last reached, in milliseconds since 1970. */
  lastReachedAt: number | null
  /** Which life of the server's database the edits were sent to; another one follows a restore. */
  epoch: string | null
  /** Names, by id, of the sites the person no longer belongs to and has unsent edits of. */
  formerSites: Record<string, string>
}

/** What `queue.db` knows of itself and its owner. Its methods are parts of the queue's transactions. */
export class QueueMeta {
  readonly #sql: Statements
  /** As it is in the file; null when that has to be looked at again. */
  #known: Meta | null = null

  constructor(sql: Statements, newId: () => string) {
    this.#sql = sql
    // Before it has an id, so that it is said whenever the file was made just now.
    this.#sql.run(
      `INSERT INTO meta SELECT 'leftFiles', 'true' WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'deviceId')
       ON CONFLICT DO NOTHING`,
    )
    this.#sql.run(`INSERT INTO meta VALUES ('deviceId', ?) ON CONFLICT DO NOTHING`, JSON.stringify(newId()))
  }

  read(): Meta {
    return (this.#known ??= this.#read())
  }

  #read(): Meta {
    const rows = this.#sql.all<{ name: string; value: string }>('SELECT name, value FROM meta')
    const stored = Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value) as unknown]))
    const empty = { profile: null, activeSiteId: null, lastReachedAt: null, epoch: null, formerSites: {} }
    return { ...empty, ...(stored as Pick<Meta, 'deviceId'>) }
  }

  has(name: string): boolean {
    return this.#sql.value('SELECT 1 FROM meta WHERE name = ?', name) !== undefined
  }

  set(name: string, value: unknown) {
    this.#known = null
    this.#sql.run(
      'INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      name,
      JSON.stringify(value),
    )
  }

  drop(name: string) {
    this.#sql.run('DELETE FROM meta WHERE name = ?', name)
  }

  /** What was set may not have been kept. */
  forget() {
    this.#known = null
  }
}
