import type { DayActivity } from '#common/contract/audit'

/** So many days up to and with today, on the clock of this computer; from midnight to midnight. */
export function periodOf(days: number, now: Date): { from: string; to: string } {
  const midnight = (later: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + later).toISOString()
  return { from: midnight(1 - days), to: midnight(1) }
}

const pad = (number: number) => String(number).padStart(2, '0')

/** Every day of the period, also those on which nothing happened. */
export function everyDay(found: readonly DayActivity[], days: number, now: Date): DayActivity[] {
  const known = new Map(found.map((each) => [each.day, each]))
  return Array.from({ length: days }, (_, index) => {
    const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() + index + 1 - days)
    const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
    return known.get(day) ?? { day, signIns: 0, writes: 0, exports: 0 }
  })
}
