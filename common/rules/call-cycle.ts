import {
  type Adherence,
  type CallCycleLocation,
  type CycleVisit,
  type Miss,
  mostLocations,
  mostVisitsOfPeriod,
  mostVisitsPerCycle,
  type Recurrence,
  type SlotStatus,
} from '../contract/call-cycles.ts'
import type { FieldProblem } from '../contract/errors.ts'
import { dateOfDay, dayNumber, daysTo } from './calendar.ts'
import { isTimeZone } from './time-zone.ts'

/**
 * Call cycles: which shops are visited in every period, when a visit is due, and which were made. Server and device
 * both ask here.
 *
 * A cycle's time zone says which day it is today, and nothing else: it moves no period and no due date. A visit counts on
 * the day on the clocks where it began.
 */

export interface CallCycleShape {
  recurrence: Recurrence
  startsOn: string
  /** The last day; null where there is none. */
  endsOn: string | null
  timezone: string
  locations: readonly CallCycleLocation[]
}

/** From the first day to the last. */
export interface Period {
  start: string
  end: string
}

/** One visit that is to be made: some day from `from` to `to`, and by `dueOn`. */
export interface Slot {
  locationId: string
  shopId: string
  position: number
  /** The first day of its period. */
  period: string
  /** Which of the visits of the period, from 0. */
  slot: number
  from: string
  to: string
  dueOn: string
}

/**
 * `status`: planned until it is due, due from then to the end of its window, and missed after that, unless a visit covers
 * it. A reason changes nothing about it.
 */
export interface SlotWithStatus extends Slot {
  status: SlotStatus
  visit: CycleVisit | null
  reason: string | null
}

/** In days: as much as can be asked for at once; the longest of periods is less. */
export const longestRange = 1830

type Plan = Pick<CallCycleShape, 'recurrence' | 'startsOn' | 'endsOn'>

/** Counted from the start and never from the period before: after 28 February comes 31 March again. */
function startOf({ recurrence: { every, unit }, startsOn }: Plan, index: number): number {
  if (unit !== 'month') return dayNumber(startsOn) + index * every * daysIn[unit]
  const year = Number(startsOn.slice(0, 4))
  const month = Number(startsOn.slice(5, 7)) - 1 + index * every
  return Math.min(daysTo(year, month, Number(startsOn.slice(8))), daysTo(year, month + 1, 0))
}

const daysIn = { day: 1, week: 7, month: 31 }

/** Which period a day is in, from 0; 0 for days before the first. */
function indexOf(plan: Plan, day: number): number {
  const { every, unit } = plan.recurrence
  const index = Math.floor(
    unit === 'month'
      ? (monthOf(dateOfDay(day)) - monthOf(plan.startsOn)) / every
      : (day - dayNumber(plan.startsOn)) / (every * daysIn[unit]),
  )
  return Math.max(0, startOf(plan, index) > day ? index - 1 : index)
}

const monthOf = (date: string) => 12 * Number(date.slice(0, 4)) + Number(date.slice(5, 7))

/** In days since 1970: `next` is where the next period begins, `last` the last day that is not after the cycle's end. */
interface Span {
  start: number
  next: number
  last: number
}

function spansOf(plan: Plan, from: string, to: string): Span[] {
  if (dayNumber(to) - dayNumber(from) >= longestRange)
    throw new RangeError(`Ask for ${longestRange} days of a call cycle at the most`)
  const end = plan.endsOn === null ? Infinity : dayNumber(plan.endsOn)
  const until = Math.min(dayNumber(to), end)
  const spans: Span[] = []
  if (dayNumber(from) > until) return spans
  let index = indexOf(plan, dayNumber(from))
  for (let start = startOf(plan, index); start <= until; start = spans.at(-1)!.next) {
    const next = startOf(plan, ++index)
    spans.push({ start, next, last: Math.min(next - 1, end) })
  }
  return spans
}

/**
 * The periods that meet `from` to `to`, inclusive. They follow each other from the start of the cycle on without gap or
 * overlap; its end cuts the last one.
 */
export const periodsOf = (cycle: Plan, from: string, to: string): Period[] =>
  spansOf(cycle, from, to).map(({ start, last }) => ({ start: dateOfDay(start), end: dateOfDay(last) }))

/**
 * The slots whose windows meet `from` to `to`, inclusive, as they fall due, on one day by position. Whatever else is
 * asked for, a slot is always the same.
 */
export function slotsBetween(cycle: Omit<CallCycleShape, 'timezone'>, from: string, to: string): Slot[] {
  return spansOf(cycle, from, to)
    .flatMap((span) => cycle.locations.flatMap((location) => slotsOf(location, span)))
    .filter((slot) => slot.to >= from && slot.from <= to)
    .sort(asDue)
}

/**
 * A period is cut into as many windows as there are visits to make, or days where those are fewer, as equal as can be:
 * the first is the shortest. The end of the cycle cuts windows; what is due on a day after it is not to be made, nor what
 * was due before the location was there or is due when it is there no more.
 */
function slotsOf(location: CallCycleLocation, span: Span): Slot[] {
  const { id, shopId, position, day, visitsPerCycle, since, until } = location
  const length = span.next - span.start
  const windows = Math.min(visitsPerCycle, length)
  const startOfWindow = (window: number) => span.start + Math.floor((window * length) / windows)
  const dayOfWindow = day === null ? null : Math.min(day, Math.floor(length / windows))
  const slots: Slot[] = []
  for (let slot = 0; slot < windows; slot++) {
    const from = startOfWindow(slot)
    const to = Math.min(startOfWindow(slot + 1) - 1, span.last)
    const dueOn = dayOfWindow === null ? to : from + dayOfWindow - 1
    if (Math.max(from, dueOn) > span.last) break
    if ((since !== null && dateOfDay(dueOn) < since) || (until !== null && dateOfDay(dueOn) >= until))
      continue
    slots.push({
      locationId: id,
      shopId,
      position,
      period: dateOfDay(span.start),
      slot,
      from: dateOfDay(from),
      to: dateOfDay(to),
      dueOn: dateOfDay(dueOn),
    })
  }
  return slots
}

const compare = <T extends string | number>(one: T, other: T) => (one < other ? -1 : one > other ? 1 : 0)

const byPosition = (one: Slot, other: Slot) =>
  one.position - other.position || compare(one.locationId, other.locationId) || compare(one.from, other.from)

const asDue = (one: Slot, other: Slot) => compare(one.dueOn, other.dueOn) || byPosition(one, other)

/**
 * The slots, in the order given, each with the visit that covers it: one on a day of its window, to its shop. A visit
 * covers one slot and a slot takes one visit; two visits to a shop on a day are one, that with the lesser id. The
 * earliest visit comes first, and where a shop stands in the cycle twice it goes to the slot whose window ends first,
 * then to that which is due first, then by position. No other way covers more slots.
 *
 * Give all visits of the slots' windows and, where a shop stands in the cycle twice, the slots of whole periods: else
 * what is left out would have had some of the visits.
 */
export function coverage(
  slots: readonly Slot[],
  visits: readonly CycleVisit[],
  misses: readonly Miss[],
  today: string,
): SlotWithStatus[] {
  const visitOf = new Map<Slot, CycleVisit>()
  const visitsTo = Map.groupBy(
    visits.toSorted((one, other) => compare(one.date, other.date) || compare(one.id, other.id)),
    ({ shopId }) => shopId,
  )
  const ending = slots.toSorted((one, other) => compare(one.to, other.to) || asDue(one, other))
  for (const [shopId, open] of Map.groupBy(ending, (slot) => slot.shopId)) {
    let [ended, before] = [0, '']
    for (const visit of visitsTo.get(shopId) ?? []) {
      if (visit.date === before) continue
      before = visit.date
      while (ended < open.length && open[ended]!.to < visit.date) ended++
      for (let index = ended; index < open.length; index++) {
        const slot = open[index]!
        if (slot.from > visit.date || visitOf.has(slot)) continue
        visitOf.set(slot, visit)
        break
      }
    }
  }
  const reasons = new Map(misses.map((miss) => [keyOf(miss), miss.reason]))
  return slots.map((slot) => {
    const visit = visitOf.get(slot) ?? null
    const status = visit ? 'covered' : slot.dueOn > today ? 'planned' : slot.to >= today ? 'due' : 'missed'
    const reason = reasons.size > 0 ? (reasons.get(keyOf(slot)) ?? null) : null
    return { ...slot, status, visit, reason }
  })
}

const keyOf = ({ locationId, period, slot }: Omit<Miss, 'reason'>) => `${period} ${slot} ${locationId}`

export type SlotCounts = Omit<Adherence, 'adherence'>

/** To be counted up with `countSlot`. */
export const noSlots = (): SlotCounts => ({ covered: 0, planned: 0, due: 0, missed: 0, excused: 0 })

export function countSlot(
  counts: SlotCounts,
  { status, reason }: Pick<SlotWithStatus, 'status' | 'reason'>,
): void {
  counts[status]++
  if (status === 'missed' && reason !== null) counts.excused++
}

export function adherenceOf(counts: SlotCounts): Adherence {
  const over = counts.covered + counts.missed
  return { ...counts, adherence: over > 0 ? counts.covered / over : null }
}

export function adherence(slots: readonly Pick<SlotWithStatus, 'status' | 'reason'>[]): Adherence {
  const counts = noSlots()
  for (const slot of slots) countSlot(counts, slot)
  return adherenceOf(counts)
}

/**
 * What is to be done today, by position: the slots that are due, whether since today or before, an excused one with its
 * reason; then those of today that are covered: visited today, or due today and visited before.
 */
export function route(slots: readonly SlotWithStatus[], today: string): SlotWithStatus[] {
  const isDone = ({ dueOn, visit }: SlotWithStatus) =>
    visit !== null && (visit.date === today || dueOn === today)
  return [
    ...slots.filter(({ status }) => status === 'due').sort(byPosition),
    ...slots.filter(isDone).sort(byPosition),
  ]
}

/** The first slots that fall due after today and are not covered yet, as they fall due. */
export const next = (slots: readonly SlotWithStatus[], count: number): SlotWithStatus[] =>
  slots
    .filter(({ status }) => status === 'planned')
    .sort(asDue)
    .slice(0, count)

/** How many are asked for in a period, where it has days enough. */
export const visitsOfPeriod = (locations: readonly Pick<CallCycleLocation, 'visitsPerCycle'>[]): number =>
  locations.reduce((sum, { visitsPerCycle }) => sum + visitsPerCycle, 0)

/** What is wrong with a cycle, by field, as `locations.3.day`; empty where nothing is. It may be without locations. */
export function cycleProblems(shape: CallCycleShape): FieldProblem[] {
  const { recurrence, startsOn, endsOn, timezone, locations } = shape
  const problems: FieldProblem[] = []
  const add = (field: string, message: string | null) => {
    if (message !== null) problems.push({ field, message })
  }
  const mostOften = recurrence.unit === 'day' ? 366 : 52
  const everyProblem = wholeProblem(recurrence.every, 1, mostOften)
  add('recurrence.every', everyProblem)
  add('startsOn', dateProblem(startsOn))
  if (endsOn !== null)
    add('endsOn', dateProblem(endsOn) ?? (endsOn < startsOn ? 'Must not be before the start' : null))
  add('timezone', isTimeZone(timezone) ? null : 'Must be a time zone, such as Europe/Berlin')
  if (locations.length > mostLocations) add('locations', `Must be ${mostLocations} or fewer`)
  const visits = visitsOfPeriod(locations)
  if (visits > mostVisitsOfPeriod)
    add(
      'locations',
      `Must ask for ${mostVisitsOfPeriod} visits in a period or fewer; these ask for ${visits}`,
    )
  const longest = (everyProblem === null ? recurrence.every : mostOften) * daysIn[recurrence.unit]
  const ids = new Set<string>()
  for (const [index, { id, day, position, visitsPerCycle }] of locations.entries()) {
    const of = (field: string) => `locations.${index}.${field}`
    if (ids.has(id)) add(of('id'), 'Another location has the same id')
    ids.add(id)
    if (day !== null) add(of('day'), wholeProblem(day, 1, longest))
    add(of('position'), wholeProblem(position, 0, 100_000))
    add(of('visitsPerCycle'), wholeProblem(visitsPerCycle, 1, mostVisitsPerCycle))
  }
  return problems
}

const wholeProblem = (value: number, least: number, most: number) =>
  Number.isInteger(value) && value >= least && value <= most
    ? null
    : `Must be a whole number from ${least} to ${most}`

function dateProblem(text: string): string | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || dateOfDay(dayNumber(text)) !== text)
    return 'Must be a day, such as 2026-11-30'
  return text >= '1900' && text < '3000' ? null : 'Must be from 1900 to 2999'
}
