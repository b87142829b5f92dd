/** Figures as a table: what a chart shows to those who cannot see it, and what is written to a file. */
export interface FigureTable {
  head: readonly string[]
  rows: readonly FigureRow[]
  /** The columns that hold words, and not figures, beside the first. */
  words?: readonly number[]
}

export interface FigureRow {
  key: string
  cells: readonly Cell[]
}

/** Words, or a figure with the rows behind it. */
export type Cell =
  | string
  | {
      words: string
      /** What a file says in its place. */
      plain?: string
      onOpen?: (() => void) | undefined
    }

export const cellWords = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.words)

const plainOf = (cell: Cell): string =>
  typeof cell === 'string' ? (cell === '–' ? '' : cell) : (cell.plain ?? plainOf(cell.words))

/** The rows of a file: numbers without commas, and nothing where nothing was measured. */
export const plainRows = ({ head, rows }: FigureTable): string[][] => [
  [...head],
  ...rows.map(({ cells }) => cells.map(plainOf)),
]

/** A count, with the rows behind it. */
export const countCell = (count: number, onOpen?: () => void): Cell => ({
  words: count.toLocaleString('en-GB'),
  plain: String(count),
  onOpen: count > 0 ? onOpen : undefined,
})

/** Percent with one decimal to read and four in a file. */
export const percentCell = (percent: number | null, onOpen?: () => void): Cell => ({
  words: percent === null ? '–' : `${(Math.round(percent * 10) / 10).toLocaleString('en-GB')} %`,
  plain: percent === null ? '' : String(Math.round(percent * 10_000) / 10_000),
  onOpen: percent === null ? undefined : onOpen,
})
