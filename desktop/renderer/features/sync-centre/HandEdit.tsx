import { useState } from 'react'
import {
  type Interaction,
  type InteractionField,
  type InteractionPatch,
  type Status,
  statuses,
} from '#common/contract/interactions'
import { interactionFields, interactionProblems, mayBecome } from '#common/rules/interaction-rules'
import { toWallTime } from '#common/rules/time-zone'
import type { QueueItem } from '#desktop/bridge/channels'
import { useLookups } from '../../app/lookups.ts'
import { Button } from '../../ui/Button.tsx'
import { Combobox } from '../../ui/Combobox.tsx'
import { Field } from '../../ui/Field.tsx'
import { MomentField } from '../../ui/MomentField.tsx'
import { type Moment, momentOf, type MomentParts } from '../../ui/moment.ts'
import { timeZones } from '../../ui/time-zones.ts'
import type { Row } from './edit-rows.ts'
import { Actions } from './Detail.tsx'

type Values = Record<InteractionField, string>
type Turns = Record<'startDateTime' | 'endDateTime', MomentParts['turn']>

const partsOf = (wall: string, turn: MomentParts['turn']): MomentParts => ({
  date: wall.slice(0, 10),
  time: wall.slice(11),
  turn,
})

/** The conflicting fields as a form, filled with the person's own version. */
export function HandEdit({
  item,
  theirs,
  rows,
  onSave,
  onCancel,
}: {
  item: QueueItem
  theirs: Interaction
  rows: readonly Row[]
  onSave: (fields: InteractionPatch) => void
  onCancel: () => void
}) {
  const { types, leads } = useLookups(item.siteId)
  const [values, setValues] = useState(() => valuesOf({ ...theirs, ...item.patch }))
  const [turns, setTurns] = useState<Turns>({ startDateTime: 'earlier', endDateTime: 'earlier' })
  const [problems, setProblems] = useState<Partial<Record<InteractionField, string>>>({})
  const set = (field: InteractionField) => (value: string) => setValues({ ...values, [field]: value })

  const moments = {
    startDateTime: momentOf(partsOf(values.startDateTime, turns.startDateTime), values.timezone),
    endDateTime: momentOf(partsOf(values.endDateTime, turns.endDateTime), values.timezone),
  }

  const save = () => {
    const fields = patchOf(rows, values, moments)
    const found: Partial<Record<InteractionField, string>> = {}
    const whole = Object.fromEntries(interactionFields.map((field) => [field, theirs[field]]))
    // What is wrong elsewhere in the record shows no field here; main says it.
    for (const { field, message } of interactionProblems(
      { ...whole, ...item.patch, ...fields },
      theirs.status,
    )) {
      if (field in fields) found[field as InteractionField] = message
    }
    for (const field of ['startDateTime', 'endDateTime'] as const) {
      const moment = moments[field]
      if (moment.kind === 'problem' && field in fields) found[field] = moment.message
    }
    setProblems(found)
    if (Object.keys(found).length === 0) onSave(fields)
  }

  const moment = (field: 'startDateTime' | 'endDateTime', label: string) => {
    const wall = values[field]
    const now = moments[field]
    return (
      <MomentField
        label={label}
        error={problems[field]}
        dateInput={{
          value: wall.slice(0, 10),
          onChange: (event) => set(field)(`${event.target.value}T${wall.slice(11)}`),
        }}
        timeInput={{
          value: wall.slice(11),
          onChange: (event) => set(field)(`${wall.slice(0, 10)}T${event.target.value}`),
        }}
        twice={
          now.kind === 'moment' && now.twice
            ? {
                moments: now.twice,
                zone: values.timezone,
                input: {
                  name: field,
                  onChange: (event) =>
                    setTurns({ ...turns, [field]: event.target.value as MomentParts['turn'] }),
                },
              }
            : null
        }
      />
    )
  }

  return (
    <form
      aria-label="Edit by hand"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <div className="mt-3.5 space-y-3.5 rounded-md border border-line bg-surface p-4">
        {rows.map((row) =>
          row.key === 'time' ? (
            <div key={row.key} className="grid gap-2.5 sm:grid-cols-2 lg:grid-cols-3">
              {moment('startDateTime', 'Start')}
              {moment('endDateTime', 'End')}
              <Field label="Time zone" error={problems.timezone}>
                {(control) => (
                  <Combobox
                    {...control}
                    value={values.timezone}
                    onChange={set('timezone')}
                    suggestions={timeZones}
                  />
                )}
              </Field>
            </div>
          ) : (
            <HandField
              key={row.key}
              row={row}
              value={values[row.fields[0]!]}
              error={problems[row.fields[0]!]}
              onChange={set(row.fields[0]!)}
              options={{
                type: types,
                lead: leads,
                status: statuses.filter((status) => mayBecome(theirs.status, status)),
              }}
            />
          ),
        )}
      </div>
      <Actions>
        <Button look="primary" type="submit">
          Save this version
        </Button>
        <Button look="quiet" onClick={onCancel}>
          Choose instead
        </Button>
      </Actions>
    </form>
  )
}

function HandField({
  row,
  value,
  error,
  onChange,
  options,
}: {
  row: Row
  value: string
  error: string | undefined
  onChange: (value: string) => void
  options: Partial<Record<string, readonly string[]>>
}) {
  return (
    <Field label={row.label} error={error}>
      {(control) => {
        if (row.key === 'description' || row.key === 'notes') {
          return (
            <textarea
              {...control}
              rows={4}
              value={value}
              onChange={(event) => onChange(event.target.value)}
            />
          )
        }
        if (row.key === 'type' || row.key === 'status') {
          return (
            <select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
              {[...new Set([value, ...(options[row.key] ?? [])])].map((option) => (
                <option key={option} value={option}>
                  {option.charAt(0).toUpperCase() + option.slice(1)}
                </option>
              ))}
            </select>
          )
        }
        return (
          <Combobox {...control} value={value} onChange={onChange} suggestions={options[row.key] ?? []} />
        )
      }}
    </Field>
  )
}

function valuesOf(version: InteractionPatch): Values {
  const zone = version.timezone ?? 'UTC'
  const wall = (instant: string | null | undefined) => (instant ? toWallTime(instant, zone) : 'T')
  const text = Object.fromEntries(interactionFields.map((field) => [field, version[field] ?? '']))
  return {
    ...(text as Values),
    startDateTime: wall(version.startDateTime),
    endDateTime: wall(version.endDateTime),
  }
}

const nullable: readonly InteractionField[] = ['title', 'type', 'lead', 'timezone']

function patchOf(
  rows: readonly Row[],
  values: Values,
  moments: Record<'startDateTime' | 'endDateTime', Moment>,
): InteractionPatch {
  const instant = (moment: Moment) => (moment.kind === 'moment' ? moment.instant : null)
  const value = (field: InteractionField) => {
    if (field === 'startDateTime' || field === 'endDateTime') return instant(moments[field])
    if (field === 'status') return values.status as Status
    return nullable.includes(field) && !values[field].trim() ? null : values[field]
  }
  return Object.fromEntries(rows.flatMap((row) => row.fields.map((field) => [field, value(field)])))
}
