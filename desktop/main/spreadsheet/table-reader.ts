import { CalledProcess, type ChildPort } from '../calls.ts'
import type { Reading } from './read-commands.ts'
import { type ReadingChoice, type TableHead, UnreadableTable } from './table.ts'

const tooMuch =
  'The file is more than this computer can read at once. Save the sheet as CSV, split it, or leave out columns that are not needed.'

/** A file that is read in a process of its own, and then the rows of it. That process ends by itself for want of memory. */
export class TableReader {
  readonly #process: CalledProcess
  readonly #path: string

  constructor(port: ChildPort, path: string) {
    this.#process = new CalledProcess(
      port,
      () => new UnreadableTable(tooMuch),
      () => {},
    )
    this.#path = path
  }

  get ended(): boolean {
    return this.#process.ended !== null
  }

  /** Throws UnreadableTable. */
  async read(choice: ReadingChoice): Promise<TableHead> {
    const answer = (await this.#process.call('readTable', [this.#path, choice])) as Reading
    if ('head' in answer) return answer.head
    const { message, ...ways } = answer.unreadable
    throw new UnreadableTable(message, ways)
  }

  /** Rows after the first `from`, as many as can be sent at once; none after the last. Throws UnreadableTable. */
  part(from: number): Promise<string[][]> {
    return this.#process.call('tablePart', [from]) as Promise<string[][]>
  }

  close(): void {
    if (!this.ended) this.#process.end()
  }
}
