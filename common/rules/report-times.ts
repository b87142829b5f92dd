import type { ReportSchedule } from '../contract/reports.ts'
import { dateIn, dateOfDay, dayNumber, daysTo } from './calendar.ts'
import { clockChange, instantsOf } from './time-zone.ts'

/** When a report is due, and of which days it tells. */

type Times = Pick<ReportSchedule, 'every' | 'hour' | 'timezone'>

const monthOf = (day: string, later = 0) =>
  dateOfDay(daysTo(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1 + later, 1))

/** The Monday, the 1st or the day itself: where the period begins that a day is in. */
function startOf(every: Times['every'], day: string): string {
  if (every === 'month') return monthOf(day)
  const number = dayNumber(day)
  return every === 'day' ? day : dateOfDay(number - ((number + 3) % 7))
}

/** The start of the next period. */
const after = (every: Times['every'], start: string) =>
  every === 'month' ? monthOf(start, 1) : dateOfDay(dayNumber(start) + (every === 'day' ? 1 : 7))

/**
 * The first moment after `instant` at which it is due: at its hour on the first day of a period, on the clocks of its
 * zone.
 */
export function nextReportAt({ every, hour, timezone }: Times, instant: string): string {
  for (let start = startOf(every, dateIn(instant, timezone)); ; start = after(every, start)) {
    const at = momentOf(start, hour, timezone)
    if (Date.parse(at) > Date.parse(instant)) return at
  }
}

/** When a day comes to an hour: the first time where it does twice, and the moment of the change where it never does. */
export function momentOf(day: string, hour: number, timezone: string): string {
  const wall = `${day}T${String(hour).padStart(2, '0')}:00`
  return instantsOf(wall, timezone)[0] ?? clockChange(wall, timezone)!.at
}

/** The whole period before the one in which a moment is. */
export function reportedPeriod(
  { every, timezone }: Pick<Times, 'every' | 'timezone'>,
  instant: string,
): { from: string; to: string } {
  const to = dateOfDay(dayNumber(startOf(every, dateIn(instant, timezone))) - 1)
  return { from: startOf(every, to), to }
}
