import { instantsOf, isTimeZone, toWallTime } from '#common/rules/time-zone'

/** A date, a time and, where the clock shows that time twice, which of the two is meant; as form fields give them. */
export interface MomentParts {
  date: string
  time: string
  turn: 'earlier' | 'later'
}

/** What a clock in `zone` (or UTC) shows at that moment. */
export function partsOf(instant: string | null, zone: string | null): MomentParts {
  if (!instant) return { date: '', time: '', turn: 'earlier' }
  const wall = toWallTime(instant, zone ?? 'UTC')
  const later = instantsOf(wall, zone ?? 'UTC')[1]
  return {
    date: wall.slice(0, 10),
    time: wall.slice(11),
    turn: later && Date.parse(later) <= Date.parse(instant) ? 'later' : 'earlier',
  }
}

export type Moment =
  | { kind: 'empty' }
  | { kind: 'problem'; message: string }
  /** `twice` holds both moments where the clock is put back over this time. */
  | { kind: 'moment'; instant: string; twice: [earlier: string, later: string] | null }

/**
 * The moment at which a clock in `zone` shows these parts. A time the clock skips, or half a moment, is a problem
 * said in a sentence; with a zone that does not exist nothing can be said, and the zone's own problem is enough.
 */
export function momentOf({ date, time, turn }: MomentParts, zone: string): Moment {
  if (!date && !time) return { kind: 'empty' }
  if (!date) return { kind: 'problem', message: 'Add the date' }
  if (!time) return { kind: 'problem', message: 'Add the time' }
  if (date < '1900-01-01' || date > '2999-12-31') {
    return { kind: 'problem', message: 'Must be a year from 1900 to 2999' }
  }
  if (!isTimeZone(zone)) return { kind: 'problem', message: 'Needs a time zone' }
  const [earlier, later] = instantsOf(`${date}T${time.slice(0, 5)}`, zone)
  if (!earlier) {
    return { kind: 'problem', message: `This time does not exist in ${zone} because the clocks go forward` }
  }
  if (!later) return { kind: 'moment', instant: earlier, twice: null }
  return { kind: 'moment', instant: turn === 'later' ? later : earlier, twice: [earlier, later] }
}
