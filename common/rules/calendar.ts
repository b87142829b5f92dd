import { toWallTime } from './time-zone.ts'

/**
 * Days of the calendar, `YYYY-MM-DD`, from 1900 to 2999. They are counted whole: no zone and no change of its clocks moves
 * one. A moment belongs to the day on the clocks where it happened.
 */

/** Days since 1970. */
export const dayNumber = (date: string): number =>
  daysTo(Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1, Number(date.slice(8)))

export function dateOfDay(day: number): string {
  let date = dates.get(day)
  if (date === undefined) dates.set(day, (date = new Date(day * 86_400_000).toISOString().slice(0, 10)))
  return date
}
/** Remembered, since a plan of many shops asks for the same few days hundreds of thousands of times. */
const dates = new Map<number, string>()

/** Months are counted from 0, on into the years that follow; the day before the 1st of a month is its 0th. */
export const daysTo = (year: number, month: number, day: number): number =>
  Date.UTC(year, month, day) / 86_400_000

/** The day that a moment (ISO 8601) belongs to in a time zone. */
export const dateIn = (instant: string, timezone: string): string =>
  toWallTime(instant, timezone).slice(0, 10)
