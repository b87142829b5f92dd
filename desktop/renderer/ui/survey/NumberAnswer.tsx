import { useState } from 'react'
import { FieldNotes } from '../Field.tsx'
import type { AnswerControl } from './answer-control.ts'
import { numberOf } from './number-text.ts'

/** A number, with a comma or a point. What is none stays as it was typed, says so, and is no answer. */
export function NumberAnswer({ question, value, onChange, labelledBy, describedBy, invalid }: AnswerControl) {
  const [typed, setTyped] = useState(() => (typeof value === 'number' ? String(value) : ''))
  const [before, setBefore] = useState(value)
  if (value !== before) {
    setBefore(value)
    if (value !== numberOf(typed)) setTyped(value === null ? '' : String(value))
  }
  const isNone = typed.trim() !== '' && numberOf(typed) === null
  const error = isNone ? 'Must be a number' : undefined
  return (
    <>
      <div className="flex items-center gap-3">
        <input
          type="text"
          inputMode="decimal"
          autoComplete="off"
          aria-labelledby={labelledBy}
          aria-describedby={
            [error && `${labelledBy}-number-error`, describedBy].filter(Boolean).join(' ') || undefined
          }
          aria-invalid={invalid || isNone}
          aria-required={question.required}
          className="control max-w-40"
          maxLength={40}
          value={typed}
          onChange={({ target }) => {
            setTyped(target.value)
            onChange(numberOf(target.value))
          }}
        />
        <span className="text-sm text-muted">{boundsWords(question)}</span>
      </div>
      <FieldNotes id={`${labelledBy}-number`} error={error} />
    </>
  )
}

function boundsWords({ min, max }: AnswerControl['question']): string {
  if (min !== null && max !== null) return `from ${min} to ${max}`
  return min !== null ? `${min} or more` : max !== null ? `${max} or less` : ''
}
