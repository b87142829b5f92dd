import type { ListedVisit } from '#common/contract/visits'
import { visitTypeWords } from '#common/rules/visit-rules'
import { clockWords, countWords, recentWords } from '../../ui/date-words.ts'

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

/** Whether what was written into a visit is kept; `isBad` where something of it is not, and will not be by itself. */
export function savedWords(of: {
  isSaving: boolean
  failed: boolean
  /** Answers that are written and not saved, since they are none. */
  answers: number
  /** Marks, or words for the notes, are written and not saved. */
  hasMarks: boolean
  hasNotes: boolean
  unsent: boolean
  goesOn: boolean
}): { words: string; isBad: boolean } {
  const unkept = [
    ...(of.answers > 0 ? [countWords(of.answers, 'answer')] : []),
    ...(of.hasMarks ? ['marks'] : []),
    ...(of.hasNotes ? ['notes'] : []),
  ]
  const isBad = of.failed || unkept.length > 0
  if (of.failed) return { words: 'not saved', isBad }
  if (of.isSaving) return { words: 'saving…', isBad }
  if (isBad) return { words: `${unkept.join(' and ')} not saved`, isBad }
  return { words: of.unsent ? 'saved on this device' : of.goesOn ? 'saved' : 'sent', isBad }
}
