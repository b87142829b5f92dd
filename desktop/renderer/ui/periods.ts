import { dateIn, dateOfDay, dayNumber, daysTo } from '#common/rules/calendar'
import { readerZone } from './date-words.ts'

/** Stretches of whole days, the first and the last included, as people speak of them. */

export interface Days {
  from: string
  to: string
}

/** The day it is for the person. */
export const today = (): string => dateIn(new Date().toISOString(), readerZone())

const between = (first: number, after: number): Days => ({ from: dateOfDay(first), to: dateOfDay(after - 1) })

const yearOf = (day: string) => Number(day.slice(0, 4))
/** From 0. */
const monthOf = (day: string) => Number(day.slice(5, 7)) - 1

function monthsFrom(day: string, first: number, count: number): Days {
  const year = yearOf(day)
  return between(daysTo(year, first, 1), daysTo(year, first + count, 1))
}

/** From Monday on. */
export function weekOf(day: string): Days {
  const number = dayNumber(day)
  // 1970 began on a Thursday.
  const monday = number - ((number + 3) % 7)
  return between(monday, monday + 7)
}

/** The month of a day or, `later`, one so many months after. */
export const monthAt = (day: string, later = 0): Days => monthsFrom(day, monthOf(day) + later, 1)

export const quarterOf = (day: string): Days => monthsFrom(day, monthOf(day) - (monthOf(day) % 3), 3)

/** So many days, the last of which is `day`. */
export const daysUpTo = (day: string, count: number): Days =>
  between(dayNumber(day) - count + 1, dayNumber(day) + 1)

/** The twelve months up to that of `day`, and with it. */
export const yearUpTo = (day: string): Days => monthsFrom(day, monthOf(day) - 11, 12)

export const lengthOf = ({ from, to }: Days): number => dayNumber(to) - dayNumber(from) + 1

/** As many days just before. */
export const before = (days: Days): Days => daysUpTo(dateOfDay(dayNumber(days.from) - 1), lengthOf(days))
