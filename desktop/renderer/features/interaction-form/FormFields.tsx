import { type ComponentType, memo } from 'react'
import { Controller, useFormState, type UseFormRegister } from 'react-hook-form'
import { Combobox } from '../../ui/Combobox.tsx'
import { readerZone } from '../../ui/date-words.ts'
import { Field } from '../../ui/Field.tsx'
import { type FormField, type FormValues, readersTime } from './form-values.ts'
import { useMoments } from './use-moments.ts'

/** A field follows its own value and error alone: what happens to the rest of the form does not draw it again. */
interface FieldProps {
  name: FormField
  label: string
  readOnly: boolean
  register: UseFormRegister<FormValues>
}

const useError = (name: FormField) => useFormState<FormValues>({ name, exact: true }).errors[name]?.message

export const TextField = memo(function TextField({ name, label, readOnly, register }: FieldProps) {
  const error = useError(name)
  return (
    <Field label={label} error={error}>
      {(control) => (
        <input type="text" {...control} autoComplete="off" readOnly={readOnly} {...register(name)} />
      )}
    </Field>
  )
})

export const LongField = memo(function LongField({
  name,
  label,
  readOnly,
  register,
  rows,
}: FieldProps & { rows: number }) {
  const error = useError(name)
  return (
    <Field label={label} error={error}>
      {({ className, ...control }) => (
        <textarea
          {...control}
          className={`${className} field-sizing-content max-h-80 resize-y read-only:resize-none`}
          style={{ minHeight: `${rows * 18 + 12}px` }}
          readOnly={readOnly}
          {...register(name)}
        />
      )}
    </Field>
  )
})

export const ChoiceField = memo(function ChoiceField({
  name,
  label,
  readOnly,
  register,
  placeholder,
  options,
}: FieldProps & { placeholder?: string; options: readonly string[] }) {
  const error = useError(name)
  if (readOnly) return <TextField name={name} label={label} readOnly register={register} />
  return (
    <Field label={label} error={error}>
      {(control) => (
        <select {...control} {...register(name)}>
          {placeholder && <option value="">{placeholder}</option>}
          {options.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
})

export const SuggestField = memo(function SuggestField({
  name,
  label,
  readOnly,
  register,
  suggestions,
  hint: Hint,
}: FieldProps & { suggestions: readonly string[]; hint?: ComponentType }) {
  const error = useError(name)
  return (
    <Field label={label} error={error} hint={Hint && <Hint />}>
      {(control) =>
        readOnly ? (
          <input type="text" {...control} readOnly {...register(name)} />
        ) : (
          <Controller<FormValues>
            name={name}
            render={({ field: { ref, value, onChange, onBlur } }) => (
              <Combobox
                {...control}
                ref={ref}
                value={value}
                onChange={onChange}
                onBlur={onBlur}
                suggestions={suggestions}
              />
            )}
          />
        )
      }
    </Field>
  )
})

/** What the record's times are on the reader's own clock, where that shows something else. */
export function ReadersTime() {
  const values = useMoments()
  const time = readersTime(values, readerZone())
  return time && <span>Your time: {time}</span>
}
