import { useState } from 'react'
import type { AnswerControl } from './answer-control.ts'

/** Words, in as many lines as they need; blanks alone are no answer. */
export function TextAnswer({ question, value, onChange, labelledBy, describedBy, invalid }: AnswerControl) {
  const answered = typeof value === 'string' ? value : ''
  const [typed, setTyped] = useState(answered)
  // Another answer than the one that was typed came from outside.
  const [before, setBefore] = useState(answered)
  if (answered !== before) {
    setBefore(answered)
    if (answered !== (typed.trim() && typed)) setTyped(answered)
  }
  return (
    <textarea
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      aria-invalid={invalid}
      aria-required={question.required}
      className="control block field-sizing-content max-h-64 min-h-14 resize-none"
      rows={2}
      maxLength={5000}
      value={typed}
      onChange={({ target }) => {
        setTyped(target.value)
        onChange(target.value.trim() === '' ? null : target.value)
      }}
    />
  )
}
