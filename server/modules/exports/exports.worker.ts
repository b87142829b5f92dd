import { once } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import type { ExportColumn, ExportFormat } from '#common/contract/exports'
import type { People } from '#common/spreadsheet/columns'
import { TooMuchText } from '#common/spreadsheet/too-much-text'
import { spreadsheetWriter } from '#common/spreadsheet/writer'
import type { WriterAnswer, WriterQuestion } from './writers.ts'

interface Task {
  port: MessagePort
  format: ExportFormat
  columns: readonly ExportColumn[]
}

/** Writes a file piece by piece, as it is asked to over the port, until that is closed. */
export default async ({ port, format, columns }: Task): Promise<void> => {
  const people: Record<string, string> = {}
  const writer = spreadsheetWriter(format, columns, people)

  const answer = async (question: WriterQuestion): Promise<WriterAnswer> => {
    try {
      return { bytes: toBytes(await (question ? add(question) : writer.end())) }
    } catch (error) {
      if (error instanceof TooMuchText) return 'too much text'
      throw error
    }
  }
  const add = ({ records, people: more }: NonNullable<WriterQuestion>) => {
    Object.assign(people, more satisfies People)
    return writer.add(records)
  }

  await new Promise<void>((resolve, reject) => {
    port.on('message', (question: WriterQuestion) => {
      answer(question).then(
        (said) => port.postMessage(said, said === 'too much text' ? [] : [said.bytes.buffer]),
        reject,
      )
    })
    once(port, 'close').then(() => resolve(), reject)
  }).finally(() => port.close())
}

const encoder = new TextEncoder()
const toBytes = (piece: string | Uint8Array): Uint8Array<ArrayBuffer> =>
  typeof piece === 'string' ? encoder.encode(piece) : (piece as Uint8Array<ArrayBuffer>)
