import type { Transaction } from '../../shared/transaction.ts'

/** The positions of the entries that were blanked: the oldest that need not be kept, up to `most`. */
export async function blankEntries({ db }: Transaction, feedId: string, most: number): Promise<number[]> {
  const { rows } = await db.raw<{ rows: { position: string }[] }>(
    'SELECT blank_audit(:feedId, :most) AS position',
    { feedId, most },
  )
  return rows.map(({ position }) => Number(position))
}
