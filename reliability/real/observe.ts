import Database from 'better-sqlite3-multiple-ciphers'
import { createHash } from 'node:crypto'
import type { Connection } from '#desktop/main/store/database'

let latest: Connection | null = null
const remember = (connection: Connection) => (latest = connection)
const { pragma } = Database.prototype
Database.prototype.pragma = function (this: Connection, ...args) {
  if (this.name.endsWith('queue.db')) remember(this)
  return pragma.apply(this, args)
}

/** The connection to the `queue.db` that this process opened last: to look at it as the product's own code does. */
export const queueConnection = (): Connection => {
  if (!latest) throw new Error('No queue has been opened here')
  return latest
}

/** Stands for all that is in the queue. */
export function digestOfQueue(): string {
  const db = queueConnection()
  const tables = db
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
    .pluck()
    .all() as string[]
  const hash = createHash('sha256')
  for (const table of tables) {
    hash.update(table)
    for (const row of db.prepare(`SELECT * FROM ${table}`).raw().all()) hash.update(JSON.stringify(row))
  }
  return hash.digest('hex').slice(0, 16)
}
