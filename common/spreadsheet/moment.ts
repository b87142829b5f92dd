import { instantsOf, isTimeZone, toWallClock } from '../rules/time-zone.ts'

/** What a clock showed: `YYYY-MM-DDTHH:mm`, with seconds and thousandths only where there are some. */
export interface WallTime {
  wall: string
}

/**
 * What a clock in `zone` shows at a moment. Where that would not lead back to the same moment (the clock was put back
 * over it, or there is no zone, or none that this computer knows), the moment with its offset, as text.
 */
export function momentCell(instant: string, zone: string | null): WallTime | string {
  const time = Date.parse(instant)
  const inUtc = `${shortest(new Date(time).toISOString())}Z`
  if (zone === null || !isTimeZone(zone)) return inUtc
  const steady = steadyOffset(Math.floor(time / day), zone)
  if (steady !== null) return { wall: shortest(new Date(time + steady).toISOString()) }
  const clock = toWallClock(instant, zone)
  const minute = clock.slice(0, 16)
  const asUtc = Date.parse(`${clock}Z`)
  const [first, second] = instantsOf(minute, zone)
  if (first && !second && asUtc - Date.parse(`${minute}Z`) === time - Date.parse(first)) {
    return { wall: shortest(clock) }
  }
  const offset = (asUtc - time) / 60_000
  return Number.isInteger(offset) ? `${shortest(clock)}${offsetText(offset)}` : inUtc
}

const day = 86_400_000
const steadyOffsets = new Map<string, number | null>()

/**
 * How far east of UTC the clocks of a zone are (in milliseconds) on a day counted from 1970 on which they are not
 * touched, nor on those beside it; null when they are. Kept, as asking `Intl` is most of the work of writing a file.
 */
function steadyOffset(date: number, zone: string): number | null {
  const key = `${date} ${zone}`
  const known = steadyOffsets.get(key)
  if (known !== undefined) return known
  const [before, after] = [date - 1, date + 2].map((of) => {
    const time = of * day
    return Date.parse(`${toWallClock(new Date(time).toISOString(), zone)}Z`) - time
  })
  const offset = before === after ? before! : null
  if (steadyOffsets.size >= 10_000) steadyOffsets.clear()
  steadyOffsets.set(key, offset)
  return offset
}

/** What a clock in UTC shows, to the second: of when something was written down, no more is of interest. */
export const recordedCell = (instant: string): WallTime => ({
  wall: shortest(`${new Date(instant).toISOString().slice(0, 19)}.000`),
})

function offsetText(minutes: number): string {
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0')
  const far = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(far / 60)}:${two(far % 60)}`
}

/** Without what is zero at the end, and without a Z. */
const shortest = (clock: string) => clock.replace(/Z$/, '').replace(/(:00)?\.000$/, '')
