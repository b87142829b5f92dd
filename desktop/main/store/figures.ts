import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from './database.ts'

/** What a database comes to, in numbers for whoever helps: nothing of what is in it. */
export interface DatabaseFigures {
  schemaVersion: number
  bytes: number
  freeBytes: number
  /** `ok`, or how many problems SQLite finds. */
  integrity: string
  rows: Record<string, number>
}

export interface Figures {
  queue: DatabaseFigures
  cache: DatabaseFigures
  /** Edits in the queue, by what they are of, what they do, and how they stand. */
  edits: { entity: string; op: string; state: string; count: number; oldestAt: string }[]
  /** Edits that are over. */
  past: { outcome: string; count: number; latestAt: string }[]
  photos: { state: string; count: number; bytes: number; oldestAt: string }[]
  /** Bytes of the files by how they end; null where nothing is kept on disk. */
  files: Record<string, { count: number; bytes: number }> | null
}

const mostProblems = 100

export function figuresOf(db: Connection): DatabaseFigures {
  const pragma = (name: string) => db.pragma(name, { simple: true }) as number
  const pageSize = pragma('page_size')
  const found = db.pragma(`integrity_check(${mostProblems})`) as { integrity_check: string }[]
  const problems = found.map(({ integrity_check: words }) => words)
  const tables = db
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`)
    .pluck()
    .all() as string[]
  return {
    schemaVersion: pragma('user_version'),
    bytes: pragma('page_count') * pageSize,
    freeBytes: pragma('freelist_count') * pageSize,
    integrity: problems.length === 1 && problems[0] === 'ok' ? 'ok' : `${problems.length} problems`,
    rows: Object.fromEntries(
      tables.map((name) => [name, db.prepare(`SELECT count(*) FROM "${name}"`).pluck().get() as number]),
    ),
  }
}

/** Names are not told: that of a photo may say something. */
export function filesIn(folder: string): NonNullable<Figures['files']> {
  const found: NonNullable<Figures['files']> = {}
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const kind = /\.(db|db-wal|db-shm|key|token|part)$/.exec(entry.name)?.[0] ?? 'others'
    const sum = (found[kind] ??= { count: 0, bytes: 0 })
    sum.count++
    sum.bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  }
  return found
}
