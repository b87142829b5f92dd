import type { AnswerControl } from './answer-control.ts'
import { choiceRow } from './choice-row.ts'

/** Some of the options, kept in the order they are offered in; none is no answer. */
export function ChoicesAnswer({ question, value, onChange, labelledBy, describedBy }: AnswerControl) {
  const chosen = Array.isArray(value) ? value : []
  const put = (id: string, isChosen: boolean) => {
    const next = question.options
      .map((option) => option.id)
      .filter((option) => (option === id ? isChosen : chosen.includes(option)))
    onChange(next.length > 0 ? next : null)
  }
  return (
    <div role="group" aria-labelledby={labelledBy} aria-describedby={describedBy} className="space-y-1">
      {question.options.map(({ id, label }) => (
        <label key={id} className={choiceRow}>
          <input
            type="checkbox"
            className="size-[15px] shrink-0 accent-accent"
            checked={chosen.includes(id)}
            onChange={({ target }) => put(id, target.checked)}
          />
          <span className="min-w-0 break-words">{label}</span>
        </label>
      ))}
    </div>
  )
}
