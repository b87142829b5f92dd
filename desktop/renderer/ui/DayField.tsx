import { DateInput } from './DateInput.tsx'
import { Field } from './Field.tsx'

/** A day, or what `empty` says; `min` and `max` that are empty bound nothing. */
export function DayField({
  label,
  value,
  min,
  max,
  empty = 'Any day',
  error,
  hint,
  onChange,
}: {
  label: string
  value: string
  min?: string
  max?: string
  empty?: string
  error?: string | undefined
  hint?: string
  onChange: (day: string) => void
}) {
  return (
    <Field label={label} error={error} hint={hint} className="min-w-0">
      {({ className, ...control }) => (
        <span className={`${className} flex items-center pr-1`}>
          <DateInput
            {...control}
            {...(min && { min })}
            {...(max && { max })}
            value={value}
            empty={empty}
            className="flex-1"
            onChange={(event) => onChange(event.target.value)}
          />
        </span>
      )}
    </Field>
  )
}
