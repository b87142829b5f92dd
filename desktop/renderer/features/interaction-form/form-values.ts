import type { FieldProblem } from '#common/contract/errors'
import type {
  InteractionField,
  InteractionFields,
  InteractionPatch,
  Status,
} from '#common/contract/interactions'
import { emptyFields, interactionProblems } from '#common/rules/interaction-rules'
import { instantsOf, isTimeZone, toWallTime } from '#common/rules/time-zone'
import { clockTime } from '../../ui/clock-time.ts'
import { endWords, momentWords } from '../../ui/date-words.ts'
import { type Moment, momentOf, type MomentParts, partsOf } from '../../ui/moment.ts'

/** An interaction as form fields hold it: no nulls, and moments as the clock in its zone shows them. */
export interface FormValues {
  title: string
  type: string
  lead: string
  startDate: string
  startTime: string
  startTurn: MomentParts['turn']
  endDate: string
  endTime: string
  endTurn: MomentParts['turn']
  timezone: string
  location: string
  status: Status
  description: string
  notes: string
}
export type FormField = keyof FormValues

/** What start and end are made of. */
export const momentFields = [
  'startDate',
  'startTime',
  'startTurn',
  'endDate',
  'endTime',
  'endTurn',
  'timezone',
] as const satisfies readonly FormField[]
export type MomentValues = Pick<FormValues, (typeof momentFields)[number]>

export function valuesOf(fields: InteractionFields): FormValues {
  const start = partsOf(fields.startDateTime, fields.timezone)
  const end = partsOf(fields.endDateTime, fields.timezone)
  return {
    title: fields.title ?? '',
    type: fields.type ?? '',
    lead: fields.lead ?? '',
    startDate: start.date,
    startTime: start.time,
    startTurn: start.turn,
    endDate: end.date,
    endTime: end.time,
    endTurn: end.turn,
    timezone: fields.timezone ?? '',
    location: fields.location,
    status: fields.status,
    description: fields.description,
    notes: fields.notes,
  }
}

/** The form fields that show some fields of a record; moments only together with their zone. */
export function valuesFor(fields: InteractionPatch): Partial<FormValues> {
  const all = valuesOf({ ...emptyFields, ...fields })
  const shown: Partial<Record<InteractionField, FormField[]>> = {
    startDateTime: ['startDate', 'startTime', 'startTurn'],
    endDateTime: ['endDate', 'endTime', 'endTurn'],
  }
  const names = (Object.keys(fields) as InteractionField[]).flatMap(
    (field) => shown[field] ?? [field as FormField],
  )
  return Object.fromEntries(names.map((name) => [name, all[name]]))
}

export const startOf = (values: MomentValues): Moment =>
  momentOf({ date: values.startDate, time: values.startTime, turn: values.startTurn }, values.timezone)

export const endOf = (values: MomentValues): Moment =>
  momentOf({ date: values.endDate, time: values.endTime, turn: values.endTurn }, values.timezone)

/** A new record as the form offers it: from the next full hour, one hour long, in the reader's zone. */
export function newFields(now: Date, zone: string, lead: string): InteractionFields {
  const hour = 3_600_000
  const nextHour = `${toWallTime(new Date(now.getTime() + hour).toISOString(), zone).slice(0, 13)}:00`
  const start = instantsOf(nextHour, zone).find((instant) => Date.parse(instant) > now.getTime())
  const begin = start ? Date.parse(start) : Math.ceil(now.getTime() / hour) * hour
  return {
    ...emptyFields,
    lead,
    startDateTime: new Date(begin).toISOString(),
    endDateTime: new Date(begin + hour).toISOString(),
    timezone: zone,
  }
}

/** A new record with the values of another; its life begins anew. */
export const copyOf = (fields: InteractionFields): InteractionFields => ({ ...fields, status: 'complete' })

/**
 * The record that `values` describe. What was not touched stays exactly as it was opened: a form shows minutes and
 * trims names, and neither may count as an edit.
 */
export function fieldsOf(typed: FormValues, opened: InteractionFields): InteractionFields {
  const before = valuesOf(opened)
  const settled = (time: string) => clockTime(time) ?? time
  const values = { ...typed, startTime: settled(typed.startTime), endTime: settled(typed.endTime) }
  const same = (...names: FormField[]) => names.every((name) => values[name] === before[name])
  const kept = <V>(names: FormField[], was: V, now: V) => (same(...names) ? was : now)
  const named = (text: string) => text.trim() || null
  const instant = (moment: Moment) => (moment.kind === 'moment' ? moment.instant : null)
  return {
    title: kept(['title'], opened.title, named(values.title)),
    type: kept(['type'], opened.type, values.type || null),
    lead: kept(['lead'], opened.lead, named(values.lead)),
    startDateTime: kept(
      ['startDate', 'startTime', 'startTurn', 'timezone'],
      opened.startDateTime,
      instant(startOf(values)),
    ),
    endDateTime: kept(
      ['endDate', 'endTime', 'endTurn', 'timezone'],
      opened.endDateTime,
      instant(endOf(values)),
    ),
    timezone: kept(['timezone'], opened.timezone, values.timezone.trim() || null),
    location: kept(['location'], opened.location, values.location.trim()),
    description: values.description,
    notes: values.notes,
    status: values.status,
  }
}

const formField: Record<InteractionField, FormField> = {
  title: 'title',
  type: 'type',
  lead: 'lead',
  startDateTime: 'startDate',
  endDateTime: 'endDate',
  timezone: 'timezone',
  location: 'location',
  description: 'description',
  notes: 'notes',
  status: 'status',
}

export interface FormProblem {
  field: FormField
  message: string
}

/** Problems told about a record, on the form fields they belong to; what belongs to none is left out. */
export const problemsOnForm = (problems: readonly FieldProblem[]): FormProblem[] =>
  problems.flatMap(({ field, message }) => {
    const found = formField[field as InteractionField]
    return found ? [{ field: found, message }] : []
  })

/** What is wrong with the form, one problem a field, in the order of the fields. */
export function formProblems(
  values: FormValues,
  opened: InteractionFields,
  from: Status | null,
): FormProblem[] {
  const found = new Map<FormField, string>()
  const add = ({ field, message }: FormProblem) => found.has(field) || found.set(field, message)
  const start = startOf(values)
  const end = endOf(values)
  if (start.kind === 'problem') add({ field: 'startDate', message: start.message })
  if (end.kind === 'problem') add({ field: 'endDate', message: end.message })
  problemsOnForm(interactionProblems(fieldsOf(values, opened), from)).forEach(add)
  // Without a zone that exists the times cannot be read, which the zone's own problem already says.
  if (!isTimeZone(values.timezone) && found.has('timezone')) {
    if (values.startDate && values.startTime) found.delete('startDate')
    if (values.endDate && values.endTime) found.delete('endDate')
  }
  return (Object.keys(values) as FormField[]).flatMap((field) => {
    const message = found.get(field)
    return message ? [{ field, message }] : []
  })
}

/** The date and time at which something that starts now as `values` say would end, lasting `duration` milliseconds. */
export function endAfter(values: MomentValues, duration: number): MomentParts | null {
  const start = startOf(values)
  if (start.kind !== 'moment') return null
  return partsOf(new Date(Date.parse(start.instant) + duration).toISOString(), values.timezone)
}

/** When it happens on the reader's clock; null where that is the clock of the record. */
export function readersTime(values: MomentValues, reader: string): string | null {
  const start = startOf(values)
  const end = endOf(values)
  if (start.kind !== 'moment' || end.kind !== 'moment' || values.timezone === reader) return null
  const sameClock = (instant: string) => toWallTime(instant, reader) === toWallTime(instant, values.timezone)
  if (sameClock(start.instant) && sameClock(end.instant)) return null
  const sameDay = toWallTime(start.instant, reader).slice(0, 10) === values.startDate
  const from = sameDay ? toWallTime(start.instant, reader).slice(11) : momentWords(start.instant, reader)
  return `${from} – ${endWords(start.instant, end.instant, reader)}, ${reader}`
}
