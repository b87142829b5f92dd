import type { Adherence, CallCycle, CycleVisit, Miss } from '../contract/call-cycles.ts'
import type { GoalProgress } from '../contract/goals.ts'
import type { Plan, PlannedCycle, PlannedGoal } from '../contract/plan.ts'
import { dateOfDay, dayNumber } from './calendar.ts'
import {
  adherence,
  coverage,
  next,
  type Period,
  periodsOf,
  route,
  type Slot,
  slotsBetween,
  type SlotWithStatus,
} from './call-cycle.ts'
import { addSums, type GoalVisit, progress, sumsOf, valueOf } from './goal-progress.ts'

/** What there is to do, from a plan and the person's own visits: the device and the server both reckon it here. */

/** A completed visit of one's own. */
export interface OwnVisit extends GoalVisit {
  id: string
  siteId: string
}

/** How far back the visits of a cycle are looked at, at the least: days. */
const lookBack = 31

/** A cycle from the period before this one, or a month ago, to the end of the next. */
export interface CycleToday {
  cycle: CallCycle
  today: string
  from: string
  to: string
  /** The one today is in; null before the cycle and after it. */
  period: Period | null
  slots: SlotWithStatus[]
  kept: Adherence
  route: SlotWithStatus[]
  next: SlotWithStatus[]
}

/**
 * The days a cycle is looked at around `today`: whole periods, so that every visit finds the slot that is its own. Before
 * it begins, its first.
 */
export function windowAround(
  cycle: CallCycle,
  today: string,
): { from: string; to: string; period: Period | null } {
  const day = dayNumber(today)
  const before = periodsOf(cycle, dateOfDay(day - lookBack), dateOfDay(day - 1))
  const [period = null] = periodsOf(cycle, today, today)
  const last = dayNumber(period?.end ?? today)
  const after = today < cycle.startsOn ? cycle.startsOn : dateOfDay(last + 1)
  const [following] = periodsOf(cycle, after, after)
  const [first = period] = before
  return {
    from: first?.start ?? following?.start ?? today,
    to: following?.end ?? period?.end ?? before.at(-1)?.end ?? today,
    period,
  }
}

/** What became of a cycle's visits; `visits` are those to its shops, of all whose cycle it is, in these whole periods. */
export function cycleBetween(
  cycle: CallCycle,
  { from, to, today }: { from: string; to: string; today: string },
  visits: readonly CycleVisit[],
  misses: readonly Miss[],
): SlotWithStatus[] {
  return coverage(slotsOf(cycle, from, to), visits, misses, today)
}

/** Period by period: a few may be longer than can be asked for at once. */
function slotsOf(cycle: CallCycle, from: string, to: string): Slot[] {
  const slots: Slot[] = []
  let [period] = periodsOf(cycle, from, from)
  while (period && period.start <= to) {
    for (const slot of slotsBetween(cycle, period.start, period.end)) slots.push(slot)
    const next = dateOfDay(dayNumber(period.end) + 1)
    period = periodsOf(cycle, next, next)[0]
  }
  return slots
}

/** Those of a period, by how they were kept. */
export const keptIn = ({ start }: Period, slots: readonly SlotWithStatus[]): Adherence =>
  adherence(slots.filter((slot) => slot.period === start))

/** Visits told that come next. */
export const nextStops = 10

export function cycleToday(
  { cycle, misses, others }: PlannedCycle,
  own: readonly OwnVisit[],
  today: string,
): CycleToday {
  const window = windowAround(cycle, today)
  const shops = new Set(cycle.locations.map(({ shopId }) => shopId))
  const visits = own.flatMap(({ id, shopId, date }) =>
    shopId !== null && shops.has(shopId) ? { id, shopId, date } : [],
  )
  const slots = cycleBetween(cycle, { ...window, today }, [...others, ...visits], misses)
  return {
    cycle,
    today,
    ...window,
    slots,
    kept: window.period ? keptIn(window.period, slots) : adherence([]),
    route: route(slots, today),
    next: next(slots, nextStops),
  }
}

export const goalToday = (goal: PlannedGoal, own: readonly OwnVisit[], today: string): GoalProgress =>
  progress(goal, valueOf(goal.metric, addSums(goal.others, sumsOf(goal.metric, own, goal))), today)

/** `dayIn` says which day it is in a time zone. */
export const planToday = (plan: Plan, own: readonly OwnVisit[], dayIn: (timezone: string) => string) => ({
  cycles: plan.cycles.map((planned) => cycleToday(planned, own, dayIn(planned.cycle.timezone))),
  goals: plan.goals.map((goal) => ({ goal, progress: goalToday(goal, own, dayIn(goal.timezone)) })),
})
