import { once } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { AppError } from '#common/contract/errors'
import type { ExportColumn, ExportFormat } from '#common/contract/exports'
import type { ExportedRecord, People } from '#common/spreadsheet/columns'
import { TooMuchText } from '#common/spreadsheet/too-much-text'

/** The next records, with the names of people in them; null for the end. */
export type WriterQuestion = { records: readonly ExportedRecord[]; people: People } | null
export type WriterAnswer = { bytes: Uint8Array<ArrayBuffer> } | 'too much text'

export interface Writer {
  /** The next piece of the file. Throws `TooMuchText`. */
  add(records: readonly ExportedRecord[], people: People): Promise<Uint8Array>
  end(): Promise<Uint8Array>
}

export type Writers = ReturnType<typeof createWriters>

/** Spreadsheets written on worker threads: a large one takes seconds and much memory, and slows no request. */
export function createWriters() {
  const pool = new Piscina<object, void>({
    filename: new URL('./exports.worker.ts', import.meta.url).href,
    minThreads: 0,
    // One for jobs, one for those who wait for the answer.
    maxThreads: 2,
    maxQueue: 32,
    idleTimeout: 30_000,
  })

  return {
    /** Whatever becomes of `work`, its thread is free afterwards. */
    async write<T>(
      format: ExportFormat,
      columns: readonly ExportColumn[],
      work: (writer: Writer) => Promise<T>,
    ): Promise<T> {
      const { port1: port, port2 } = new MessageChannel()
      const task = pool.run({ port: port2, format, columns }, { transferList: [port2] })
      const died = task.then(
        () => {
          throw new Error('The writer ended before the file')
        },
        (error: Error) => {
          if (!error.message.includes('queue')) throw error
          throw new AppError('SERVICE_UNAVAILABLE', 'Too many files are being written; try again in a moment')
        },
      )
      died.catch(() => {})
      async function ask(question: WriterQuestion): Promise<Uint8Array> {
        const answered = once(port, 'message')
        answered.catch(() => {})
        port.postMessage(question)
        const [answer] = (await Promise.race([answered, died])) as [WriterAnswer]
        if (answer === 'too much text') throw new TooMuchText()
        return answer.bytes
      }
      try {
        return await work({
          add: (records, people) => ask({ records, people }),
          end: () => ask(null),
        })
      } finally {
        port.close()
      }
    },

    close: () => pool.destroy(),
  }
}
