import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { AppError } from '#common/contract/errors'
import type { Config } from '../config.ts'
import { createS3Store } from './s3-blob-store.ts'

/**
 * Bytes by key: segments of a-z, 0-9 and - with / between them. A key written again is replaced as a whole; whoever reads
 * it has one or the other. Where the
 * store cannot do what it is asked, for whatever reason, whoever asked is told to come back later: bytes that could
 * not be kept now are kept then.
 */
export interface BlobStore {
  /** When it resolves the bytes would survive a power cut. */
  put(key: string, bytes: Uint8Array, type: string): Promise<void>
  /** null: there is none. What is given is to be read to its end or destroyed. */
  get(key: string): Promise<Readable | null>
  /** None there is fine. */
  remove(key: string): Promise<void>
  /** Fails with what is wrong, in words for whoever runs the server. */
  check(): Promise<void>
  close(): void
}

/** `failed` is told why, each time something could not be done. */
export function createBlobStore(
  { photoFolder, s3 }: Pick<Config, 'photoFolder' | 's3'>,
  failed: (error: Error) => void,
): BlobStore {
  const store = s3 ? createS3Store(s3) : createFolderStore(photoFolder)
  const told = (error: Error) => {
    failed(error)
    return error
  }
  const unavailable = (error: Error): never => {
    told(error)
    throw new AppError('SERVICE_UNAVAILABLE', 'The photo storage cannot be reached; try again in a moment')
  }
  return {
    put: async (key, bytes, type) => store.put(checked(key), bytes, type).catch(unavailable),
    get: async (key) => store.get(checked(key)).catch(unavailable),
    remove: async (key) => store.remove(checked(key)).catch(unavailable),
    check: () =>
      store.check().catch((error: Error) => {
        throw told(error)
      }),
    close: () => store.close(),
  }
}

function checked(key: string): string {
  if (!/^[a-z0-9-]+(\/[a-z0-9-]+)*$/.test(key)) throw new Error(`“${key}” is no key of a blob`)
  return key
}

/** What systems answer that cannot flush a folder: there is nothing more to be done there. */
const unflushable = ['EACCES', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM']

const noneThere = (error: NodeJS.ErrnoException) => {
  if (error.code === 'ENOENT') return null
  throw error
}

function createFolderStore(folder: string): BlobStore {
  // No key has a dot in it, so one that begins as another ends is no folder where that is a file.
  const pathOf = (key: string) => join(folder, `${key}.blob`)

  async function write(path: string, bytes: Uint8Array): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const draft = join(dirname(path), `.${randomUUID()}.part`)
    try {
      const file = await open(draft, 'wx', 0o600)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(draft, path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
    // Another write may have made a folder on the way just now, and not flushed it yet.
    for (let at = dirname(path); at !== dirname(folder); at = dirname(at)) await flushFolder(at)
    await flushFolder(dirname(folder))
  }

  return {
    put: (key, bytes) => write(pathOf(key), bytes),

    async get(key) {
      const file = await open(pathOf(key)).catch(noneThere)
      return file && file.createReadStream()
    },

    remove: (key) => rm(pathOf(key), { force: true }),

    async check() {
      const path = join(folder, `.${randomUUID()}.check`)
      await write(path, Buffer.from('x'))
      await rm(path)
    },

    close: () => {},
  }
}

async function flushFolder(path: string): Promise<void> {
  try {
    const folder = await open(path)
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  } catch (error) {
    if (!unflushable.includes((error as NodeJS.ErrnoException).code!)) throw error
  }
}
