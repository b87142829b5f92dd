import type { GoalMetric, GoalProgress } from '#common/contract/goals'
import { goalStateWords, progressWords, valueWords } from './goal-words.ts'

const percent = (part: number, whole: number) => `${Math.min(100, Math.max(0, (100 * part) / whole))}%`

/** How far a goal has come, with a tick where an even pace would be. */
export function GoalBar({
  name,
  metric,
  progress,
}: {
  name: string
  metric: GoalMetric
  progress: GoalProgress
}) {
  const { value, target, expected, state } = progress
  const isBehind = state === 'behind' || state === 'missed'
  const hasPace = state !== 'reached' && state !== 'missed' && state !== 'not begun'
  return (
    <div
      role="img"
      aria-label={`${name}: ${progressWords(metric, progress)}, ${goalStateWords[state]}${
        hasPace ? `; an even pace would be ${valueWords(metric, expected)}` : ''
      }`}
      className="relative h-2 rounded-full bg-surface-2"
    >
      <div
        className={`h-full rounded-full ${isBehind ? 'bg-warn' : 'bg-accent'}`}
        style={{ width: percent(value ?? 0, target) }}
      />
      {hasPace && (
        <div
          aria-hidden
          className="absolute -top-0.5 h-3 w-0.5 -translate-x-1/2 rounded-full bg-text"
          style={{ left: percent(expected, target) }}
        />
      )}
    </div>
  )
}
