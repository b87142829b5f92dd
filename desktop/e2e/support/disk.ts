import { createDecipheriv } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
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
 * The local databases of everybody who signed in there, and their logs, with the encryption taken off: every page of
 * them, used or not. The app has to run, for it alone can unwrap the keys.
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
  return files.flatMap(({ path, bytes }) => {
    const key = keys.get(dirname(path))
    if (!key) return []
    if (path.endsWith('.db')) return [{ path, bytes: decrypted(bytes, key, 0, 0) }]
    return path.endsWith('.db-wal') ? [{ path, bytes: decrypted(bytes, key, 32, 24) }] : []
  })
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
