import { DateInput } from '../DateInput.tsx'
import type { AnswerControl } from './answer-control.ts'

export const DateAnswer = ({
  question,
  value,
  onChange,
  labelledBy,
  describedBy,
  invalid,
}: AnswerControl) => (
  <span className="control flex max-w-48 items-center pr-1">
    <DateInput
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      aria-invalid={invalid}
      aria-required={question.required}
      value={typeof value === 'string' ? value : ''}
      className="flex-1"
      onChange={({ target }) => onChange(target.value || null)}
    />
  </span>
)
