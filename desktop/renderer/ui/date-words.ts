import { toWallTime } from '#common/rules/time-zone'

/** Dates and times as they are written everywhere in the app: 22 Aug 2026, 14:00. */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

let zone = { name: '', until: -Infinity }

/** The IANA zone of the person at this computer; asking for it is slow, and every row asks. */
export function readerZone(): string {
  const now = performance.now()
  if (now > zone.until) zone = { name: Intl.DateTimeFormat().resolvedOptions().timeZone, until: now + 1000 }
  return zone.name
}

/** `2026-08-22` (or a wall time) in its parts as written. */
function parts(day: string) {
  const [year = '', month = '', date = ''] = day.slice(0, 10).split('-')
  return { year: String(Number(year)), month: months[Number(month) - 1] ?? month, date: String(Number(date)) }
}

/** `2026-08-22` → 22 Aug 2026 */
export function dayWords(day: string): string {
  const { year, month, date } = parts(day)
  return `${date} ${month} ${year}`
}

const clock = (wall: string) => wall.slice(11)

/** 22 Aug 2026, 14:00 on a clock in `zone`. */
export function momentWords(instant: string, zone: string): string {
  const wall = toWallTime(instant, zone)
  return `${dayWords(wall)}, ${clock(wall)}`
}

/** 14:00 on a clock in `zone`. */
export const clockWords = (instant: string, zone: string) => clock(toWallTime(instant, zone))

/** The end of something, without the day when that is the day it started on. */
export function endWords(start: string, end: string, zone: string): string {
  const sameDay = toWallTime(start, zone).slice(0, 10) === toWallTime(end, zone).slice(0, 10)
  return sameDay ? clockWords(end, zone) : momentWords(end, zone)
}

/** 22 Aug 2026, 14:00 – 16:00 */
export const spanWords = (start: string, end: string, zone: string) =>
  `${momentWords(start, zone)} – ${endWords(start, end, zone)}`

/** The end in a narrow column beside the start: the time, and how many days later that is. */
export function shortEndWords(start: string, end: string, zone: string): string {
  const day = (instant: string) => Date.parse(toWallTime(instant, zone).slice(0, 10))
  const days = Math.round((day(end) - day(start)) / 86_400_000)
  return days === 0 ? clockWords(end, zone) : `${clockWords(end, zone)} +${days} d`
}

/** How a list says when: today the time, this year the day, else the day with its year. */
export function recentWords(instant: string, zone: string, now: Date): string {
  const wall = toWallTime(instant, zone)
  const today = toWallTime(now.toISOString(), zone)
  return wall.slice(0, 10) === today.slice(0, 10) ? clock(wall) : recentDayWords(wall, today)
}

/** A day as a list says it: of the year it is the day, else the day with its year. */
export function recentDayWords(day: string, today: string): string {
  const { month, date } = parts(day)
  return day.slice(0, 4) === today.slice(0, 4) ? `${date} ${month}` : dayWords(day)
}

/** The day something happened on, as a heading: Today, Yesterday, 22 Aug 2026. */
export function dayName(instant: string, zone: string, now: Date): string {
  const day = toWallTime(instant, zone).slice(0, 10)
  const today = toWallTime(now.toISOString(), zone).slice(0, 10)
  const daysAgo = Math.round((Date.parse(today) - Date.parse(day)) / 86_400_000)
  if (daysAgo === 0) return 'Today'
  return daysAgo === 1 ? 'Yesterday' : dayWords(day)
}

/** Whole days from and until, both included: 1–31 Aug 2026. */
export function dayRangeWords(from: string | undefined, until: string | undefined): string {
  if (!from) return until ? `until ${dayWords(until)}` : ''
  if (!until) return `from ${dayWords(from)}`
  if (from === until) return dayWords(from)
  const first = parts(from)
  if (from.slice(0, 7) === until.slice(0, 7)) return `${first.date}–${dayWords(until)}`
  if (from.slice(0, 4) === until.slice(0, 4)) return `${first.date} ${first.month} – ${dayWords(until)}`
  return `${dayWords(from)} – ${dayWords(until)}`
}

/** 5,412 */
const numbers = new Intl.NumberFormat('en-GB')
export const numberWords = (value: number) => numbers.format(value)

/** “1 edit”, “3 edits”. */
export const countWords = (count: number, one: string, many = `${one}s`) =>
  `${numberWords(count)} ${count === 1 ? one : many}`
