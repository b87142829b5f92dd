import type { ListedVisit, VisitStatus } from '#common/contract/visits'
import { visitTypeWords } from '#common/rules/visit-rules'
import { clockWords, recentWords } from '../../ui/date-words.ts'
import type { Tone } from '../../ui/Pill.tsx'

export const statusWords: Record<VisitStatus, { words: string; tone: Tone }> = {
  in_progress: { words: 'In progress', tone: 'accent' },
  completed: { words: 'Completed', tone: 'green' },
  cancelled: { words: 'Cancelled', tone: 'plain' },
}

/** What a visit goes by: its shop or, where it has none, its kind. */
export const visitName = ({ shopName, visitType }: Pick<ListedVisit, 'shopName' | 'visitType'>): string =>
  shopName ?? visitTypeWords[visitType]

/** When a visit began, and when it ended where it has: 11:02 – 11:40, on clocks where it was. */
export function whenWords(
  { startedAt, completedAt, timezone }: Pick<ListedVisit, 'startedAt' | 'completedAt' | 'timezone'>,
  now: Date,
): string {
  const start = recentWords(startedAt, timezone, now)
  return completedAt && start.includes(':') ? `${start} – ${clockWords(completedAt, timezone)}` : start
}

/** The first moment of the day it is at `now`, on a clock of this computer. */
export function dayStart(now: Date): string {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate()).toISOString()
}

/** A day as a form gives it, or the one after it, as the moment it begins here; null for none. */
export function momentOfDay(day: string, after = 0): string | null {
  const [year, month, date] = day.split('-').map(Number)
  return day ? new Date(year!, month! - 1, date! + after).toISOString() : null
}
