import { type ClockChange, clockChange, instantsOf, isTimeZone, toWallTime } from '#common/rules/time-zone'
import { clockTime } from './clock-time.ts'
import { dayWords } from './date-words.ts'

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
  | { kind: 'moment'; instant: string; twice: Twice | null }

/** The two moments of a time that the clock is put back over, and why there are two, in a sentence. */
export interface Twice {
  moments: [earlier: string, later: string]
  words: string
}

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
  const clock = clockTime(time)
  if (!clock) return { kind: 'problem', message: 'Write the time as 14:30' }
  const wall = `${date}T${clock}`
  const [earlier, later] = instantsOf(wall, zone)
  const change = clockChange(wall, zone)
  if (!earlier)
    return { kind: 'problem', message: change ? skippedWords(wall, zone, change) : 'Is no real date' }
  if (!later) return { kind: 'moment', instant: earlier, twice: null }
  return {
    kind: 'moment',
    instant: turn === 'later' ? later : earlier,
    twice: { moments: [earlier, later], words: change ? repeatedWords(wall, zone, change) : '' },
  }
}

/** Clock times of one day as they are; with their days where they are of two. */
function wordsOn(...walls: string[]): string[] {
  const oneDay = walls.every((wall) => wall.slice(0, 10) === walls[0]!.slice(0, 10))
  return walls.map((wall) => (oneDay ? wall.slice(11) : `${dayWords(wall)}, ${wall.slice(11)}`))
}

/** The minute before the clock changes. */
const minuteBefore = (wall: string) => new Date(Date.parse(`${wall}Z`) - 60_000).toISOString().slice(0, 16)

function skippedWords(wall: string, zone: string, { from, to }: ClockChange): string {
  const [wanted, start, end, last] = wordsOn(wall, from, to, minuteBefore(from))
  const when = `On ${dayWords(from)} clocks in ${zone} go from ${start} to ${end}`
  return `${when}: ${wanted} does not exist. Choose ${last} or earlier, or ${end} or later.`
}

function repeatedWords(wall: string, zone: string, { from, to }: ClockChange): string {
  const [wanted, start, end] = wordsOn(wall, from, to)
  return `On ${dayWords(from)} clocks in ${zone} go back from ${start} to ${end}, so ${wanted} comes twice. Which one?`
}
