import type { SeriesUnit } from '../contract/analytics.ts'
import { dateOfDay, dayNumber, daysTo } from './calendar.ts'

/** Times by days, weeks from Monday on or months, for figures. Each is from its first day to its last. */

export interface Days {
  from: string
  to: string
}

/** Monday, 29 December 1969, counted as days of the calendar are. */
const aMonday = -3

function nextStart(day: number, unit: SeriesUnit): number {
  if (unit === 'day') return day + 1
  if (unit === 'week') return day + 7 - ((((day - aMonday) % 7) + 7) % 7)
  const date = dateOfDay(day)
  return daysTo(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 1)
}

/** The parts of a time, one after the other; the first and the last as far as they are in it. */
export function partsOf({ from, to }: Days, unit: SeriesUnit): Days[] {
  const parts: Days[] = []
  const last = dayNumber(to)
  for (let start = dayNumber(from); start <= last;) {
    const next = nextStart(start, unit)
    parts.push({ from: dateOfDay(start), to: dateOfDay(Math.min(next - 1, last)) })
    start = next
  }
  return parts
}

export const daysIn = ({ from, to }: Days): number => dayNumber(to) - dayNumber(from) + 1

/** As many days, just before. */
export function timeBefore(days: Days): Days {
  const first = dayNumber(days.from)
  return { from: dateOfDay(first - daysIn(days)), to: dateOfDay(first - 1) }
}

/** The whole months of a time, by their first days, and what of it is before and after these. */
export function wholeMonths({ from, to }: Days): { months: Days | null; ends: Days[] } {
  const [first, last] = [dayNumber(from), dayNumber(to)]
  const begin = from.endsWith('-01') ? first : nextStart(first, 'month')
  const after = nextStart(last, 'month')
  const end = after - 1 === last ? after : dayNumber(`${to.slice(0, 8)}01`)
  if (begin >= end) return { months: null, ends: [{ from, to }] }
  const ends: Days[] = []
  if (begin > first) ends.push({ from, to: dateOfDay(begin - 1) })
  if (end <= last) ends.push({ from: dateOfDay(end), to })
  return { months: { from: dateOfDay(begin), to: `${dateOfDay(end - 1).slice(0, 8)}01` }, ends }
}
