import type { Transaction } from '../../shared/transaction.ts'

/** The positions of the entries that were blanked: the oldest that need not be kept, up to `most`. */
export async function blankEntries({ db }: Transaction, feedId: string, most: number): Promise<number[]> {
  const { rows } = await db.raw<{ rows: { position: string }[] }>(
    'SELECT blank_audit(:feedId, :most) AS position',
    { feedId, most },
  )
  return rows.map(({ position }) => Number(position))
}

/** Of a forgotten person, some of the entries that still hold something about them, which it then no longer does. */
export async function blankPerson(
  { db }: Transaction,
  feedId: string,
  userId: string,
  most: number,
): Promise<number[]> {
  const { rows } = await db.raw<{ rows: { position: string }[] }>(
    'SELECT blank_person(:feedId, :userId, :most) AS position',
    { feedId, userId, most },
  )
  return rows.map(({ position }) => Number(position))
}

/** Nobody adds an entry to the feed before the transaction ends. */
export async function holdHead({ db }: Transaction, feedId: string): Promise<void> {
  await db('feed_heads').where({ feed_id: feedId }).forNoKeyUpdate().first('feed_id')
}
