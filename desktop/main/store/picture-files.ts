import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolderDurably, writeDurably } from '../durable.ts'

/** The bytes of photos, each under its SHA-256. */
export interface PictureFiles {
  /** When it returns, they would survive a power cut. */
  put(sha256: string, bytes: Uint8Array): void
  /** Null when they are not there, or are damaged. */
  get(sha256: string): Uint8Array | null
  /** Leaves none but these; false where something could not go. */
  keepOnly(names: ReadonlySet<string>): boolean
  /** Moves all but these into a folder of that name beside them; false where something could not. */
  moveOthers(names: ReadonlySet<string>, to: string): boolean
}

const nonceLength = 12
const tagLength = 16

/**
 * Files in the account's folder: a nonce, and the rest encrypted and authenticated (AES-256-GCM) under a key made from
 * the account's, together with their name.
 */
export function pictureFilesIn(accountFolder: string, accountKey: string): PictureFiles {
  const folder = join(accountFolder, 'photos')
  const key = Buffer.from(hkdfSync('sha256', Buffer.from(accountKey, 'hex'), '', 'photos', 32))
  return {
    put: (sha256, bytes) => {
      makeFolderDurably(folder)
      const nonce = randomBytes(nonceLength)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      cipher.setAAD(Buffer.from(sha256))
      const content = [nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]
      writeDurably(join(folder, sha256), Buffer.concat(content))
    },
    get: (sha256) => {
      const path = join(folder, sha256)
      if (!existsSync(path)) return null
      const file = readFileSync(path)
      if (file.length < nonceLength + tagLength) return null
      const decipher = createDecipheriv('aes-256-gcm', key, file.subarray(0, nonceLength), {
        authTagLength: tagLength,
      })
      decipher.setAAD(Buffer.from(sha256))
      decipher.setAuthTag(file.subarray(-tagLength))
      const content = decipher.update(file.subarray(nonceLength, -tagLength))
      try {
        decipher.final()
      } catch {
        return null
      }
      return new Uint8Array(content)
    },
    keepOnly: (names) =>
      eachOther(folder, names, (name) => rmSync(join(folder, name), { recursive: true, force: true })),
    moveOthers: (names, to) => {
      const aside = join(accountFolder, to)
      return eachOther(folder, names, (name) => {
        makeFolderDurably(aside)
        renameSync(join(folder, name), join(aside, name))
      })
    },
  }
}

/** Does something with all that is in a folder but for `names`; false where it failed, as with what others hold open. */
function eachOther(folder: string, names: ReadonlySet<string>, work: (name: string) => void): boolean {
  let others: string[] = []
  const isRead = succeeds(() => {
    others = existsSync(folder) ? readdirSync(folder).filter((name) => !names.has(name)) : []
  })
  return isRead && others.filter((name) => !succeeds(() => work(name))).length === 0
}

function succeeds(work: () => void): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}

/** Where nothing may be kept on disk. */
export function pictureFilesInMemory(): PictureFiles {
  const files = new Map<string, Uint8Array>()
  return {
    put: (sha256, bytes) => files.set(sha256, new Uint8Array(bytes)),
    get: (sha256) => files.get(sha256) ?? null,
    keepOnly: (names) => {
      for (const name of files.keys()) if (!names.has(name)) files.delete(name)
      return true
    },
    moveOthers: () => true,
  }
}
