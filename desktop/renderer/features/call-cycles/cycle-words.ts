import type { Adherence, CallCycle, Recurrence } from '#common/contract/call-cycles'
import { dateIn, dayNumber } from '#common/rules/calendar'
import { dayRangeWords } from '../../ui/date-words.ts'

/** “every week”, “every 2 weeks” */
export const recurrenceWords = ({ every, unit }: Recurrence): string =>
  every === 1 ? `every ${unit}` : `every ${every} ${unit}s`

/** What day it is where the cycle says so. */
export const todayOf = ({ timezone }: Pick<CallCycle, 'timezone'>): string =>
  dateIn(new Date().toISOString(), timezone)

export const hasBegun = (cycle: Pick<CallCycle, 'timezone' | 'startsOn'>): boolean =>
  cycle.startsOn <= todayOf(cycle)

export const hasEnded = (cycle: Pick<CallCycle, 'timezone' | 'endsOn'>): boolean =>
  cycle.endsOn !== null && cycle.endsOn < todayOf(cycle)

export const daysWords = ({ startsOn, endsOn }: Pick<CallCycle, 'startsOn' | 'endsOn'>): string =>
  dayRangeWords(startsOn, endsOn ?? undefined)

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** 1970 began on a Thursday. */
export const weekdayOf = (day: string): string => weekdays[(dayNumber(day) + 3) % 7]!

/**
 * On which day of the week that day of a window is, and in which week where it has several; null where windows do not
 * all begin on the same day of the week, or where there is no such day.
 */
export function windowDayWords(
  day: number,
  { every, unit }: Recurrence,
  startsOn: string,
  visitsPerCycle: number,
): string | null {
  const length = (every * 7) / visitsPerCycle
  if (unit !== 'week' || length % 7 !== 0 || !Number.isInteger(day) || day < 1 || day > length) return null
  const first = weekdays.indexOf(weekdayOf(startsOn))
  const name = weekdays[(first + day - 1) % 7]!
  return length === 7 ? name : `${name}, week ${Math.ceil(day / 7)}`
}

/** 92 %; a dash where nothing was covered or missed. */
export const adherenceWords = ({ adherence }: Pick<Adherence, 'adherence'>): string =>
  adherence === null ? '–' : `${Math.round(adherence * 100)} %`

/** “11 missed, 9 with a reason” */
export function missedWords({ missed, excused }: Pick<Adherence, 'missed' | 'excused'>): string {
  if (missed === 0) return 'none missed'
  return excused === 0 ? `${missed} missed` : `${missed} missed, ${excused} with a reason`
}
