import { type Assignee, type Goal, type GoalFields, type GoalMetric } from '#common/contract/goals'
import { isTimeZone } from '#common/rules/time-zone'
import { type NamedAssignee, assigneeKey } from '../../app/AssigneeSearch.tsx'
import { readerZone } from '../../ui/date-words.ts'
import type { FieldErrors } from '../../ui/field-errors.ts'
import { monthAt } from '../../ui/periods.ts'
import { numberOf } from '../../ui/survey/number-text.ts'

/** What the form about a goal holds; the target as it is typed. */
export interface GoalValues {
  name: string
  metric: GoalMetric
  target: string
  brandId: string | null
  startsOn: string
  endsOn: string
  timezone: string
  assignees: readonly NamedAssignee[]
}

export const goalTargets = [
  'name',
  'metric',
  'target',
  'brandId',
  'startsOn',
  'endsOn',
  'timezone',
  'assignees',
] as const
export type GoalTarget = (typeof goalTargets)[number]

export function emptyGoal(today: string): GoalValues {
  const { from, to } = monthAt(today)
  return {
    name: '',
    metric: 'visits_completed',
    target: '',
    brandId: null,
    startsOn: from,
    endsOn: to,
    timezone: readerZone(),
    assignees: [],
  }
}

export const valuesOf = ({ target, assignments, ...goal }: Goal): GoalValues => ({
  name: goal.name,
  metric: goal.metric,
  target: String(target),
  brandId: goal.brandId,
  startsOn: goal.startsOn,
  endsOn: goal.endsOn,
  timezone: goal.timezone,
  assignees: assignments.map(({ userId, teamId, name }) => ({ userId, teamId, name })),
})

const mostTarget = 1_000_000

function targetProblem(target: number | null, isShare: boolean): string | null {
  if (target === null) return 'Must be a number'
  if (target <= 0) return 'Must be more than 0'
  if (isShare) return target > 100 ? 'Must be 100 percent or less' : null
  if (!Number.isInteger(target)) return 'Must be a whole number'
  return target > mostTarget ? 'Must be 1,000,000 or less' : null
}

/** What was typed, and what is wrong with it by field. */
export function readGoal(values: GoalValues): { goal: GoalFields; errors: FieldErrors<GoalTarget> } {
  const isShare = values.metric === 'shelf_share'
  const target = numberOf(values.target.replace(/^(\d{1,3}),(?=\d{3}$)/, '$1'))
  const ofTarget = values.target.trim() === '' ? 'Is required' : targetProblem(target, isShare)
  const ofEnd =
    values.endsOn === ''
      ? 'Is required'
      : values.startsOn !== '' && values.endsOn < values.startsOn
        ? 'Must not be before the first day'
        : null
  return {
    goal: {
      name: values.name.trim(),
      metric: values.metric,
      target: target ?? 0,
      brandId: isShare ? values.brandId : null,
      startsOn: values.startsOn,
      endsOn: values.endsOn,
      timezone: values.timezone,
    },
    errors: {
      ...(values.name.trim() === '' && { name: 'Is required' }),
      ...(ofTarget && { target: ofTarget }),
      ...(isShare && values.brandId === null && { brandId: 'Choose a brand' }),
      ...(values.startsOn === '' && { startsOn: 'Is required' }),
      ...(ofEnd && { endsOn: ofEnd }),
      ...(!isTimeZone(values.timezone) && { timezone: 'Choose a time zone from the list' }),
    },
  }
}

const fields = ['name', 'metric', 'target', 'brandId', 'startsOn', 'endsOn', 'timezone'] as const

/** The fields that say something else than `saved`, and who is added and taken away. */
export function goalChanges(saved: GoalValues, values: GoalValues) {
  const before = readGoal(saved).goal
  const { goal } = readGoal(values)
  const changed = fields.filter(
    (field) =>
      goal[field] !== before[field] || (field === 'target' && saved.target === '' && values.target !== ''),
  )
  const without = (list: readonly Assignee[], others: readonly Assignee[]) => {
    const keys = new Set(others.map(assigneeKey))
    return list.filter((each) => !keys.has(assigneeKey(each)))
  }
  return {
    fields: Object.fromEntries(changed.map((field) => [field, goal[field]])) as Partial<GoalFields>,
    added: without(values.assignees, saved.assignees),
    removed: without(saved.assignees, values.assignees),
  }
}

export function isChanged(saved: GoalValues, values: GoalValues): boolean {
  const { fields: changed, added, removed } = goalChanges(saved, values)
  return Object.keys(changed).length + added.length + removed.length > 0
}

/** What was typed over `before`, on top of the goal as it is `now`. */
export function rebased(values: GoalValues, before: GoalValues, now: GoalValues): GoalValues {
  const mine = goalChanges(before, values)
  const kept = Object.fromEntries(
    fields.filter((field) => field in mine.fields).map((field) => [field, values[field]]),
  ) as Partial<GoalValues>
  const gone = new Set(mine.removed.map(assigneeKey))
  const there = now.assignees.filter((each) => !gone.has(assigneeKey(each)))
  const keys = new Set(there.map(assigneeKey))
  const added = values.assignees.filter(
    (each) =>
      mine.added.some((other) => assigneeKey(other) === assigneeKey(each)) && !keys.has(assigneeKey(each)),
  )
  return { ...now, ...kept, assignees: [...there, ...added] }
}
