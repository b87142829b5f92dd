import { useFormContext } from 'react-hook-form'
import type { InteractionFields } from '#common/contract/interactions'
import { momentWords } from '../../ui/date-words.ts'
import { Field } from '../../ui/Field.tsx'
import { MomentField } from '../../ui/MomentField.tsx'
import type { Moment } from '../../ui/moment.ts'
import { endAfter, endOf, type FormField, type FormValues, startOf } from './form-values.ts'

/** Start and end. Until the end is changed it moves with the start, so that the record keeps its length. */
export function TimeFields({ opened, readOnly }: { opened: InteractionFields; readOnly: boolean }) {
  const { register, watch, getValues, setValue, formState } = useFormContext<FormValues>()
  const { errors, dirtyFields } = formState
  const endChanged = dirtyFields.endDate || dirtyFields.endTime
  const values = watch()

  if (readOnly) return <ReadTimes fields={opened} />

  const moveEnd = () => {
    const { startDateTime: start, endDateTime: end } = opened
    const moved = start && end && !endChanged && endAfter(getValues(), Date.parse(end) - Date.parse(start))
    if (!moved) return
    setValue('endDate', moved.date)
    setValue('endTime', moved.time)
    setValue('endTurn', moved.turn)
  }
  const start = (name: FormField, deps: FormField[]) => register(name, { onChange: moveEnd, deps })
  const twice = (moment: Moment, input: ReturnType<typeof register>) =>
    moment.kind === 'moment' && moment.twice ? { moments: moment.twice, zone: values.timezone, input } : null
  return (
    <div className="grid grid-cols-2 gap-2.5">
      <MomentField
        label="Start"
        error={errors.startDate?.message}
        dateInput={start('startDate', ['endDate'])}
        timeInput={start('startTime', ['startDate', 'endDate'])}
        twice={twice(startOf(values), start('startTurn', ['endDate']))}
      />
      <MomentField
        label="End"
        error={errors.endDate?.message}
        dateInput={register('endDate')}
        timeInput={register('endTime', { deps: ['endDate'] })}
        twice={twice(endOf(values), register('endTurn', { deps: ['endDate'] }))}
      />
    </div>
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
