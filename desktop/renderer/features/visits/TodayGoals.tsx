import type { Answer } from '#desktop/bridge/channels'
import { openCycle } from '../../app/workspace.ts'
import { dayWords, momentWords, readerZone } from '../../ui/date-words.ts'
import { goalStateWords, progressWords, valueWords } from '../../ui/goal-words.ts'
import { GoalBar } from '../../ui/GoalBar.tsx'

type TodayPlan = Answer<'today.read'>

/** One's own goals and those of one's team, as far as this device knows. */
export function TodayGoals({ goals }: { goals: TodayPlan['goals'] }) {
  return (
    <ul className="space-y-3">
      {goals.map(({ id, name, metric, brandName, isTeam, assigneeName, endsOn, progress }) => (
        <li key={`${id} ${assigneeName}`}>
          <div className="mb-1 flex items-baseline justify-between gap-3">
            <span className="min-w-0 truncate font-[550]">{name}</span>
            <span className="shrink-0 text-sm text-muted tabular-nums">
              {progressWords(metric, progress)} · {goalStateWords[progress.state]}
            </span>
          </div>
          <GoalBar name={name} metric={metric} progress={progress} />
          <p className="mt-1 text-sm text-muted">
            {[
              isTeam && assigneeName,
              brandName,
              `until ${dayWords(endsOn)}`,
              metric !== 'shelf_share' &&
                progress.forecast !== null &&
                progress.state !== 'missed' &&
                `at this rate ${valueWords(metric, progress.forecast)}`,
            ]
              .filter(Boolean)
              .join(' · ')}
          </p>
        </li>
      ))}
    </ul>
  )
}

/** How one's call cycles are kept in the period they are in. */
export function TodayCycles({ cycles }: { cycles: TodayPlan['cycles'] }) {
  return (
    <ul className="space-y-1.5">
      {cycles.map(({ id, name, kept: { covered, missed, due, planned, excused, adherence } }) => (
        <li key={id} className="flex items-baseline justify-between gap-3">
          <button
            type="button"
            className="min-w-0 truncate rounded-sm text-left hover:text-accent hover:underline"
            title={name}
            onClick={() => openCycle(id)}
          >
            {name}
          </button>
          <span className="shrink-0 text-sm text-muted tabular-nums">
            {[
              adherence !== null && `${Math.round(100 * adherence)} % kept`,
              `${covered} of ${covered + missed + due + planned} visited`,
              missed > 0 && `${missed} missed${excused > 0 ? `, ${excused} with a reason` : ''}`,
            ]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** How fresh the plan is; one's own visits are always in it. */
export const planAge = (asOf: string) =>
  `Plan of ${momentWords(asOf, readerZone())}, with your visits up to now.`
