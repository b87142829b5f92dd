import { createHash } from 'node:crypto'
import { maxImportCell, maxImportColumns, maxImportRows, maxRowsSent } from '#common/contract/imports'
import type { FileEncoding, TableFile } from '#desktop/bridge/channels'

/** How a file is to be read, where that is not to be found out from the file. */
export interface ReadingChoice {
  encoding?: FileEncoding
  sheet?: string
}

export interface TableHead extends Omit<TableFile, 'fileId' | 'fileName'> {
  digest: string
}

/** A file that is no table one could import: why, what to do, and the other ways in which it may be read. */
export class UnreadableTable extends Error {
  readonly encodings: readonly FileEncoding[]
  readonly sheets: readonly string[]

  constructor(
    message: string,
    more: { encodings?: readonly FileEncoding[]; sheets?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.name = 'UnreadableTable'
    this.encodings = more.encodings ?? []
    this.sheets = more.sheets ?? []
  }
}

/** Bytes of rows in one part, as JSON; with what goes around them they fit a request of 1 MiB. */
const largestPart = 1_000_000
const mostShown = 100
const largestSample = 500_000
const longestHeader = 500

const count = (value: number) => value.toLocaleString('en-GB')

interface Part {
  from: number
  rows: number
  json: Buffer
}

/** What has been read, in parts as they are sent: JSON outside of the heap, so that 200 MB of text stay 200 MB. */
export class Table {
  readonly headers: readonly string[]
  readonly rows: number
  readonly sample: readonly string[][]
  /** Two tables that have the same are the same. */
  readonly digest: string
  readonly #parts: readonly Part[]

  constructor({
    parts,
    ...head
  }: Pick<Table, 'headers' | 'rows' | 'sample' | 'digest'> & { parts: readonly Part[] }) {
    this.headers = head.headers
    this.rows = head.rows
    this.sample = head.sample
    this.digest = head.digest
    this.#parts = parts
  }

  /** The rows after the first `from`, as many as fit a request; none after the last. */
  part(from: number): string[][] {
    const part = this.#parts.find((each) => from < each.from + each.rows)
    if (!part) return []
    return (JSON.parse(part.json.toString()) as string[][]).slice(from - part.from)
  }
}

/**
 * Takes the rows of a table one by one, the headers first, and refuses what an import cannot take. A blank row in
 * the middle is kept as one without cells, so that rows keep their numbers; those before the headers and after the
 * last row are left out.
 */
export class TableBuilder {
  #headers: string[] | null = null
  #parts: Part[] = []
  #open: string[] = []
  #openBytes = 0
  #rows = 0
  #blank = 0
  #widest = 0
  #sample: string[][] = []
  #sampleBytes = 0
  readonly #digest = createHash('sha256')

  add(row: readonly string[]): void {
    const cells = row.slice(0, row.findLastIndex((cell) => cell.trim() !== '') + 1)
    if (!this.#headers) {
      if (cells.length > 0) this.#headers = this.#takeHeaders(row, cells)
      return
    }
    if (cells.length === 0) {
      this.#blank++
      return
    }
    for (; this.#blank > 0; this.#blank--) this.#take([])
    this.#take(cells)
  }

  end(): Table {
    if (!this.#headers) throw new UnreadableTable('The file has nothing in it. Choose another one.')
    if (this.#rows === 0) {
      throw new UnreadableTable(
        'The file has only one row, which is taken for the names of the columns. Put the names in the first row and the records below.',
      )
    }
    this.#closePart()
    const headers = namesOf(this.#headers.slice(0, Math.max(usedOf(this.#headers), this.#widest)))
    const digest = this.#digest.update(JSON.stringify(headers)).digest('hex')
    return new Table({ headers, rows: this.#rows, sample: this.#sample, digest, parts: this.#parts })
  }

  #takeHeaders(row: readonly string[], cells: readonly string[]): string[] {
    if (cells.length > maxImportColumns) {
      throw new UnreadableTable(
        `The table has ${count(cells.length)} columns, and ${maxImportColumns} can be imported. Take out those that are not needed.`,
      )
    }
    return row.slice(0, maxImportColumns).map((name) => name.trim().slice(0, longestHeader).toWellFormed())
  }

  #take(row: readonly string[]): void {
    const number = this.#rows + 2
    if (this.#rows === maxImportRows) {
      throw new UnreadableTable(
        `The table has more than ${count(maxImportRows)} rows. Split it into several files and import them one after the other.`,
      )
    }
    if (row.length > maxImportColumns) {
      throw new UnreadableTable(
        `Row ${count(number)} has ${count(row.length)} cells, and ${maxImportColumns} can be imported. Is it meant to be one row?`,
      )
    }
    const cells = row.map((cell) => cell.replaceAll('\0', '').toWellFormed())
    const long = cells.findIndex((cell) => cell.length > maxImportCell)
    if (long >= 0) {
      const which = this.#headers![long]?.trim() ? `“${this.#headers![long]}”` : `column ${long + 1}`
      throw new UnreadableTable(
        `Row ${count(number)} has ${count(cells[long]!.length)} characters in ${which}, and a cell can have ${count(maxImportCell)}. Shorten it, or see whether a quotation mark is missing.`,
      )
    }
    const json = JSON.stringify(cells)
    const bytes = Buffer.byteLength(json) + 1
    if (bytes > largestPart) {
      throw new UnreadableTable(
        `Row ${count(number)} has more text than can be sent at once, which is about a million letters. Shorten it.`,
      )
    }
    if (this.#open.length === maxRowsSent || this.#openBytes + bytes > largestPart) this.#closePart()
    this.#open.push(json)
    this.#digest.update(`${json}\n`)
    this.#openBytes += bytes
    this.#rows++
    this.#widest = Math.max(this.#widest, cells.length)
    if (cells.length > 0 && this.#sample.length < mostShown && this.#sampleBytes + bytes < largestSample) {
      this.#sample.push(cells)
      this.#sampleBytes += bytes
    }
  }

  #closePart(): void {
    const rows = this.#open.length
    if (rows > 0) {
      this.#parts.push({ from: this.#rows - rows, rows, json: Buffer.from(`[${this.#open.join(',')}]`) })
    }
    this.#open = []
    this.#openBytes = 0
  }
}

const usedOf = (headers: readonly string[]) => headers.findLastIndex((name) => name !== '') + 1

/** Names for all columns, each another. */
function namesOf(headers: readonly string[]): string[] {
  const taken = new Set(headers)
  const seen = new Set<string>()
  return headers.map((header, index) => {
    const name = header || `Column ${index + 1}`
    if (header && !seen.has(name)) {
      seen.add(name)
      return name
    }
    for (let turn = header ? 2 : 1; ; turn++) {
      const another = turn === 1 ? name : `${name} (${turn})`
      if (seen.has(another) || taken.has(another)) continue
      seen.add(another)
      return another
    }
  })
}
