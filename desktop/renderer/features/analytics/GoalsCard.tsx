import { ask } from '../../app/bridge.ts'
import { showScreen } from '../../app/workspace.ts'
import { TextButton } from '../../ui/Button.tsx'
import { GoalBar } from '../../ui/GoalBar.tsx'
import { goalStateWords, progressWords } from '../../ui/goal-words.ts'
import { useFilters } from './analytics-filters.ts'
import { CardProblem } from './ChartCard.tsx'
import { useFigures } from './use-figures.ts'

const mostGoals = 6

/** How far the goals of now have come: of the person or the team asked for, or of all. */
export function GoalsCard({ className }: { className: string }) {
  const { team, agent } = useFilters()
  const query = {
    state: 'current' as const,
    pageSize: 25,
    ...(team && { teamId: team.id }),
    ...(agent && { userId: agent.id }),
  }
  const { value, isOld, problem, reload } = useFigures(query, () => ask('goals.list', query))
  const lines = (value?.goals ?? []).flatMap((goal) =>
    goal.progress.map(({ assignment, progress }) => ({ goal, assignment, progress })),
  )
  return (
    <section
      aria-label="Goals"
      aria-busy={isOld}
      className={`flex min-w-0 flex-col rounded-lg border border-line bg-surface p-4 ${className}`}
    >
      <div className="mb-3 flex min-h-[31px] items-center gap-2">
        <h2 className="flex-1 font-semibold">Goals</h2>
        <TextButton onClick={() => showScreen('goals')}>All goals</TextButton>
      </div>
      {problem && <CardProblem problem={problem} onRetry={() => void reload()} />}
      {!value && !problem && <div role="status" aria-label="Counting for Goals" className="skeleton h-40" />}
      {value && lines.length === 0 && (
        <p role="status" className="grid flex-1 place-items-center p-6 text-center text-muted">
          No goal goes on at the moment.
        </p>
      )}
      <ul className={`space-y-3.5 ${isOld ? 'opacity-50' : ''}`}>
        {lines.slice(0, mostGoals).map(({ goal, assignment, progress }) => (
          <li key={assignment.id}>
            <div className="mb-1 flex items-baseline gap-3">
              <span className="min-w-0 flex-1 truncate" title={`${goal.name}, ${assignment.name}`}>
                {goal.name} <span className="text-muted">· {assignment.name}</span>
              </span>
              <span className="shrink-0 text-muted tabular-nums">
                {progressWords(goal.metric, progress)} · {goalStateWords[progress.state]}
              </span>
            </div>
            <GoalBar name={`${goal.name}, ${assignment.name}`} metric={goal.metric} progress={progress} />
          </li>
        ))}
      </ul>
      {lines.length > mostGoals && <p className="mt-3 text-muted">and {lines.length - mostGoals} more</p>}
    </section>
  )
}
