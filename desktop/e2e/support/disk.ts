import { createDecipheriv, hkdfSync } from 'node:crypto'
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Device } from './device.ts'

/** What is on a computer's disk, for whoever goes through it. */

interface StoredFile {
  path: string
  bytes: Buffer
}

/** Every file below a folder. */
export async function filesBelow(folder: string): Promise<StoredFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        return { path, bytes: await readFile(path) }
      }),
  )
}

/** Files that hold `text` as it is, in UTF-8 or UTF-16. */
export const filesWith = (files: readonly StoredFile[], text: string): string[] => {
  const forms = [Buffer.from(text), Buffer.from(text, 'utf16le')]
  return files.filter(({ bytes }) => forms.some((form) => bytes.includes(form))).map(({ path }) => path)
}

/**
 * The local databases of everybody who signed in there, with the encryption taken off: every page of the queue and of
 * its log, used or not; of the copies every page with their log taken in. The app has to run, for it alone can unwrap
 * the keys.
 */
export async function decryptedFiles(device: Device): Promise<StoredFile[]> {
  const files = await filesBelow(device.folder)
  const keys = new Map<string, Buffer>()
  for (const { path, bytes } of files.filter((file) => basename(file.path) === 'database.key')) {
    const hex = await device.app.evaluate(
      ({ safeStorage }, wrapped) => safeStorage.decryptString(Buffer.from(wrapped, 'base64')),
      bytes.toString('latin1'),
    )
    keys.set(dirname(path), Buffer.from(hex, 'hex'))
  }
  const found: StoredFile[] = []
  for (const { path, bytes } of files) {
    const key = keys.get(dirname(path))
    if (!key) continue
    if (path.endsWith('cache.db')) found.push({ path, bytes: await decryptedCopies(path, key) })
    else if (path.endsWith('queue.db')) found.push({ path, bytes: decrypted(bytes, key, 0, 0) })
    else if (path.endsWith('queue.db-wal')) found.push({ path, bytes: decrypted(bytes, key, 32, 24) })
  }
  return found
}

/** Required, since Playwright would take the types that other rooms are shown by hand for the module. */
const Database = createRequire(import.meta.url)('better-sqlite3-multiple-ciphers') as new (path: string) => {
  pragma(text: string): unknown
  close(): void
}

/** SQLite takes the encryption off a duplicate itself: nothing else here knows AEGIS. */
async function decryptedCopies(path: string, key: Buffer): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldbook-copies-'))
  try {
    const duplicate = join(folder, 'cache.db')
    for (const ending of ['', '-wal']) await copyFile(path + ending, duplicate + ending)
    const db = new Database(duplicate)
    db.pragma(`cipher = 'aegis'`)
    const own = Buffer.from(hkdfSync('sha256', key, '', 'cache.db', 32)).toString('hex')
    db.pragma(`key = "x'${own}'"`)
    db.pragma('wal_checkpoint(TRUNCATE)')
    db.pragma('journal_mode = DELETE')
    db.pragma(`rekey = ''`)
    db.close()
    return await readFile(duplicate)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const pageSize = 4096
/** SQLCipher ends each page with its initialisation vector and a digest. */
const reserved = 16 + 64

/** The pages of a file that has `head` bytes before the first and `gap` before each. */
function decrypted(bytes: Buffer, key: Buffer, head: number, gap: number): Buffer {
  const pages: Buffer[] = []
  for (let at = head + gap; at + pageSize <= bytes.length; at += gap + pageSize) {
    const page = bytes.subarray(at, at + pageSize)
    const end = pageSize - reserved
    const decipher = createDecipheriv('aes-256-cbc', key, page.subarray(end, end + 16)).setAutoPadding(false)
    // The first page begins with a salt; without these bytes the rest of it comes out all the same.
    pages.push(decipher.update(page.subarray(0, end)), decipher.final())
  }
  return Buffer.concat(pages)
}
