import type {
  CallCycle,
  CallCycleFields,
  LocationInput,
  Recurrence,
  WholeCycle,
} from '#common/contract/call-cycles'
import { cycleProblems } from '#common/rules/call-cycle'
import type { NamedAssignee } from '../../app/AssigneeSearch.tsx'
import { readerZone } from '../../ui/date-words.ts'
import type { FieldErrors } from '../../ui/field-errors.ts'
import { numberOf } from '../../ui/survey/number-text.ts'

/** A shop of the cycle in the form, numbers as they are typed; where it stands says its order. */
export interface StopValues {
  key: string
  /** Null for one that is new to it. */
  id: string | null
  shopId: string
  name: string
  address: string
  /** Empty: any. */
  day: string
  visits: string
}

export interface CycleValues {
  name: string
  owner: NamedAssignee | null
  every: string
  unit: Recurrence['unit']
  startsOn: string
  /** Empty: it goes on. */
  endsOn: string
  timezone: string
  stops: readonly StopValues[]
}

export const cycleTargets = ['name', 'owner', 'every', 'startsOn', 'endsOn', 'timezone', 'stops'] as const
export type CycleTarget = (typeof cycleTargets)[number]
export type StopErrors = Partial<Record<'day' | 'visits' | 'shop', string>>

export const emptyCycle = (today: string): CycleValues => ({
  name: '',
  owner: null,
  every: '1',
  unit: 'week',
  startsOn: today,
  endsOn: '',
  timezone: readerZone(),
  stops: [],
})

/** Of shops that have left it the past is kept, and nothing is to be written. */
export const isThere = ({ until }: CallCycle['locations'][number]): boolean => until === null

export function valuesOf({ cycle, ownerName, shops }: WholeCycle): CycleValues {
  const byId = new Map(shops.map((shop) => [shop.id, shop]))
  return {
    name: cycle.name,
    owner: { userId: cycle.userId, teamId: cycle.teamId, name: ownerName },
    every: String(cycle.recurrence.every),
    unit: cycle.recurrence.unit,
    startsOn: cycle.startsOn,
    endsOn: cycle.endsOn ?? '',
    timezone: cycle.timezone,
    stops: cycle.locations
      .filter(isThere)
      .toSorted((one, other) => one.position - other.position)
      .map(({ id, shopId, day, visitsPerCycle }) => ({
        key: id,
        id,
        shopId,
        name: byId.get(shopId)?.name ?? 'A shop that is not there any more',
        address: byId.get(shopId)?.address ?? '',
        day: day === null ? '' : String(day),
        visits: String(visitsPerCycle),
      })),
  }
}

/** The same for somebody else, from `today` on; the shops are new to it. */
export const copyOf = (values: CycleValues, today: string, newKey: () => string): CycleValues => ({
  ...values,
  owner: null,
  startsOn: today,
  endsOn: values.endsOn < today ? '' : values.endsOn,
  stops: values.stops.map((stop) => ({ ...stop, id: null, key: newKey() })),
})

const whole = (text: string): number => numberOf(text) ?? Number.NaN

const fieldsOf = (values: CycleValues): CallCycleFields => ({
  name: values.name.trim(),
  userId: values.owner?.userId ?? null,
  teamId: values.owner?.teamId ?? null,
  recurrence: { every: whole(values.every), unit: values.unit },
  startsOn: values.startsOn,
  endsOn: values.endsOn || null,
  timezone: values.timezone,
})

const locationOf = ({ id, shopId, day, visits }: StopValues, position: number): LocationInput => ({
  ...(id !== null && { id }),
  shopId,
  day: day.trim() === '' ? null : whole(day),
  position,
  visitsPerCycle: whole(visits),
})

const formFields: Record<string, CycleTarget> = {
  name: 'name',
  userId: 'owner',
  teamId: 'owner',
  'recurrence.every': 'every',
  startsOn: 'startsOn',
  endsOn: 'endsOn',
  timezone: 'timezone',
  locations: 'stops',
}
const stopFields: Record<string, keyof StopErrors> = { day: 'day', visitsPerCycle: 'visits', shopId: 'shop' }

/** What is said of the fields of a request, beside the fields of the form; `stops` by their keys. */
export function sortedErrors(
  details: readonly { field: string; message: string }[],
  stops: readonly StopValues[],
): { errors: FieldErrors<CycleTarget>; ofStops: ReadonlyMap<string, StopErrors> } {
  const errors: FieldErrors<CycleTarget> = {}
  const ofStops = new Map<string, StopErrors>()
  for (const { field, message } of details) {
    const [, index, part] = /^locations[./](\d+)[./](\w+)$/.exec(field) ?? []
    const stop = stops[Number(index)]
    const target = formFields[field]
    if (stop) ofStops.set(stop.key, { ...ofStops.get(stop.key), [stopFields[part!] ?? 'shop']: message })
    else if (target) errors[target] ??= message
  }
  return { errors, ofStops }
}

/** What was typed, and what is wrong with it. */
export function readCycle(values: CycleValues) {
  const fields = fieldsOf(values)
  const locations = values.stops.map(locationOf)
  const problems = cycleProblems({
    ...fields,
    locations: locations.map((each, index) => ({ ...each, id: String(index), since: null, until: null })),
  })
  const { errors, ofStops } = sortedErrors(problems, values.stops)
  return {
    fields,
    locations,
    errors: {
      ...errors,
      ...(fields.name === '' && { name: 'Is required' }),
      ...(!values.owner && { owner: 'Choose a person or a team' }),
      ...(values.startsOn === '' && { startsOn: 'Is required' }),
    } as FieldErrors<CycleTarget>,
    ofStops,
  }
}

const fieldNames = ['name', 'userId', 'teamId', 'recurrence', 'startsOn', 'endsOn', 'timezone'] as const

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

/** What says something else than `saved`; all locations where one of them does. */
export function cycleChanges(saved: CycleValues, values: CycleValues) {
  const [before, after] = [fieldsOf(saved), fieldsOf(values)]
  const changed = fieldNames.filter((name) => !isSame(before[name], after[name]))
  const [locationsBefore, locations] = [saved.stops.map(locationOf), values.stops.map(locationOf)]
  return {
    ...(Object.fromEntries(changed.map((name) => [name, after[name]])) as Partial<CallCycleFields>),
    ...(!isSame(locationsBefore, locations) && { locations }),
  }
}

/** What was typed over `before`, on top of the cycle as it is `now`; the shops stay as one has them. */
export function rebased(values: CycleValues, before: CycleValues, now: CycleValues): CycleValues {
  const names = ['name', 'owner', 'every', 'unit', 'startsOn', 'endsOn', 'timezone'] as const
  const mine = names.filter((name) => !isSame(values[name], before[name]))
  const ofNow = new Set(now.stops.map(({ id }) => id))
  const stops = isSame(values.stops, before.stops)
    ? now.stops
    : values.stops.filter(({ id }) => id === null || ofNow.has(id))
  return { ...now, ...Object.fromEntries(mine.map((name) => [name, values[name]])), stops }
}
