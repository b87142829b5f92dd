import { useEffect, useRef } from 'react'
import type { FieldProblem } from '#common/contract/errors'
import { type Interaction, type InteractionField, statuses } from '#common/contract/interactions'
import { mayBecome } from '#common/rules/interaction-rules'
import type { QueueItem } from '#desktop/bridge/channels'
import { useLookups } from '../../app/lookups.ts'
import { Combobox } from '../../ui/Combobox.tsx'
import { Field } from '../../ui/Field.tsx'
import { MomentField } from '../../ui/MomentField.tsx'
import type { MomentParts } from '../../ui/moment.ts'
import { timeZones } from '../../ui/time-zones.ts'
import type { Row } from '../../ui/field-rows.ts'
import { type HandValues, momentIn } from './hand-values.ts'

interface HandProps {
  row: Row
  item: QueueItem
  theirs: Interaction
  values: HandValues
  problems: readonly FieldProblem[]
  onChange: (values: HandValues) => void
}

/** A disputed field to be written by hand, filled with the person's own version at first. */
export function HandFields(props: HandProps) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.querySelector<HTMLElement>('input, textarea, select')?.focus(), [])
  return <div ref={box}>{props.row.key === 'time' ? <TimeFields {...props} /> : <OneField {...props} />}</div>
}

const messageFor = (problems: readonly FieldProblem[], name: InteractionField) =>
  problems.find(({ field }) => field === name)?.message

function OneField({ row, item, theirs, values, problems, onChange }: HandProps) {
  const { types, leads } = useLookups(item.siteId)
  const name = row.fields[0] as Exclude<InteractionField, 'startDateTime' | 'endDateTime'>
  const value = values[name]
  const set = (next: string) => onChange({ ...values, [name]: next })
  const options: Partial<Record<InteractionField, readonly string[]>> = {
    type: types,
    lead: leads,
    status: statuses.filter((status) => mayBecome(theirs.status, status)),
  }
  return (
    <Field label={row.label} error={messageFor(problems, name)}>
      {(control) => {
        if (name === 'description' || name === 'notes') {
          return (
            <textarea {...control} rows={6} value={value} onChange={(event) => set(event.target.value)} />
          )
        }
        if (name === 'type' || name === 'status') {
          return (
            <select {...control} value={value} onChange={(event) => set(event.target.value)}>
              {[...new Set([value, ...(options[name] ?? [])])].map((option) => (
                <option key={option} value={option}>
                  {option.charAt(0).toUpperCase() + option.slice(1)}
                </option>
              ))}
            </select>
          )
        }
        return <Combobox {...control} value={value} onChange={set} suggestions={options[name] ?? []} />
      }}
    </Field>
  )
}

function TimeFields({ values, problems, onChange }: HandProps) {
  const moment = (name: 'startDateTime' | 'endDateTime', label: string) => {
    const parts = values[name]
    const found = momentIn(values, name)
    const set = (change: Partial<MomentParts>) => onChange({ ...values, [name]: { ...parts, ...change } })
    return (
      <MomentField
        label={label}
        error={messageFor(problems, name)}
        parts={parts}
        moment={found}
        zone={values.timezone}
        onChange={set}
      />
    )
  }
  return (
    <div className="grid gap-2.5 sm:grid-cols-2 xl:grid-cols-3">
      {moment('startDateTime', 'Start')}
      {moment('endDateTime', 'End')}
      <Field label="Time zone" error={messageFor(problems, 'timezone')}>
        {(control) => (
          <Combobox
            {...control}
            value={values.timezone}
            onChange={(timezone) => onChange({ ...values, timezone })}
            suggestions={timeZones}
          />
        )}
      </Field>
    </div>
  )
}
