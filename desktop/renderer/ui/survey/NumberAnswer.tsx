import { useState } from 'react'
import type { AnswerControl } from './answer-control.ts'
import { typedNumber } from './number-text.ts'

/** A number, with a comma or a point. What is none is handed on as it was typed. */
export function NumberAnswer({ question, value, onChange, labelledBy, describedBy, invalid }: AnswerControl) {
  const [typed, setTyped] = useState(() => String(value ?? ''))
  const [before, setBefore] = useState(value)
  if (value !== before) {
    setBefore(value)
    if (value !== typedNumber(typed)) setTyped(String(value ?? ''))
  }
  return (
    <div className="flex items-center gap-3">
      <input
        type="text"
        inputMode="decimal"
        aria-labelledby={labelledBy}
        aria-describedby={describedBy}
        aria-invalid={invalid}
        aria-required={question.required}
        autoComplete="off"
        className="control max-w-40"
        maxLength={40}
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value)
          onChange(typedNumber(target.value))
        }}
      />
      <span className="text-sm text-muted">{boundsWords(question)}</span>
    </div>
  )
}

function boundsWords({ min, max }: AnswerControl['question']): string {
  if (min !== null && max !== null) return `from ${min} to ${max}`
  return min !== null ? `${min} or more` : max !== null ? `${max} or less` : ''
}
