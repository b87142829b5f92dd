import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/**
 * A backup is a folder: `manifest.json` and beside it `tables/<schema>.<table>.gz`, the rows of one table in
 * PostgreSQL's text format of COPY, and `photos/…`, the blobs of the photo folder as they are. It holds no schema: that
 * is made by the migrations it names. It is whole where the manifest is there, which is written last.
 */

export const formatVersion = 1

export interface Part {
  /** Within the folder, with / between its segments. */
  path: string
  /** Of the file as it is. */
  sha256: string
  bytes: number
}

export interface TablePart extends Part {
  schema: string
  table: string
  columns: string[]
  rows: number
}

export interface Manifest {
  format: typeof formatVersion
  /** When the snapshot was taken: all of it is as it was at this moment. */
  takenAt: string
  /** Of Fieldbook and of PostgreSQL. */
  version: string
  postgres: string
  /** Those that made the schema, in order. */
  migrations: string[]
  tables: TablePart[]
  /** The last value of each sequence that has given one, by its name with schema. */
  sequences: Record<string, string>
  /** null: they are in a bucket, and not in this backup. */
  photos: Part[] | null
}

/** What stands in the way of a backup or of restoring one, and what to do about it. */
export class BackupError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BackupError'
  }
}

/** Throws BackupError where the folder holds no whole backup that this code can read. */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw new BackupError(`There is no whole backup in ${folder}: it has no manifest.json`)
  })
  let manifest: Partial<Manifest>
  try {
    manifest = JSON.parse(text) as Partial<Manifest>
  } catch {
    throw new BackupError(`manifest.json in ${folder} is damaged; use another copy of the backup`)
  }
  if (manifest.format !== formatVersion)
    throw new BackupError(
      `The backup is of format ${manifest.format}, and this version of Fieldbook reads ${formatVersion}; use the version that made it`,
    )
  return manifest as Manifest
}

export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

export const partsOf = ({ tables, photos }: Manifest): Part[] => [...tables, ...(photos ?? [])]
