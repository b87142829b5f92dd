import { readSheet } from 'read-excel-file/universal'
import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { guard } from '#common/rules/formula-guard'
import { type Table, TableBuilder, UnreadableTable } from './table.ts'

/** Bytes that all of a workbook may come to when it is unpacked; what is packed well can be a thousand times as much. */
const largestUnpacked = 300 * 1024 * 1024
const mostEntries = 5_000

const damaged =
  'The workbook is damaged or was not copied to its end. Open it in a spreadsheet program and save it again, or get it anew.'

/**
 * Reads a sheet of a workbook, the first where none is named. The archive is unpacked here, against a limit and
 * whatever its headers promise; the reader of the sheet gets what came out, so it never unpacks anything itself.
 */
export async function readXlsx(
  path: string,
  wanted: string | undefined,
): Promise<{ table: Table; sheets: string[]; sheet: string }> {
  const entries = await unpack(path)
  const workbook = entries.get('xl/workbook.xml')
  if (!workbook) throw new UnreadableTable(kindOf(entries))
  const sheets = sheetNames(workbook.toString())
  const sheet = wanted !== undefined && sheets.includes(wanted) ? wanted : sheets[0]
  if (sheet === undefined) throw new UnreadableTable('The workbook has no sheet with a table.')
  try {
    const rows = await readSheet(packed(entries), sheet, {
      trim: false,
      parseNumber: (written) => new NumberCell(written),
    })
    const builder = new TableBuilder()
    for (const row of rows) builder.add(row.map(cellText))
    return { table: builder.end(), sheets, sheet }
  } catch (error) {
    const others = sheets.length > 1 ? sheets : []
    if (error instanceof UnreadableTable) throw new UnreadableTable(error.message, { sheets: others })
    throw new UnreadableTable(damaged, { sheets: others, cause: error })
  }
}

/** The XML of a workbook, by its name in the archive. */
async function unpack(path: string): Promise<Map<string, Buffer>> {
  let zip: ZipFile | undefined
  try {
    zip = await openPromise(path, { lazyEntries: true, validateEntrySizes: false })
    if (zip.entryCount > mostEntries) throw new UnreadableTable(damaged)
    const entries = new Map<string, Buffer>()
    let left = largestUnpacked
    for await (const entry of zip.eachEntry()) {
      const { size, content } = await inflate(zip, entry, left)
      left -= size
      if (content) entries.set(entry.fileName.replaceAll('\\', '/'), content)
    }
    return entries
  } catch (error) {
    throw error instanceof UnreadableTable ? error : new UnreadableTable(damaged, { cause: error })
  } finally {
    zip?.close()
  }
}

/** What an entry comes to, with its content where that may be needed. */
async function inflate(
  zip: ZipFile,
  entry: Entry,
  most: number,
): Promise<{ size: number; content: Buffer | null }> {
  if (entry.isEncrypted()) {
    throw new UnreadableTable('A password protects this file. Save it without one and open it again.')
  }
  const isKept = /\.(xml|rels)$/i.test(entry.fileName) || entry.fileName === 'mimetype'
  const chunks: Buffer[] = []
  let size = 0
  const content: Readable = await zip.openReadStreamPromise(entry)
  for await (const chunk of content as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > most) {
      content.destroy()
      const megabytes = largestUnpacked / 1024 / 1024
      throw new UnreadableTable(
        `Unpacked, the workbook comes to more than ${megabytes} MB. Save the sheet as CSV, or split it.`,
      )
    }
    if (isKept) chunks.push(chunk)
  }
  return { size, content: isKept ? Buffer.concat(chunks) : null }
}

function kindOf(entries: ReadonlyMap<string, Buffer>): string {
  if (entries.get('mimetype')?.toString().includes('opendocument.spreadsheet')) {
    return 'This is an OpenDocument spreadsheet (.ods). Open it in a spreadsheet program and save it as .xlsx or CSV.'
  }
  if (entries.has('xl/workbook.bin') || entries.has('xl/_rels/workbook.bin.rels')) {
    return 'This is an Excel workbook of the binary kind (.xlsb). Save it as .xlsx.'
  }
  return 'This is no Excel workbook, but a zip archive with something else in it. Choose a CSV file or an Excel workbook (.xlsx).'
}

const references: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const decoded = (text: string) =>
  text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (all, hex?: string, decimal?: string, name?: string) => {
    if (name) return references[name] ?? all
    const code = hex ? parseInt(hex, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : all
  })

/** Of the sheets that people see, in their order. */
function sheetNames(workbook: string): string[] {
  return [...workbook.matchAll(/<(?:\w+:)?sheet\s[^>]*>/g)].flatMap(([tag]) => {
    const name = /\sname=(?:"([^"]*)"|'([^']*)')/.exec(tag)
    const hidden = /\sstate=["'](?:veryH|h)idden["']/.test(tag)
    return name && !hidden ? [decoded(name[1] ?? name[2] ?? '')] : []
  })
}

/** An archive of these entries that holds them as they are. */
function packed(entries: ReadonlyMap<string, Buffer>): ArrayBuffer {
  const before: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, given] of entries) {
    if (!name.startsWith('xl/')) continue
    const content = prepared(name, given)
    const path = Buffer.from(name)
    const header = Buffer.alloc(46)
    header.writeUInt32LE(0x02014b50, 0)
    header.writeUInt16LE(20, 6)
    header.writeUInt16LE(0x0800, 8)
    header.writeUInt32LE(crc32(content), 16)
    header.writeUInt32LE(content.length, 20)
    header.writeUInt32LE(content.length, 24)
    header.writeUInt16LE(path.length, 28)
    header.writeUInt32LE(offset, 42)
    directory.push(header, path)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    // From the version needed to the length of the name both headers say the same.
    header.copy(local, 4, 6, 30)
    before.push(local, path, content)
    offset += local.length + path.length + content.length
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(directory.length / 2, 8)
  end.writeUInt16LE(directory.length / 2, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  const all = new Uint8Array(offset + size + end.length)
  let at = 0
  for (const piece of [...before, ...directory, end]) {
    all.set(piece, at)
    at += piece.length
  }
  return all.buffer
}

/** Entities of one's own can make a gigabyte of a few lines; and cells with an error are to be read as text. */
function prepared(name: string, content: Buffer): Buffer {
  const text = content.toString('latin1')
  if (/<!(doctype|entity)/i.test(text)) {
    throw new UnreadableTable(
      'The workbook holds a definition that no spreadsheet program writes and that could do harm, so it is not read. Save it again with a spreadsheet program.',
    )
  }
  if (!name.startsWith('xl/worksheets/')) return content
  const errors = /(<(?:\w+:)?c\s[^>]*\bt=)(["'])e\2/g
  return errors.test(text) ? Buffer.from(text.replace(errors, '$1$2str$2'), 'latin1') : content
}

const longNumbers = new Intl.NumberFormat('en', { useGrouping: false, maximumFractionDigits: 20 })

class NumberCell {
  readonly text: string

  /** As people write it: no exponent, and nothing of how computers halve tenths. */
  constructor(written: string) {
    const number = Number(Number(written).toPrecision(15))
    const text = Number.isNaN(number) ? written : String(number)
    this.text = text.includes('e') ? longNumbers.format(number) : text
  }
}

type Cell = string | boolean | NumberCell | Date | null

/** Text as an export writes it to CSV, so that the rows mean the same from either kind of file. */
function cellText(cell: unknown): string {
  const value = cell as Cell
  if (value === null) return ''
  if (value instanceof NumberCell) return value.text
  if (value instanceof Date) return dateText(value)
  return typeof value === 'string' ? guard(value) : value ? 'TRUE' : 'FALSE'
}

/** `2026-03-25 14:30`; a day alone at midnight, a time alone on the day before workbooks begin to count. */
function dateText(date: Date): string {
  // A workbook counts in parts of a day, which come out a thousandth of a second short.
  const time = Math.round(date.getTime() / 10) * 10
  if (Number.isNaN(time)) return ''
  const [day = '', clock = ''] = new Date(time).toISOString().replace('Z', '').split('T')
  const shortest = clock.replace(/(:00)?\.000$/, '')
  if (day < '1900-01-01') return shortest
  return shortest === '00:00' ? day : `${day} ${shortest}`
}
