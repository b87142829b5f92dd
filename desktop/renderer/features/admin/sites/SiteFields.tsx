import { Field } from '../../../ui/Field.tsx'

export interface SiteValues {
  name: string
  description: string
}

export function SiteFields({
  values,
  error,
  autoFocus = false,
  onChange,
}: {
  values: SiteValues
  /** What is wrong with the name. */
  error: string | undefined
  autoFocus?: boolean
  onChange: (changes: Partial<SiteValues>) => void
}) {
  return (
    <>
      <Field label="Name" error={error}>
        {(control) => (
          <input
            type="text"
            {...control}
            autoFocus={autoFocus}
            autoComplete="off"
            maxLength={100}
            value={values.name}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label="Description">
        {(control) => (
          <textarea
            {...control}
            rows={3}
            maxLength={1000}
            value={values.description}
            onChange={(event) => onChange({ description: event.target.value })}
          />
        )}
      </Field>
    </>
  )
}
