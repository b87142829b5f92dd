import { type FileHandle, open } from 'node:fs/promises'
import { AppError } from '#common/contract/errors'
import type { ExportColumn, ExportFormat } from '#common/contract/exports'
import type { ExportedRecord, People } from '#common/spreadsheet/columns'
import { type SpreadsheetWriter, spreadsheetWriter, TooMuchText } from '#common/spreadsheet/writer'
import { renameDurably } from '../durable.ts'

/** A file to be written: all of it under another name first, so that under its own it is never half there. */
export interface FileToWrite {
  draft: string
  path: string
  format: ExportFormat
  columns: ExportColumn[]
  people: People
}

/**
 * Writes one file: `begin`, `write` as often as there is something, `flush`, and `place`, which gives it its name. They
 * throw what people can be told. Whoever does not come to `place` removes the draft.
 */
export function writeCommands() {
  let target: FileToWrite
  let file: FileHandle
  let writer: SpreadsheetWriter
  return {
    begin: (to: FileToWrite) =>
      told(async () => {
        target = to
        writer = spreadsheetWriter(to.format, to.columns, to.people)
        file = await open(to.draft, 'wx', 0o600)
      }),
    write: (records: readonly ExportedRecord[]) => told(() => file.appendFile(writer.add(records))),
    flush: () =>
      told(async () => {
        await file.appendFile(await writer.end())
        await file.sync()
        await file.close()
      }),
    place: () => told(async () => renameDurably(target.draft, target.path)),
  }
}

async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const message = error instanceof TooMuchText ? error.message : wordsFor(error as NodeJS.ErrnoException)
    throw message === undefined ? error : new AppError('VALIDATION_ERROR', message)
  }
}

function wordsFor({ code }: NodeJS.ErrnoException): string | undefined {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'The disk is full. Make room or choose another place, then export again.'
    case 'EACCES':
    case 'EBUSY':
    case 'EPERM':
    case 'EROFS':
      return 'The file cannot be written there: it is open in another program, or the folder is closed to you. Close it or choose another place, then export again.'
    case 'ENOENT':
    case 'ENOTDIR':
      return 'The folder is not there any more. Choose another place, then export again.'
    case 'EISDIR':
    case 'EINVAL':
    case 'ENAMETOOLONG':
      return 'The file cannot have that name. Choose another one, then export again.'
    case 'EIO':
    case 'ENODEV':
    case 'ENXIO':
      return 'The disk does not answer. Choose another place, then export again.'
    default:
      return undefined
  }
}
