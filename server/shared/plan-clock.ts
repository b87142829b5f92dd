import type { Transaction } from './transaction.ts'

/** How often anything changed by which somebody of the organisation has other goals or call cycles. */
export async function planClock({ db }: Transaction): Promise<number> {
  const row = await db('plan_clocks').first<{ moves: string } | undefined>('moves')
  return Number(row?.moves ?? 0)
}
