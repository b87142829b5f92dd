/**
 * Wall-clock time in IANA zones, on nothing but `Intl`, so that server, main process and form agree.
 * A wall time is written `YYYY-MM-DDTHH:mm`, as a form's date and time fields give it.
 */

const formats = new Map<string, Intl.DateTimeFormat>()

function formatFor(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formats.set(zone, format)
  }
  return format
}

/** True for a name of the IANA database, such as `Europe/Berlin` or `UTC`; false for a bare offset or a misspelling. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(name)) return false
  try {
    formatFor(name)
    return true
  } catch {
    return false
  }
}

const mostKnown = 5000
const known = new Map<string, Readonly<Record<string, string>>>()

/** Formatting is slow, and a list or a form asks for the same moments again and again. */
function parts(time: number, zone: string) {
  const key = `${time} ${zone}`
  const before = known.get(key)
  if (before) return before
  const found: Record<string, string> = {}
  for (const { type, value } of formatFor(zone).formatToParts(time)) found[type] = value
  if (known.size >= mostKnown) known.clear()
  known.set(key, found)
  return found
}

/** Milliseconds east of UTC in `zone` at a moment (milliseconds since 1970); local mean times have odd seconds. */
function offsetAt(time: number, zone: string): number {
  const { year, month, day, hour, minute, second } = parts(time, zone)
  const asUtc = Date.parse(`${year?.padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return asUtc - Math.floor(time / 1000) * 1000
}

/** The wall time a clock in `zone` shows at `instant` (ISO 8601). */
export function toWallTime(instant: string, zone: string): string {
  const { year, month, day, hour, minute } = parts(Date.parse(instant), zone)
  return `${year?.padStart(4, '0')}-${month}-${day}T${hour}:${minute}`
}

/** The same to the millisecond: `YYYY-MM-DDTHH:mm:ss.sss`. */
export function toWallClock(instant: string, zone: string): string {
  const time = Date.parse(instant)
  return new Date(time + offsetAt(time, zone)).toISOString().slice(0, -1)
}

/**
 * The moments, earliest first, at which a clock in `zone` shows `wall`: one as a rule, two where the clock is put
 * back over it, none where it is put forward past it (or where `wall` is not a real date and time).
 */
export function instantsOf(wall: string, zone: string): string[] {
  const asUtc = Date.parse(`${wall}Z`)
  if (Number.isNaN(asUtc) || new Date(asUtc).toISOString().slice(0, 16) !== wall) return []
  const day = 86_400_000
  const offsets = new Set([offsetAt(asUtc - day, zone), offsetAt(asUtc + day, zone)])
  return [...offsets]
    .map((offset) => new Date(asUtc - offset).toISOString())
    .filter((instant) => toWallTime(instant, zone) === wall)
    .sort()
}

/** A change of the clock: the wall times it goes from and to, both as the moment of the change would show them. */
export interface ClockChange {
  at: string
  from: string
  to: string
}

/**
 * The change that makes a clock in `zone` skip `wall`, or show it twice; null where it shows it once. It skips what is
 * from `from` to before `to`, and repeats what is from `to` to before `from`.
 */
export function clockChange(wall: string, zone: string): ClockChange | null {
  const asUtc = Date.parse(`${wall}Z`)
  if (Number.isNaN(asUtc) || instantsOf(wall, zone).length === 1) return null
  const day = 86_400_000
  let before = asUtc - day
  let after = asUtc + day
  const [was, is] = [offsetAt(before, zone), offsetAt(after, zone)]
  if (was === is) return null
  while (after - before > 1000) {
    const middle = Math.floor((before + after) / 2000) * 1000
    if (offsetAt(middle, zone) === was) before = middle
    else after = middle
  }
  const onClock = (offset: number) => new Date(after + offset).toISOString().slice(0, 16)
  return { at: new Date(after).toISOString(), from: onClock(was), to: onClock(is) }
}
