import { useState } from 'react'
import { Field } from '../../../ui/Field.tsx'
import { numberOf } from '../../../ui/survey/number-text.ts'

/** A number, or none. What is typed and is no number says so, and counts as none. */
export function NumberField({
  label,
  none,
  value,
  error,
  onChange,
}: {
  label: string
  /** What none means. */
  none: string
  value: number | null
  error: string | undefined
  onChange: (value: number | null) => void
}) {
  const [typed, setTyped] = useState(value === null ? '' : String(value))
  const [before, setBefore] = useState(value)
  if (value !== before) {
    setBefore(value)
    if (value !== numberOf(typed)) setTyped(value === null ? '' : String(value))
  }
  const isNone = typed.trim() !== '' && numberOf(typed) === null
  return (
    <Field label={label} error={isNone ? 'Must be a number' : error}>
      {(control) => (
        <input
          type="text"
          inputMode="decimal"
          {...control}
          autoComplete="off"
          placeholder={none}
          maxLength={20}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            onChange(numberOf(event.target.value))
          }}
        />
      )}
    </Field>
  )
}
