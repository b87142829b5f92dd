export interface ListRow {
  key: string
  /** Headings are shown between the rows and cannot be chosen. */
  isHeading?: boolean
}

/** The row `step` rows on, past headings and within the list. */
export function stepFrom(rows: readonly ListRow[], from: number, step: number): number {
  const way = Math.sign(step)
  const aim = Math.min(Math.max(from + step, 0), rows.length - 1)
  for (const direction of [way, -way]) {
    for (let index = aim; index >= 0 && index < rows.length; index += direction) {
      if (!rows[index]!.isHeading) return index
    }
  }
  return from
}
