import { useController, useFormContext } from 'react-hook-form'
import type { InteractionFields } from '#common/contract/interactions'
import { momentWords } from '../../ui/date-words.ts'
import { Field } from '../../ui/Field.tsx'
import { MomentField } from '../../ui/MomentField.tsx'
import type { MomentParts } from '../../ui/moment.ts'
import { endAfter, endOf, type FormValues, startOf } from './form-values.ts'

/** Start and end. Until the end is changed it moves with the start, so that the record keeps its length. */
export function TimeFields({ opened, readOnly }: { opened: InteractionFields; readOnly: boolean }) {
  const { getValues, setValue, formState } = useFormContext<FormValues>()
  const endChanged = formState.dirtyFields.endDate || formState.dirtyFields.endTime

  if (readOnly) return <ReadTimes fields={opened} />

  const moveEnd = () => {
    const { startDateTime: start, endDateTime: end } = opened
    const moved = start && end && !endChanged && endAfter(getValues(), Date.parse(end) - Date.parse(start))
    if (!moved) return
    setValue('endDate', moved.date)
    setValue('endTime', moved.time)
    setValue('endTurn', moved.turn)
  }
  return (
    <div className="grid grid-cols-2 gap-2.5">
      <OneMoment which="start" label="Start" onChange={moveEnd} />
      <OneMoment which="end" label="End" />
    </div>
  )
}

function OneMoment({
  which,
  label,
  onChange,
}: {
  which: 'start' | 'end'
  label: string
  onChange?: () => void
}) {
  const { watch, getValues, setValue, trigger, formState } = useFormContext<FormValues>()
  const { field } = useController<FormValues>({ name: `${which}Date` })
  useController<FormValues>({ name: `${which}Time` })
  useController<FormValues>({ name: `${which}Turn` })
  const values = watch()
  const { [`${which}Date` as const]: error } = formState.errors
  const touched = formState.touchedFields[`${which}Date`]

  const change = ({ date, time, turn }: Partial<MomentParts>) => {
    const options = { shouldDirty: true }
    if (date !== undefined) setValue(`${which}Date`, date, options)
    if (time !== undefined) setValue(`${which}Time`, time, options)
    if (turn !== undefined) setValue(`${which}Turn`, turn, options)
    onChange?.()
    if (error || touched) check()
  }
  /** The end depends on the start; one that nobody has filled in yet is not blamed for it. */
  const check = () => {
    const both = which === 'start' && getValues('endDate') && getValues('endTime')
    void trigger(both ? ['startDate', 'endDate'] : `${which}Date`)
  }
  return (
    <MomentField
      ref={field.ref}
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
        field.onBlur()
        check()
      }}
    />
  )
}

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
