import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../test/folder.ts'
import { CacheFile } from './cache-file.ts'
import { cacheSteps } from './cache.ts'
import { openDatabase } from './database.ts'
import { queueReadableFrom, queueSteps } from './queue-schema.ts'

/** A version of the app goes back to the one before it: both work on the same files. */

const key = 'ab'.repeat(32)
const place = () => ({ path: join(temporaryFolder(), 'a.db'), key })
const now = {
  synchronous: 'FULL',
  steps: ['CREATE TABLE edits (id INTEGER, text TEXT)'],
  readableFrom: 1,
} as const
const later = {
  ...now,
  steps: [...now.steps, "ALTER TABLE edits ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'"],
}

describe('a file that says it may be worked on', () => {
  it('is, by the version before, and again by the later one, and nothing in it is lost', () => {
    const file = place()
    openDatabase(file, later).exec("INSERT INTO edits VALUES (1, 'of the later', 'glad')").close()
    openDatabase(file, now).exec("INSERT INTO edits (id, text) VALUES (2, 'of the one before')").close()
    const db = openDatabase(file, later)
    expect(db.prepare('SELECT * FROM edits ORDER BY id').raw().all()).toEqual([
      [1, 'of the later', 'glad'],
      [2, 'of the one before', 'calm'],
    ])
    db.close()
  })

  it('is left alone by one too old for it', () => {
    const file = place()
    openDatabase(file, { ...later, readableFrom: 2 }).close()
    expect(() => openDatabase(file, now)).toThrow(/newer version of Fieldbook/)
    openDatabase(file, { ...later, readableFrom: 2 }).close()
  })
})

it('says so of files that were there before it could', () => {
  const file = place()
  openDatabase(file, { synchronous: 'FULL', steps: now.steps }).close()
  openDatabase(file, now).close()
  const db = openDatabase(file, now)
  expect(db.pragma('application_id', { simple: true })).toBe(1)
  db.close()
})

it('is true of the queue: since the version it can go back to, steps only add', () => {
  expect(queueReadableFrom).toBeGreaterThan(0)
  expect(queueReadableFrom).toBeLessThanOrEqual(queueSteps.length)
  const adds = /^(CREATE (TABLE|INDEX) |ALTER TABLE \w+ ADD COLUMN \w+ \w+( NOT NULL DEFAULT \S+|$))/
  const statements = queueSteps.slice(queueReadableFrom).flatMap((step) =>
    step
      .split(';')
      .map((statement) => statement.trim())
      .filter(Boolean),
  )
  expect(statements.filter((statement) => !adds.test(statement))).toEqual([])
})

it('starts a cache of a later version anew: all of it is at the server', () => {
  const file = place()
  const steps = [...cacheSteps, 'ALTER TABLE records RENAME TO everything']
  openDatabase(file, { cipher: 'aegis', synchronous: 'NORMAL', steps }).close()
  const cache = new CacheFile(file, () => {})
  expect(cache.takeNotice()).toBe(true)
  cache.close()
})
