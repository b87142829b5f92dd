import { memo } from 'react'
import { useController, useFormContext, useFormState } from 'react-hook-form'
import type { InteractionFields } from '#common/contract/interactions'
import { momentWords } from '../../ui/date-words.ts'
import { Field } from '../../ui/Field.tsx'
import { MomentField } from '../../ui/MomentField.tsx'
import type { MomentParts } from '../../ui/moment.ts'
import { endAfter, endOf, type FormValues, startOf } from './form-values.ts'
import { useMoments } from './use-moments.ts'

/** Start and end. Until the end is changed it moves with the start, so that the record keeps its length. */
export const TimeFields = memo(function TimeFields({
  opened,
  readOnly,
}: {
  opened: InteractionFields
  readOnly: boolean
}) {
  const { dirtyFields } = useFormState<FormValues>({ name: ['endDate', 'endTime'] })
  if (readOnly) return <ReadTimes fields={opened} />
  const { startDateTime: start, endDateTime: end } = opened
  const endChanged = dirtyFields.endDate || dirtyFields.endTime
  const length = start && end && !endChanged ? Date.parse(end) - Date.parse(start) : null
  return (
    <div className="grid grid-cols-2 gap-2.5">
      <OneMoment which="start" label="Start" length={length} />
      <OneMoment which="end" label="End" length={null} />
    </div>
  )
})

/** With a `length` (milliseconds) the end moves along. */
const OneMoment = memo(function OneMoment({
  which,
  label,
  length,
}: {
  which: 'start' | 'end'
  label: string
  length: number | null
}) {
  const name = `${which}Date` as const
  const { getValues, setValue, trigger } = useFormContext<FormValues>()
  const {
    field: { ref, onBlur },
  } = useController<FormValues>({ name })
  useController<FormValues>({ name: `${which}Time` })
  useController<FormValues>({ name: `${which}Turn` })
  const values = useMoments()
  const { errors, touchedFields } = useFormState<FormValues>({ name, exact: true })
  const error = errors[name]

  const change = ({ date, time, turn }: Partial<MomentParts>) => {
    const options = { shouldDirty: true }
    if (date !== undefined) setValue(`${which}Date`, date, options)
    if (time !== undefined) setValue(`${which}Time`, time, options)
    if (turn !== undefined) setValue(`${which}Turn`, turn, options)
    const end = length !== null && endAfter(getValues(), length)
    if (end) {
      setValue('endDate', end.date)
      setValue('endTime', end.time)
      setValue('endTurn', end.turn)
    }
    if (error || touchedFields[name]) check()
  }
  /** The end depends on the start; one that nobody has filled in yet is not blamed for it. */
  const check = () => {
    const both = which === 'start' && getValues('endDate') && getValues('endTime')
    void trigger(both ? ['startDate', 'endDate'] : name)
  }
  return (
    <MomentField
      ref={ref}
      label={label}
      error={error?.message}
      parts={{
        date: values[`${which}Date`],
        time: values[`${which}Time`],
        turn: values[`${which}Turn`],
      }}
      moment={which === 'start' ? startOf(values) : endOf(values)}
      zone={values.timezone}
      onChange={change}
      onBlur={() => {
        onBlur()
        check()
      }}
    />
  )
})

function ReadTimes({ fields }: { fields: InteractionFields }) {
  const zone = fields.timezone ?? 'UTC'
  const words = (instant: string | null) => (instant ? momentWords(instant, zone) : '')
  return (
    <div className="grid grid-cols-2 gap-2.5">
      <Field label="Start">
        {(control) => <input type="text" {...control} readOnly value={words(fields.startDateTime)} />}
      </Field>
      <Field label="End">
        {(control) => <input type="text" {...control} readOnly value={words(fields.endDateTime)} />}
      </Field>
    </div>
  )
}
