import Database from 'better-sqlite3-multiple-ciphers'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { alice, filled, siteA } from '../test/device.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { member, page, record } from '../test/records.ts'
import { openDatabase } from './database.ts'
import { guarded, StorageError } from './failures.ts'
import { LocalStore } from './local-store.ts'
import { Queue } from './queue.ts'

function openStore(folder: string): LocalStore {
  const store = new LocalStore({
    place: { folder, key: testKey },
    newId: uuidv7,
    now: () => new Date().toISOString(),
  })
  const names = { username: 'a', email: 'a@example.org', displayName: 'Ada Canary', tenant: null }
  store.writeMeta({
    profile: {
      id: alice,
      ...names,
      roles: [],
      sites: [member(siteA)],
      defaultSiteId: null,
      activeSiteId: null,
      mustChangePassword: false,
    },
  })
  return store
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the queue file', () => {
  it('is synchronous=FULL in WAL on the first open and on every later one', () => {
    const place = { path: join(temporaryFolder(), 'queue.db'), key: testKey }
    for (let open = 0; open < 3; open++) {
      const db = openDatabase(place, { synchronous: 'FULL', steps: ['CREATE TABLE t (a)'] })
      expect(db.pragma('synchronous', { simple: true })).toBe(2)
      expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
      expect(db.pragma('temp_store', { simple: true })).toBe(2)
      db.close()
    }
  })

  it('is opened so by the queue itself', () => {
    const pragma = vi.spyOn(Database.prototype, 'pragma')
    const folder = temporaryFolder()
    openStore(folder).close()
    pragma.mockClear()
    openStore(folder).close()
    const said = pragma.mock.calls.map(([text]) => text)
    expect(said.filter((text) => text.startsWith('synchronous'))).toEqual([
      'synchronous = FULL',
      'synchronous = NORMAL',
    ])
  })

  it('holds a saved edit the moment save returns, though nobody closes it', () => {
    const folder = temporaryFolder()
    const saved = openStore(folder).save({ siteId: siteA, opened: null, fields: filled })
    const reopened = openStore(folder)
    expect(reopened.read(saved.id)).toEqual(saved)
    reopened.close()
  })
})

describe('a file that was being made when the power went', () => {
  it('is made anew: under its name it is there whole or not at all', () => {
    const folder = temporaryFolder()
    for (const name of ['queue.db.new', 'queue.db.new-journal', 'cache.db.new'])
      writeFileSync(join(folder, name), 'half of it')
    const store = openStore(folder)
    store.save({ siteId: siteA, opened: null, fields: filled })
    store.close()
    expect(readdirSync(folder).sort()).toEqual(['cache.db', 'queue.db'])
  })
})

describe('what is on the disk', () => {
  it('shows no record, name, search term or token to who has no key', () => {
    const folder = temporaryFolder()
    const store = openStore(folder)
    const records = Array.from({ length: 200 }, () =>
      record({ title: 'Canary meeting', notes: 'canary notes '.repeat(50) }),
    )
    store.storePage(page({ records }), null)
    store.save({ siteId: siteA, opened: null, fields: { ...filled, title: 'Canary edit' } })
    store.page({ siteId: siteA, filter: { search: 'canary' }, sort: [], offset: 0, limit: 10 })
    const scan = () => {
      for (const name of readdirSync(folder)) {
        const content = readFileSync(join(folder, name)).toString('latin1').toLowerCase()
        expect(content.includes('canary'), name).toBe(false)
        expect(content.includes('sqlite format'), name).toBe(false)
      }
    }
    scan()
    store.close()
    scan()
    expect(readdirSync(folder).sort()).toEqual(['cache.db', 'queue.db'])
  })

  it('is nothing at all in memory mode', () => {
    const db = openDatabase('memory', { synchronous: 'FULL', steps: ['CREATE TABLE t (a)'] })
    const files = db.pragma('database_list') as { file: string }[]
    expect(files.map(({ file }) => file)).toEqual([''])
    expect(db.pragma('temp_store', { simple: true })).toBe(2)
    db.close()
  })
})

describe('a full disk', () => {
  it('is told as what it is', () => {
    const db = openDatabase('memory', { synchronous: 'FULL', steps: ['CREATE TABLE t (a)'] })
    db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true }) as number}`)
    const fill = () => guarded(() => db.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(100_000)))
    expect(fill).toThrow(expect.objectContaining({ name: 'StorageError', reason: 'unwritable' }) as Error)
    db.close()
  })

  it('fails the save loudly and leaves the screen as it was', () => {
    const store = openStore(temporaryFolder())
    const saved = store.save({ siteId: siteA, opened: null, fields: filled })
    vi.spyOn(Queue.prototype, 'carryOut').mockImplementation(() => {
      throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
    })
    const edit = { id: saved.id, siteId: siteA, opened: filled, fields: { ...filled, title: 'Never kept' } }
    expect(() => store.save(edit)).toThrow(StorageError)
    expect(() => store.save(edit)).toThrow(/disk is full/)
    expect(store.read(saved.id)).toEqual(saved)
    expect(store.counts()).toMatchObject({ waiting: 1, needsAttention: 0 })
    store.close()
  })
})
