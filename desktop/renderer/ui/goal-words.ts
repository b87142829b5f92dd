import type { GoalMetric, GoalProgress, GoalState } from '#common/contract/goals'
import { numberWords } from './date-words.ts'

export const metricWords: Record<GoalMetric, string> = {
  visits_completed: 'Visits completed',
  shops_covered: 'Shops covered',
  surveys_completed: 'Surveys completed',
  shelf_share: 'Shelf share',
}

export const goalStateWords: Record<GoalState, string> = {
  'not begun': 'not begun',
  ahead: 'ahead of pace',
  'on pace': 'on pace',
  behind: 'behind pace',
  reached: 'reached',
  missed: 'missed',
}

/** 1,284 or, of a shelf share, 31.2 %; what was not measured is a dash. */
export function valueWords(metric: GoalMetric, value: number | null): string {
  if (value === null) return '–'
  if (metric === 'shelf_share') return `${(Math.round(value * 10) / 10).toLocaleString('en-GB')} %`
  return numberWords(Math.round(value))
}

/** 1,284 of 1,500 */
export const progressWords = (metric: GoalMetric, { value, target }: GoalProgress): string =>
  `${valueWords(metric, value)} of ${valueWords(metric, target)}`
