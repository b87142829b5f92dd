import type { FieldProblem } from '../contract/errors.ts'
import type { GoalFields, GoalMetric, GoalProgress, GoalState } from '../contract/goals.ts'
import type { MarkedQuadrant } from '../contract/photos.ts'
import type { GoalSums } from '../contract/plan.ts'
import { dayNumber } from './calendar.ts'
import { longestRange } from './call-cycle.ts'

/**
 * How far a goal has come, for server and device alike. `today` is a day in the goal's time zone;
 * shares are in percent, with four decimals at the most.
 */

export type Measured = Pick<GoalFields, 'metric' | 'target' | 'startsOn' | 'endsOn'>

/** Within as many percent of what is expected, either way, a goal is on pace. */
export const paceTolerance = 5

/**
 * `value` is what `valueOf` gives. A sum has reached its target as soon as it is there. A mean, as shelf share is, can
 * fall again: until the period is over it is on pace or behind, and one that was never measured is behind.
 */
export function progress(goal: Measured, value: number | null, today: string): GoalProgress {
  const { metric, target } = goal
  const isMean = metric === 'shelf_share'
  const first = dayNumber(goal.startsOn)
  const days = dayNumber(goal.endsOn) - first + 1
  const daysGone = Math.min(Math.max(dayNumber(today) - first + 1, 0), days)
  return {
    value,
    target,
    share: value === null ? null : value / target,
    daysGone,
    days,
    expected: isMean ? target : (target * daysGone) / days,
    forecast: isMean ? value : value === null || daysGone === 0 ? null : (value * days) / daysGone,
    state: state(),
  }

  function state(): GoalState {
    if (today < goal.startsOn) return 'not begun'
    const isOver = today > goal.endsOn
    if (value !== null && value >= target && (isOver || !isMean)) return 'reached'
    if (isOver) return 'missed'
    if (value === null) return 'behind'
    // Not divided, so that whole numbers are compared without rounding.
    const pace = 100 * value * (isMean ? 1 : days)
    const even = target * (isMean ? 1 : daysGone)
    if (pace < (100 - paceTolerance) * even) return 'behind'
    return !isMean && pace > (100 + paceTolerance) * even ? 'ahead' : 'on pace'
  }
}

/** A completed visit, by the day on the clocks where it began. */
export interface GoalVisit {
  shopId: string | null
  surveyId: string | null
  date: string
  /** What is marked on each of its photos on which anything is. */
  photos: readonly (readonly Pick<MarkedQuadrant, 'brandId' | 'areaPercentage'>[])[]
}

/** The days a goal counts, and the brand whose shelf share it means; other metrics know no brand. */
export type CountedPart = Pick<GoalFields, 'startsOn' | 'endsOn' | 'brandId'>

export const noSums: GoalSums = { visits: 0, surveys: 0, shopIds: [], shareSum: 0, photos: 0 }

/** Shares are added up in ten-thousandths of a percent, which are whole: in whatever order they come the sum is the same. */
export const wholeShare = (areaPercentage: number): number => Math.round(areaPercentage * 10_000)

/** What a goal counts of visits; of a metric that does not ask for shops or shelves there are none. */
export function sumsOf(
  metric: GoalMetric,
  visits: readonly GoalVisit[],
  { startsOn, endsOn, brandId }: CountedPart,
): GoalSums {
  const counted = visits.filter(({ date }) => date >= startsOn && date <= endsOn)
  const marked = metric === 'shelf_share' ? counted.flatMap(({ photos }) => photos) : []
  const ofBrand = marked.flat().filter((quadrant) => quadrant.brandId === brandId)
  return {
    visits: counted.length,
    surveys: counted.filter(({ surveyId }) => surveyId !== null).length,
    shopIds: metric === 'shops_covered' ? distinct(counted.flatMap(({ shopId }) => shopId ?? [])) : [],
    shareSum: ofBrand.reduce((sum, { areaPercentage }) => sum + wholeShare(areaPercentage), 0),
    photos: marked.length,
  }
}

const distinct = (ids: readonly string[]) => [...new Set(ids)].sort()

/** Of visits that are not the same. */
export const addSums = (one: GoalSums, other: GoalSums): GoalSums => ({
  visits: one.visits + other.visits,
  surveys: one.surveys + other.surveys,
  shopIds: distinct([...one.shopIds, ...other.shopIds]),
  shareSum: one.shareSum + other.shareSum,
  photos: one.photos + other.photos,
})

/** The mean over photos of a sum in ten-thousandths, in percent, rounded once to four decimals; null where there are none. */
export const meanShare = (shareSum: number, photos: number): number | null =>
  photos > 0 ? Math.round(shareSum / photos) / 10_000 : null

/** Null where nothing was measured. */
export function valueOf(metric: GoalMetric, sums: GoalSums): number | null {
  switch (metric) {
    case 'visits_completed':
      return sums.visits
    case 'shops_covered':
      return sums.shopIds.length
    case 'surveys_completed':
      return sums.surveys
    case 'shelf_share':
      return meanShare(sums.shareSum, sums.photos)
  }
}

/** What is wrong with a goal, by field; empty where nothing is. Its fields are of the right kind already. */
export function goalProblems({ metric, target, brandId, startsOn, endsOn }: GoalFields): FieldProblem[] {
  const problems: FieldProblem[] = []
  const isShare = metric === 'shelf_share'
  if (isShare && target > 100) problems.push({ field: 'target', message: 'Must be 100 percent or less' })
  if (!isShare && !Number.isInteger(target))
    problems.push({ field: 'target', message: 'Must be a whole number' })
  if (isShare && brandId === null)
    problems.push({ field: 'brandId', message: 'Choose the brand whose share it is' })
  if (!isShare && brandId !== null)
    problems.push({ field: 'brandId', message: 'Only a goal for a shelf share has a brand' })
  if (endsOn < startsOn) problems.push({ field: 'endsOn', message: 'Must not be before the first day' })
  else if (dayNumber(endsOn) - dayNumber(startsOn) >= longestRange)
    problems.push({ field: 'endsOn', message: `Must be less than ${longestRange} days after the first` })
  return problems
}
