import { type FileHandle, open } from 'node:fs/promises'
import type { ExportColumn, ExportFormat } from '#common/contract/exports'
import type { ExportedRecord, People } from '#common/spreadsheet/columns'
import { type SpreadsheetWriter, spreadsheetWriter } from '#common/spreadsheet/writer'
import { renameDurably } from '../durable.ts'
import { told } from './told.ts'

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
