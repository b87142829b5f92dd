import type { ClipboardEvent } from 'react'
import { type ControlProps, Field } from '../../../ui/Field.tsx'
import type { FieldErrors } from '../../../ui/field-errors.ts'
import type { ShopTarget } from './shop-columns.ts'
import { pairOf, type ShopValues } from './shop-values.ts'

export function ShopFieldSet({
  values,
  errors,
  autoFocus,
  onChange,
}: {
  values: ShopValues
  errors: FieldErrors<ShopTarget>
  autoFocus: boolean
  onChange: (typed: Partial<ShopValues>) => void
}) {
  const input = (control: ControlProps, field: ShopTarget, maxLength: number) => (
    <input
      type="text"
      {...control}
      autoComplete="off"
      maxLength={maxLength}
      value={values[field]}
      onChange={(event) => onChange({ [field]: event.target.value })}
    />
  )
  const onPaste = (event: ClipboardEvent) => {
    const pair = pairOf(event.clipboardData.getData('text'))
    if (!pair) return
    event.preventDefault()
    onChange(pair)
  }
  return (
    <div className="space-y-3.5">
      <Field label="Name" error={errors.name}>
        {(control) => (
          <input
            type="text"
            {...control}
            autoFocus={autoFocus}
            autoComplete="off"
            maxLength={200}
            value={values.name}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label="Address" error={errors.address}>
        {(control) => (
          <textarea
            {...control}
            rows={2}
            maxLength={300}
            value={values.address}
            onChange={(event) => onChange({ address: event.target.value })}
          />
        )}
      </Field>
      <Field
        label="Reference"
        error={errors.reference}
        hint="What it is called in other systems. An import finds the shop by it."
      >
        {(control) => input(control, 'reference', 100)}
      </Field>
      <div onPaste={onPaste}>
        <div className="grid grid-cols-2 gap-3">
          <Field label="Latitude" error={errors.latitude}>
            {(control) => input(control, 'latitude', 40)}
          </Field>
          <Field label="Longitude" error={errors.longitude}>
            {(control) => input(control, 'longitude', 40)}
          </Field>
        </div>
        <p className="mt-1 text-sm text-muted">
          In degrees, such as 52.5098 and 13.4074; a place copied from a map can be pasted into either. Visits
          are measured against it.
        </p>
      </div>
    </div>
  )
}
