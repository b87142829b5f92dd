import type { AssignmentProgress, Goal, GoalMetric, GoalProgress, GoalState } from '#common/contract/goals'
import type { VisitsSought } from '../../app/workspace.ts'
import { countWords, dayWords } from '../../ui/date-words.ts'
import { goalStateWords, valueWords } from '../../ui/goal-words.ts'

/** “ahead of pace · 1,620 forecast”; before it begins and after its end, that. */
export function paceWords(
  { metric, startsOn }: Pick<Goal, 'metric' | 'startsOn'>,
  { state, forecast, value }: GoalProgress,
): string {
  if (state === 'not begun') return `begins ${dayWords(startsOn)}`
  const words = value === null && state === 'behind' ? 'nothing measured yet' : goalStateWords[state]
  const goesOn = state === 'ahead' || state === 'on pace' || state === 'behind'
  // The mean so far is what a mean is forecast to be.
  if (!goesOn || forecast === null || metric === 'shelf_share') return words
  return `${words} · ${valueWords(metric, forecast)} forecast`
}

/** How long it still goes on: “12 days left”, “last day”. */
export function leftWords({ days, daysGone, state }: GoalProgress, { endsOn }: Pick<Goal, 'endsOn'>): string {
  if (state === 'missed' || (state === 'reached' && daysGone === days)) return `ended ${dayWords(endsOn)}`
  if (state === 'not begun') return countWords(days, 'day')
  return daysGone === days ? 'last day' : `${countWords(days - daysGone, 'day')} left`
}

const order: readonly GoalState[] = ['behind', 'missed', 'on pace', 'ahead', 'reached', 'not begun']

/** “2 behind pace, 1 on pace”: of a goal of several, the ones to care about first. */
export function stateCounts(progress: readonly AssignmentProgress[]): string {
  const counts = Map.groupBy(progress, (each) => each.progress.state)
  return order
    .filter((state) => counts.has(state))
    .map((state) => `${counts.get(state)!.length} ${goalStateWords[state]}`)
    .join(', ')
}

/** Those to care about first. */
export const worstFirst = (progress: readonly AssignmentProgress[]): AssignmentProgress[] =>
  progress.toSorted(
    (one, other) =>
      order.indexOf(one.progress.state) - order.indexOf(other.progress.state) ||
      (one.progress.share ?? 0) - (other.progress.share ?? 0) ||
      one.assignment.name.localeCompare(other.assignment.name),
  )

/** The visits that an assignment counts. */
export function visitsBehind(
  goal: Pick<Goal, 'metric' | 'startsOn' | 'endsOn'>,
  { userId, teamId, name }: AssignmentProgress['assignment'],
): VisitsSought {
  return {
    from: goal.startsOn,
    until: goal.endsOn,
    status: 'completed',
    ...(userId && { agent: { id: userId, name } }),
    ...(teamId && { team: { id: teamId, name } }),
    ...(goal.metric === 'surveys_completed' && { hasSurvey: true as const }),
    // A photo without the brand counts too, as one on which it has nothing.
    ...(goal.metric === 'shelf_share' && { marked: true as const }),
  }
}

export const metricUnits: Record<GoalMetric, string> = {
  visits_completed: 'Completed visits',
  shops_covered: 'Different shops with a completed visit',
  surveys_completed: 'Completed visits with a survey',
  shelf_share: 'Percent of the shelf, over all photos with marks',
}
