import Database from 'better-sqlite3-multiple-ciphers'
import { existsSync, rmSync, statSync } from 'node:fs'
import { renameDurably } from '../durable.ts'
import { StorageError } from './failures.ts'

export type Connection = Database.Database
export type Statement = Database.Statement<unknown[], unknown>

/** Where a database lives: an encrypted file, or memory alone where nothing may be kept on disk. */
export type Place = { path: string; key: string } | 'memory'

interface Options {
  /**
   * SQLCipher's format, unless the file holds nothing precious: AEGIS-256 costs a twentieth of it a page where the
   * processor knows AES, which is felt wherever many pages are read.
   */
  cipher?: 'sqlcipher' | 'aegis'
  /**
   * How hard a commit is pressed onto the disk. `FULL`: it survives a power cut once it has returned. `NORMAL`: the
   * file stays sound, the last commits may be lost.
   */
  synchronous: 'FULL' | 'NORMAL'
  /** One step per schema version, oldest first. Steps already shipped never change. */
  steps: readonly string[]
  /**
   * The oldest schema version whose app may work on a file of the newest, so that going back to it loses nothing: all
   * steps after it only add what that app does not know of. None where it is left out.
   */
  readableFrom?: number
}

/**
 * Opens a database, creating or raising it to the newest schema. Throws SQLite's own error where the file cannot be
 * read with this key, and StorageError `newer` where a later version of the app has written it that this one cannot work
 * on.
 */
export function openDatabase(place: Place, options: Options): Connection {
  if (place === 'memory') return open(place, options)
  if (!existsSync(place.path)) create(place, options)
  if (statSync(place.path).size === 0) {
    throw Object.assign(new Error('The file is empty'), { code: 'SQLITE_NOTADB' })
  }
  return open(place, options)
}

/** Under its name a file is whole from the first moment, so that an empty one can only be damaged. */
function create({ path, key }: Exclude<Place, 'memory'>, options: Options) {
  const unfinished = `${path}.new`
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(unfinished + suffix, { force: true })
  open({ path: unfinished, key }, { ...options, synchronous: 'FULL' }).close()
  renameDurably(unfinished, path)
}

function open(place: Place, options: Options): Connection {
  const { cipher = 'sqlcipher', synchronous } = options
  const db = new Database(place === 'memory' ? ':memory:' : place.path, { timeout: 5000 })
  try {
    if (place !== 'memory') unlock(db, cipher, place.key)
    db.pragma('journal_mode = WAL')
    // On every open: the library's own default for a WAL file is NORMAL.
    db.pragma(`synchronous = ${synchronous}`)
    if (process.platform === 'darwin' && synchronous === 'FULL') {
      db.pragma('fullfsync = ON')
      db.pragma('checkpoint_fullfsync = ON')
    }
    // Sorting and temporary tables would otherwise reach the disk unencrypted.
    db.pragma('temp_store = MEMORY')
    migrate(db, options)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** The key is random, so it is used as it is (64 hexadecimal digits) and not derived from again. */
function unlock(db: Connection, cipher: string, key: string) {
  if (!/^[0-9a-f]{64}$/.test(key)) throw new Error('A database key is 64 hexadecimal digits')
  db.pragma(`cipher = '${cipher}'`)
  db.pragma(`key = "x'${key}'"`)
  db.prepare('SELECT count(*) FROM sqlite_schema').get()
}

/** A file says itself who may work on it, in SQLite's `application_id`: the app that comes later knows, not the earlier. */
function migrate(db: Connection, { steps, readableFrom = 0 }: Options) {
  const version = db.pragma('user_version', { simple: true }) as number
  const oldest = db.pragma('application_id', { simple: true }) as number
  if (version > steps.length) {
    if (oldest > 0 && oldest <= steps.length) return
    throw new StorageError('newer')
  }
  if (version === steps.length && oldest === readableFrom) return
  db.transaction(() => {
    for (const step of steps.slice(version)) db.exec(step)
    db.pragma(`user_version = ${steps.length}`)
    db.pragma(`application_id = ${readableFrom}`)
  }).immediate()
}

/**
 * Writes all that is left into a new file. Overwriting what is deleted is not enough: pages that are put in order keep
 * old bytes between their rows, and so does the log.
 */
export function compact(db: Connection) {
  db.exec('VACUUM')
  db.pragma('wal_checkpoint(TRUNCATE)')
}

/** SQL, compiled once however often it runs: opening, saving and storing a page repeat the same few statements. */
export class Statements {
  readonly #db: Connection
  readonly #compiled = new Map<string, Statement>()

  constructor(db: Connection) {
    this.#db = db
  }

  run(text: string, ...params: unknown[]) {
    return this.#prepare(text).run(...params)
  }

  /** Rows as objects. */
  all<Row>(text: string, ...params: unknown[]): Row[] {
    return this.#prepare(text).all(...params) as Row[]
  }

  /** The first column of each row. */
  values<T = string>(text: string, ...params: unknown[]): T[] {
    return this.#prepare(text)
      .pluck()
      .all(...params) as T[]
  }

  /** The first column of the first row; undefined when there is none. */
  value<T>(text: string, ...params: unknown[]): T | undefined {
    return this.#prepare(text)
      .pluck()
      .get(...params) as T | undefined
  }

  /** The first row as its columns; undefined when there is none. */
  row(text: string, ...params: unknown[]): unknown[] | undefined {
    return this.#prepare(text)
      .raw()
      .get(...params) as unknown[] | undefined
  }

  #prepare(text: string): Statement {
    const compiled = this.#compiled.get(text) ?? this.#db.prepare(text)
    this.#compiled.set(text, compiled)
    return compiled
  }
}
