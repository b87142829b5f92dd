import { open, stat } from 'node:fs/promises'
import { readCsv } from './read-csv.ts'
import { readXlsx } from './read-xlsx.ts'
import { type ReadingChoice, type Table, type TableHead, UnreadableTable } from './table.ts'

const megabyte = 1024 * 1024
const largestFile = 200 * megabyte
const headLength = 4096

export interface ReadTable {
  table: Table
  head: TableHead
}

/** Reads a CSV file or a workbook. Throws UnreadableTable with what is wrong and what to do about it. */
export async function readTable(path: string, choice: ReadingChoice = {}): Promise<ReadTable> {
  const head = await headOf(path)
  const other = otherKind(head)
  if (other) throw new UnreadableTable(other)
  if (isZip(head)) {
    const { table, sheets, sheet } = await readXlsx(path, choice.sheet)
    return { table, head: { ...shown(table), encoding: null, sheets, sheet } }
  }
  const { table, encoding } = await readCsv(path, head, choice.encoding).catch((error: unknown) => {
    // Whoever chose the wrong encoding can take it back.
    const isOther = choice.encoding !== undefined && choice.encoding !== 'utf-8'
    if (!isOther || !(error instanceof UnreadableTable)) throw error
    throw new UnreadableTable(error.message, { encodings: ['utf-8'], cause: error })
  })
  return { table, head: { ...shown(table), encoding, sheets: [], sheet: null } }
}

const shown = ({ rows, headers, sample, digest }: Table) => ({
  rows,
  digest,
  headers: [...headers],
  sample: sample.map((row) => [...row]),
})

async function headOf(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path)
    if (size === 0) throw new UnreadableTable('The file is empty. Choose another one.')
    if (size > largestFile) {
      const megabytes = Math.ceil(size / megabyte).toLocaleString('en-GB')
      throw new UnreadableTable(
        `The file has ${megabytes} MB, and ${largestFile / megabyte} MB can be read. Split it, or leave out columns that are not needed.`,
      )
    }
    await using file = await open(path)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength))
    return buffer.subarray(0, bytesRead)
  } catch (cause) {
    if (cause instanceof UnreadableTable) throw cause
    throw new UnreadableTable('The file cannot be read. Is it still there, and are you allowed to open it?', {
      cause,
    })
  }
}

const startsWith = (head: Buffer, ...bytes: number[]) => bytes.every((byte, index) => head[index] === byte)

const isZip = (head: Buffer) => startsWith(head, 0x50, 0x4b, 0x03, 0x04)

/** What to say of a file that is neither text nor a zip; null when it may be one of them. */
function otherKind(head: Buffer): string | null {
  const text = head.toString('latin1')
  const instead = 'Choose a CSV file or an Excel workbook (.xlsx).'
  if (startsWith(head, 0xd0, 0xcf, 0x11, 0xe0)) {
    return 'This is an Excel workbook of the old kind (.xls), or one that a password protects. Open it in a spreadsheet program and save it as .xlsx, without a password.'
  }
  if (text.startsWith('%PDF')) return `This is a PDF, from which no table can be read. ${instead}`
  if (startsWith(head, 0x1f, 0x8b)) return `The file is compressed (gzip). Unpack it first. ${instead}`
  if (/^(\xef\xbb\xbf)?\s*<(!doctype|html|\?xml|table)/i.test(text)) {
    return 'This is a web page or XML, even if its name says otherwise. Open it in a spreadsheet program and save it as .xlsx or CSV.'
  }
  if (startsWith(head, 0x50, 0x4b, 0x05, 0x06)) return `This is an empty zip archive. ${instead}`
  if (startsWith(head, 0x89, 0x50, 0x4e, 0x47) || startsWith(head, 0xff, 0xd8, 0xff))
    return `This is a picture. ${instead}`
  return null
}
