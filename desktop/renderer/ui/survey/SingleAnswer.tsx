import type { AnswerControl } from './answer-control.ts'
import { choiceRow } from './choice-row.ts'

/** One of the options. */
export const SingleAnswer = ({
  question,
  value,
  onChange,
  labelledBy,
  describedBy,
  invalid,
}: AnswerControl) => (
  <div
    role="radiogroup"
    aria-labelledby={labelledBy}
    aria-describedby={describedBy}
    aria-invalid={invalid}
    aria-required={question.required}
    className="space-y-1"
  >
    {question.options.map(({ id, label }) => (
      <label key={id} className={choiceRow}>
        <input
          type="radio"
          name={labelledBy}
          className="size-[15px] shrink-0 accent-accent"
          checked={value === id}
          onChange={() => onChange(id)}
        />
        <span className="min-w-0 break-words">{label}</span>
      </label>
    ))}
  </div>
)
