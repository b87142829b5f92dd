import type { AssignmentProgress, Goal } from '#common/contract/goals'
import { useMay, useSession } from '../../app/session.ts'
import { AssigneeIcon } from '../../app/AssigneeSearch.tsx'
import { openVisits } from '../../app/workspace.ts'
import { TextButton } from '../../ui/Button.tsx'
import { countWords } from '../../ui/date-words.ts'
import { GoalBar } from '../../ui/GoalBar.tsx'
import { progressWords } from '../../ui/goal-words.ts'
import { leftWords, paceWords, visitsBehind, worstFirst } from './goal-rows.ts'

/** How far each has come to whom a goal is assigned; the number opens the visits behind it. */
export function GoalProgressList({
  goal,
  progress,
}: {
  goal: Goal
  progress: readonly AssignmentProgress[]
}) {
  const ownId = useSession(({ user }) => user?.id)
  const mayReadOthers = useMay('visit.read', { userId: '', inTeam: true })
  if (progress.length === 0) return <p className="text-muted">It is assigned to nobody yet.</p>
  return (
    <ul aria-label="How far it has come" className="space-y-4">
      {worstFirst(progress).map(({ assignment, people, progress: its }) => {
        // What a team has done together its members see; the visits of each only those who lead them.
        const mayOpen = mayReadOthers || assignment.userId === ownId
        const words = progressWords(goal.metric, its)
        return (
          <li key={assignment.id}>
            <div className="mb-1 flex items-center gap-2">
              <AssigneeIcon assignee={assignment} />
              <span className="min-w-0 flex-1 truncate font-[550]">{assignment.name}</span>
              {assignment.teamId && (
                <span className="shrink-0 text-sm text-muted">{countWords(people, 'person', 'people')}</span>
              )}
            </div>
            <GoalBar name={assignment.name} metric={goal.metric} progress={its} />
            <div className="mt-1 flex flex-wrap items-baseline gap-x-1.5 text-muted">
              {mayOpen ? (
                <TextButton
                  className="tabular-nums"
                  title="The visits behind it"
                  aria-label={`${words}: the visits of ${assignment.name} behind it`}
                  onClick={() => openVisits(visitsBehind(goal, assignment))}
                >
                  {words}
                </TextButton>
              ) : (
                <span className="font-[550] text-text tabular-nums">{words}</span>
              )}
              <span>· {paceWords(goal, its)}</span>
              <span className="ml-auto">{leftWords(its, goal)}</span>
            </div>
          </li>
        )
      })}
    </ul>
  )
}
