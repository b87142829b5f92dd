import { useState } from 'react'
import { Field } from '../../../ui/Field.tsx'
import { typedNumber } from '../../../ui/survey/number-text.ts'

/** A number, or none, as it is typed. */
export function NumberField({
  label,
  none,
  text,
  error,
  onChange,
}: {
  label: string
  /** What none means. */
  none: string
  /** What is to be read in it; what is typed stays as long as it means the same. */
  text: string
  error: string | undefined
  onChange: (text: string) => void
}) {
  const [typed, setTyped] = useState(text)
  const [before, setBefore] = useState(text)
  if (text !== before) {
    setBefore(text)
    if (typedNumber(text) !== typedNumber(typed)) setTyped(text)
  }
  return (
    <Field label={label} error={error}>
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
            onChange(event.target.value)
          }}
        />
      )}
    </Field>
  )
}
