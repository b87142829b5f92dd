import { type CsvError, parse } from 'csv-parse'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { TextDecoder } from 'node:util'
import { maxImportCell } from '#common/contract/imports'
import type { FileEncoding } from '#desktop/bridge/channels'
import { type Table, TableBuilder, UnreadableTable } from './table.ts'

/** Characters in which the delimiter is looked for. */
const looked = 65_536
const delimiters = [',', ';', '\t', '|']
/** Bytes; whatever is longer has lost a quotation mark. */
const longestRecord = 4 * 1024 * 1024

/**
 * Reads text with a row per line. The encoding is that of a byte order mark, or UTF-8; other bytes are refused, since
 * a guess would spoil names without anybody seeing it.
 */
export async function readCsv(
  path: string,
  head: Buffer,
  chosen: FileEncoding | undefined,
): Promise<{ table: Table; encoding: FileEncoding }> {
  const { encoding, label, mark } = encodingOf(head, chosen)
  const texts = textsOf(path, label, mark)
  const first = await firstOf(texts, looked)
  if (first.trim() === '' && first.length < looked)
    throw new UnreadableTable('The file has nothing in it. Choose another one.')
  const separator = /^sep=(.)\r?\n/i.exec(first)
  const delimiter = separator?.[1] ?? delimiterOf(first)
  const builder = new TableBuilder()
  const parser = parse({
    delimiter,
    relaxQuotes: true,
    relaxColumnCount: true,
    maxRecordSize: longestRecord,
    recordDelimiter: ['\r\n', '\n', '\r'],
  })
  const all = (async function* () {
    yield first.slice(separator?.[0].length ?? 0)
    yield* texts
  })()
  try {
    await pipeline(Readable.from(all), parser, async (records: AsyncIterable<string[]>) => {
      for await (const record of records) builder.add(record)
    })
  } catch (error) {
    throw isCsvError(error)
      ? new UnreadableTable(wordsOf(error, parser.info.records + 1), { cause: error })
      : error
  }
  return { table: builder.end(), encoding }
}

const isCsvError = (error: unknown): error is CsvError =>
  error instanceof Error && String((error as Partial<CsvError>).code).startsWith('CSV_')

function wordsOf({ code }: CsvError, row: number): string {
  const where = `Row ${row.toLocaleString('en-GB')}`
  if (code === 'CSV_QUOTE_NOT_CLOSED') {
    return `${where} opens a quotation mark that nothing closes, so the rows after it cannot be told apart. Close it and open the file again.`
  }
  if (code === 'CSV_MAX_RECORD_SIZE') {
    return `${where} is far longer than a cell of ${maxImportCell.toLocaleString('en-GB')} characters allows; is a quotation mark missing there?`
  }
  return `${where} cannot be read as a row of a table. Save the file as CSV once more with a spreadsheet program.`
}

function encodingOf(head: Buffer, chosen: FileEncoding | undefined) {
  const marks = [
    { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8', label: 'utf-8' },
    { bytes: [0xff, 0xfe], encoding: 'utf-16', label: 'utf-16le' },
    { bytes: [0xfe, 0xff], encoding: 'utf-16', label: 'utf-16be' },
  ] as const
  const marked = marks.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte))
  if (marked && (!chosen || marked.encoding === chosen)) {
    return { encoding: marked.encoding, label: marked.label, mark: marked.bytes.length }
  }
  const wide = wideOf(head)
  if (chosen) return { encoding: chosen, label: chosen === 'utf-16' ? (wide ?? 'utf-16le') : chosen, mark: 0 }
  if (wide) {
    throw new UnreadableTable(
      'This looks like UTF-16, but the mark at its beginning that would say so is missing. Read it as UTF-16, or save it again as “CSV UTF-8”.',
      { encodings: ['utf-16'] },
    )
  }
  return { encoding: 'utf-8', label: 'utf-8', mark: 0 } as const
}

/** Every second byte of plain text in UTF-16 is mostly 0. */
function wideOf(head: Buffer): 'utf-16le' | 'utf-16be' | null {
  const zeros = [0, 0]
  head.forEach((byte, index) => {
    if (byte === 0) zeros[index % 2]!++
  })
  const [even, odd] = zeros as [number, number]
  if (Math.max(even, odd) < head.length / 5 || Math.min(even, odd) > head.length / 50) return null
  return odd > even ? 'utf-16le' : 'utf-16be'
}

async function* textsOf(path: string, label: string, mark: number): AsyncGenerator<string> {
  const decoder = new TextDecoder(label, { fatal: true })
  const decode = (bytes?: Buffer) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch (cause) {
      const message =
        label === 'utf-8'
          ? 'The letters of this file are not written in UTF-8. If it comes from an older program on Windows, read it as Windows-1252 and look whether all letters are right; or save it again as “CSV UTF-8”.'
          : 'The letters of this file are not written in UTF-16. Save it again as “CSV UTF-8”.'
      throw new UnreadableTable(message, { encodings: label === 'utf-8' ? ['windows-1252'] : [], cause })
    }
  }
  for await (const bytes of createReadStream(path, { start: mark }) as AsyncIterable<Buffer>) {
    yield readable(decode(bytes))
  }
  yield readable(decode())
}

function readable(text: string): string {
  if (!text.includes('\0')) return text
  throw new UnreadableTable(
    'This is not a text file with a table in it. Choose a CSV file or an Excel workbook (.xlsx).',
  )
}

async function firstOf(texts: AsyncGenerator<string>, length: number): Promise<string> {
  let first = ''
  while (first.length < length) {
    const next = await texts.next()
    if (next.done) break
    first += next.value
  }
  return first
}

/** The one that cuts most rows into as many cells as the first, which has at least two; a comma where none does. */
function delimiterOf(text: string): string {
  const scored = delimiters.map((delimiter) => {
    const [first = 0, ...others] = countsOf(text, delimiter)
    const same = others.filter((count) => count === first).length / Math.max(others.length, 1)
    return { delimiter, first, same: others.length === 0 ? 1 : same }
  })
  const [best] = scored
    .filter(({ first }) => first > 0)
    .sort((a, b) => Math.round(b.same * 10) - Math.round(a.same * 10) || b.first - a.first)
  return best?.delimiter ?? ','
}

/** How often `delimiter` stands outside of quotes in each of the first rows. */
function countsOf(text: string, delimiter: string): number[] {
  const counts: number[] = []
  let count = 0
  let quoted = false
  let blank = true
  for (const sign of text) {
    if (sign === '"') quoted = !quoted
    else if (!quoted && (sign === '\n' || sign === '\r')) {
      if (!blank) counts.push(count)
      if (counts.length === 50) return counts
      count = 0
      blank = true
      continue
    } else if (!quoted && sign === delimiter) count++
    blank = false
  }
  // What is cut off counts only where it is all there is.
  if (counts.length === 0 && !blank) counts.push(count)
  return counts
}
