import {
  copyFileSync,
  existsSync,
  openSync,
  closeSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { alice, filled, siteA } from '../test/device.ts'
import { temporaryFolder, testKey } from '../test/folder.ts'
import { member, page, record } from '../test/records.ts'
import { openDatabase } from './database.ts'
import { queueSteps } from './queue-schema.ts'
import { LocalStore } from './local-store.ts'

const openStore = (folder: string, key = testKey) =>
  new LocalStore({ place: { folder, key }, newId: uuidv7, now: () => new Date().toISOString() })

/** A folder with 300 copies and one edit of the person's, closed. */
function usedFolder() {
  const folder = temporaryFolder()
  const store = openStore(folder)
  const names = { username: 'a', email: 'a@example.org', displayName: 'A', tenant: null }
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
  const records = Array.from({ length: 300 }, (_, index) =>
    record({ title: `Copy ${index}`, notes: 'n'.repeat(900) }),
  )
  store.storePage(page({ records }), null)
  const saved = store.save({ siteId: siteA, opened: null, fields: { ...filled, title: 'Mine' } })
  store.close()
  return { folder, saved }
}

const everything = { siteId: siteA, filter: {}, sort: [], offset: 0, limit: 500 }

const damages: Record<string, (path: string) => void> = {
  'is garbage': (path) => writeFileSync(path, 'this is not a database'),
  'is cut in half': (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
  'is cut to one page and a bit': (path) => truncateSync(path, 5000),
  'is empty': (path) => truncateSync(path, 0),
}

/** Overwrites some bytes of every page but the first. */
function scratch(path: string) {
  const file = openSync(path, 'r+')
  for (let at = 4096; at < statSync(path).size; at += 4096)
    writeSync(file, Buffer.alloc(64, 7), 0, 64, at + 500)
  closeSync(file)
}

describe('a cache that', () => {
  for (const [what, damage] of Object.entries(damages)) {
    it(`${what} is begun anew, with a notice, and the queue untouched`, () => {
      const { folder, saved } = usedFolder()
      damage(join(folder, 'cache.db'))
      const store = openStore(folder)
      expect(store.page(everything)).toEqual({ rows: [saved], found: 1, total: 1 })
      expect(store.progress().cursor).toBeNull()
      expect(store.takeNotice()).toBe(true)
      expect(store.takeNotice()).toBe(false)
      store.storePage(page({ records: [record()] }), null)
      expect(store.page(everything).total).toBe(2)
      store.close()
    })
  }

  it('turns out to be damaged in the middle of work is replaced there and then', () => {
    const { folder, saved } = usedFolder()
    scratch(join(folder, 'cache.db'))
    const store = openStore(folder)
    expect(store.page(everything)).toEqual({ rows: [saved], found: 1, total: 1 })
    expect(store.takeNotice()).toBe(true)
    store.close()
  })

  it('is replaced while a page is on its way does not take that page', () => {
    const { folder } = usedFolder()
    const before = openStore(folder)
    const { cursor } = before.progress()
    before.close()
    scratch(join(folder, 'cache.db'))
    const store = openStore(folder)
    expect(store.storePage(page({ records: [record()], cursor: 'later' }), cursor).kept).toBe(false)
    expect(store.progress()).toMatchObject({ cursor: null })
    store.close()
  })

  it('belongs to another key is begun anew', () => {
    const { folder, saved } = usedFolder()
    const other = temporaryFolder()
    const stranger = openStore(other, 'ee'.repeat(32))
    stranger.close()
    copyFileSync(join(other, 'cache.db'), join(folder, 'cache.db'))
    const store = openStore(folder)
    expect(store.page(everything).rows).toEqual([saved])
    store.close()
  })
})

describe('a queue that', () => {
  const untouched = (folder: string, open: () => void, reason: string) => {
    const path = join(folder, 'queue.db')
    const before = readFileSync(path)
    expect(open).toThrow(expect.objectContaining({ name: 'StorageError', reason }) as Error)
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(existsSync(join(folder, 'cache.db'))).toBe(true)
  }

  for (const [what, damage] of Object.entries(damages)) {
    it(`${what} is left as it is, and said to be unreadable`, () => {
      const { folder } = usedFolder()
      damage(join(folder, 'queue.db'))
      untouched(folder, () => openStore(folder), 'unreadable')
    })
  }

  it('is damaged inside is found out when it is opened', () => {
    const { folder } = usedFolder()
    scratch(join(folder, 'queue.db'))
    untouched(folder, () => openStore(folder), 'unreadable')
  })

  it('belongs to another key is left as it is', () => {
    const { folder } = usedFolder()
    untouched(folder, () => openStore(folder, 'ee'.repeat(32)), 'unreadable')
  })

  it('was written by a newer version is left as it is, and said to be newer', () => {
    const { folder } = usedFolder()
    const db = openDatabase(
      { path: join(folder, 'queue.db'), key: testKey },
      { synchronous: 'FULL', steps: queueSteps },
    )
    db.pragma('user_version = 99')
    db.close()
    untouched(folder, () => openStore(folder), 'newer')
  })
})
