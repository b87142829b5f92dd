import type { AssignmentProgress, Goal } from '#common/contract/goals'
import { dayRangeWords } from '../../ui/date-words.ts'
import { GoalBar } from '../../ui/GoalBar.tsx'
import { metricWords, progressWords } from '../../ui/goal-words.ts'
import { stepThrough } from '../../ui/step-through.ts'
import { leftWords, paceWords, stateCounts, worstFirst } from './goal-rows.ts'

export type ListedGoal = Goal & { progress: readonly AssignmentProgress[] }

export const goalRowId = (id: string) => `goal-${id}`

/** More bars than that are in the panel. */
const mostBars = 3

/** A page of goals, each with how far it has come. Arrows go from one to the next, and its name opens it. */
export function GoalsList({
  goals,
  opened,
  onOpen,
}: {
  goals: readonly ListedGoal[]
  opened: string | null
  onOpen: (id: string, focus: boolean) => void
}) {
  return (
    <ul aria-label="Goals" className="@container border-t border-line" onKeyDown={stepThrough}>
      {goals.map((goal) => (
        <li
          key={goal.id}
          className={`grid cursor-pointer gap-x-8 gap-y-2 border-b border-line px-3 py-3 @min-[44rem]:grid-cols-[minmax(0,2fr)_minmax(0,3fr)] ${
            goal.id === opened ? 'bg-accent-soft [&_[role=img]]:bg-surface' : 'hover:bg-surface-2'
          }`}
          onClick={(event) => onOpen(goal.id, event.detail === 0)}
        >
          <div className="min-w-0">
            <button
              type="button"
              id={goalRowId(goal.id)}
              aria-current={goal.id === opened ? 'true' : undefined}
              className="block max-w-full truncate rounded-sm text-left font-[550]"
              title={goal.name}
            >
              {goal.name}
            </button>
            <p className="truncate text-muted">
              {metricWords[goal.metric]}
              {goal.brandName && ` of ${goal.brandName}`} · {dayRangeWords(goal.startsOn, goal.endsOn)}
            </p>
          </div>
          <Bars goal={goal} />
        </li>
      ))}
    </ul>
  )
}

function Bars({ goal }: { goal: ListedGoal }) {
  const { progress } = goal
  const [first] = progress
  if (!first) return <p className="self-center text-muted">Assigned to nobody yet</p>
  if (progress.length === 1)
    return (
      <div className="min-w-0">
        <div className="mb-1.5 flex items-baseline gap-3">
          <span className="min-w-0 flex-1 truncate">
            <span className="font-[550] tabular-nums">{progressWords(goal.metric, first.progress)}</span>
            <span className="text-muted"> · {paceWords(goal, first.progress)}</span>
          </span>
          <span className="shrink-0 text-muted">
            {first.assignment.name} · {leftWords(first.progress, goal)}
          </span>
        </div>
        <GoalBar name={goal.name} metric={goal.metric} progress={first.progress} />
      </div>
    )
  return (
    <div className="min-w-0">
      <div className="mb-1.5 flex items-baseline gap-3">
        <span className="min-w-0 flex-1 truncate">
          <span className="font-[550]">{stateCounts(progress)}</span>
        </span>
        <span className="shrink-0 text-muted">{leftWords(first.progress, goal)}</span>
      </div>
      <div className="grid grid-cols-[minmax(4rem,9rem)_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1">
        {worstFirst(progress)
          .slice(0, mostBars)
          .map(({ assignment, progress: its }) => (
            <div key={assignment.id} className="contents">
              <span className="truncate text-sm text-muted">{assignment.name}</span>
              <GoalBar name={assignment.name} metric={goal.metric} progress={its} />
              <span className="text-right text-sm text-muted tabular-nums">
                {progressWords(goal.metric, its)}
              </span>
            </div>
          ))}
      </div>
      {progress.length > mostBars && (
        <p className="mt-1 text-sm text-muted">and {progress.length - mostBars} more</p>
      )}
    </div>
  )
}
