import Database from 'better-sqlite3-multiple-ciphers'
import type { Connection } from '../store/database.ts'

/** Thrown where a process is meant to end. */
export class Crash extends Error {
  constructor() {
    super('The process ends here')
  }
}

/** As SQLite says it when a write finds no room. */
export const diskFull = () =>
  Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' as const })

const crash = () => new Crash()

/** What lies on top of the copies is in memory, and nothing is committed there. */
const isOverlay = /\b(overlay|covered)\b/

type Method = (this: Database.Statement, ...args: unknown[]) => unknown

/**
 * Lets a test end the process, or fill the disk, at any statement that writes: before it, inside its transaction, and
 * right after a commit; the same one every time. Disposing of it undoes that.
 */
export class Crashes implements Disposable {
  /** Told of every connection that is about to write. */
  onWrite: (connection: Connection) => void = () => {}
  #countdown = Infinity
  #trouble: () => Error = crash
  readonly #undo: (() => void)[] = []

  constructor() {
    const memory = new Database(':memory:')
    const statements = Object.getPrototypeOf(memory.prepare('SELECT 1')) as Record<string, Method>
    memory.close()
    const told = (connection: Connection) => this.onWrite(connection)
    const before = () => this.boundary()
    const after = (connection: Connection) => {
      if (!connection.inTransaction) this.#boundaryAfterCommit()
    }
    for (const name of ['run', 'get', 'all']) {
      const original = statements[name]!
      statements[name] = function (...args) {
        if ((this.readonly && this.source !== 'COMMIT') || isOverlay.test(this.source))
          return original.apply(this, args)
        told(this.database)
        before()
        const result = original.apply(this, args)
        after(this.database)
        return result
      }
      this.#undo.push(() => {
        statements[name] = original
      })
    }
  }

  /** The process ends at the `count`th boundary from now, or `trouble` comes of it. */
  arm(count: number, trouble: () => Error = crash) {
    this.#countdown = count
    this.#trouble = trouble
  }

  disarm() {
    this.#countdown = Infinity
  }

  boundary() {
    if (--this.#countdown !== 0) return
    this.disarm()
    throw this.#trouble()
  }

  /** Only a crash can happen here: the disk has taken what was written. */
  #boundaryAfterCommit() {
    if (this.#trouble === crash) this.boundary()
  }

  [Symbol.dispose]() {
    for (const undo of this.#undo) undo()
  }
}
