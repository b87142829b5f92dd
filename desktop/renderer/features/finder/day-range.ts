import { instantsOf, toWallTime } from '#common/rules/time-zone'
import type { DayRange } from '../../app/finder.ts'

const dayAfter = (day: string) => {
  const next = new Date(`${day}T00:00Z`)
  next.setUTCDate(next.getUTCDate() + 1)
  return next.toISOString().slice(0, 10)
}

/** The first moment of a day in a zone. Clocks that go forward at midnight, or over a whole day, start it later. */
function startOfDay(day: string, zone: string): string {
  for (let minutes = 0; minutes < 24 * 60; minutes += 15) {
    const [first] = instantsOf(`${day}T${new Date(minutes * 60_000).toISOString().slice(11, 16)}`, zone)
    if (first) return first
  }
  return startOfDay(dayAfter(day), zone)
}

/** The day, or undefined while it is only half typed. */
export const wholeDay = (day: string | undefined) =>
  /^[12]\d{3}-\d\d-\d\d$/.test(day ?? '') ? day : undefined

/** Whole days as the moments they begin and are over. Half-typed days ask for nothing. */
export function instantsOfDays(range: DayRange, zone: string): { from?: string; before?: string } {
  const from = wholeDay(range.from)
  const until = wholeDay(range.until)
  return {
    ...(from && { from: startOfDay(from, zone) }),
    ...(until && { before: startOfDay(dayAfter(until), zone) }),
  }
}

const halfDay = 12 * 3_600_000

const dayAround = (instant: string, shift: number, zone: string) =>
  toWallTime(new Date(Date.parse(instant) + shift).toISOString(), zone).slice(0, 10)

/**
 * The whole days that such moments mean. Those that were days elsewhere are the same days here: each end goes to the
 * midnight next to it.
 */
export const daysOfInstants = (
  { from, before }: { from?: string | undefined; before?: string | undefined },
  zone: string,
): DayRange => ({
  ...(from && { from: dayAround(from, halfDay, zone) }),
  ...(before && { until: dayAround(before, -halfDay, zone) }),
})
