import type { Transaction } from '../../shared/transaction.ts'

/** Of all organisations; answers how many new rows were added up. */
export async function compactTallies({ db }: Transaction, most: number): Promise<number> {
  const { rows } = await db.raw<{ rows: { count: string }[] }>('SELECT compact_tallies(?) AS count', [most])
  return Number(rows[0]!.count)
}
