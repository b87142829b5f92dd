import type { FileEncoding } from '#desktop/bridge/channels'
import { readTable } from './read-table.ts'
import { type ReadingChoice, type Table, type TableHead, UnreadableTable } from './table.ts'

export type Reading =
  { head: TableHead } | { unreadable: { message: string; encodings: FileEncoding[]; sheets: string[] } }

/** Reads a file with a table and holds the one it read last, to be had in parts. */
export function readCommands() {
  let table: Table | null = null
  return {
    readTable: async (path: string, choice: ReadingChoice): Promise<Reading> => {
      table = null
      try {
        const found = await readTable(path, choice)
        table = found.table
        return { head: found.head }
      } catch (error) {
        if (!(error instanceof UnreadableTable)) throw error
        const { message, encodings, sheets } = error
        return { unreadable: { message, encodings: [...encodings], sheets: [...sheets] } }
      }
    },
    tablePart: (from: number): string[][] => table?.part(from) ?? [],
  }
}
