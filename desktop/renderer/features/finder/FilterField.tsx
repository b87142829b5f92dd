import { type ReactNode, useState } from 'react'
import { statuses } from '#common/contract/interactions'
import { fold } from '#common/rules/folding'
import { isTimeZone } from '#common/rules/time-zone'
import { type FilterName, setFilter, useFinder } from '../../app/finder.ts'
import type { Lookups } from '../../app/lookups.ts'
import { Checkbox } from '../../ui/Checkbox.tsx'
import { Combobox } from '../../ui/Combobox.tsx'
import { DayField } from '../../ui/DayField.tsx'
import { Field } from '../../ui/Field.tsx'
import { usePause } from '../../ui/pause.ts'
import { timeZones } from '../../ui/time-zones.ts'
import {
  type DayFilter,
  dayRange,
  filterLabels,
  type PeopleFilter,
  statusWords,
  type TextFilter,
} from './filters.ts'

/** The control for one filter; what is chosen applies at once, what is typed after a short pause. */
export function FilterField({ name, lookups }: { name: FilterName; lookups: Lookups }) {
  switch (name) {
    case 'type':
      return <TypeFilter types={lookups.types} />
    case 'status':
      return <StatusFilter />
    case 'start':
    case 'end':
    case 'created':
    case 'updated':
      return <DaysFilter name={name} />
    case 'createdBy':
    case 'updatedBy':
      return <PersonFilter name={name} people={lookups.people} />
    case 'timezone':
      return <ZoneFilter />
    default:
      return <ContainsFilter name={name} />
  }
}

const asTyped = (text: string) => text

function ContainsFilter({ name }: { name: TextFilter }) {
  const applied = useFinder((finder) => finder.filters[name] ?? '')
  const [typed, setTyped] = useTyped(applied, asTyped, (text) => setFilter(name, text || undefined))
  return (
    <Field label={`${filterLabels[name]} contains`}>
      {(control) => (
        <input
          {...control}
          maxLength={200}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
    </Field>
  )
}

/** Half a name asks for nothing. */
const wholeZone = (text: string) => (isTimeZone(text) ? text : '')

function ZoneFilter() {
  const applied = useFinder((finder) => finder.filters.timezone ?? '')
  const [typed, setTyped] = useTyped(applied, wholeZone, (zone) => setFilter('timezone', zone || undefined))
  return (
    <Field label="Time zone is">
      {(control) => <Combobox {...control} value={typed} onChange={setTyped} suggestions={timeZones} />}
    </Field>
  )
}

function TypeFilter({ types }: { types: readonly string[] }) {
  const chosen = useFinder((finder) => finder.filters.type)
  return (
    <ListFilter
      label="Type is"
      options={[...new Set([...types, ...(chosen ?? [])])]}
      chosen={chosen}
      onChange={(next) => setFilter('type', next)}
    />
  )
}

function StatusFilter() {
  const chosen = useFinder((finder) => finder.filters.status)
  return (
    <ListFilter
      label="Status is"
      options={statuses}
      words={statusWords}
      chosen={chosen}
      onChange={(next) => setFilter('status', next)}
    />
  )
}

/** From so many people on one looks for a name by typing it. */
const many = 12

function PersonFilter({ name, people }: { name: PeopleFilter; people: Lookups['people'] }) {
  const chosen = useFinder((finder) => finder.filters[name])
  const [typed, setTyped] = useState('')
  const nameOf = (id: string) => people[id] ?? 'Somebody'
  const all = [...new Set([...Object.keys(people), ...(chosen ?? [])])].toSorted((a, b) =>
    nameOf(a).localeCompare(nameOf(b)),
  )
  const fits = (id: string) => chosen?.includes(id) || fold(nameOf(id)).includes(fold(typed))
  const label = filterLabels[name]
  return (
    <div>
      <ListFilter
        label={label}
        options={all.filter(fits)}
        words={nameOf}
        chosen={chosen}
        onChange={(next) => setFilter(name, next)}
        search={
          all.length > many && (
            <input
              className="control mb-1.5"
              aria-label={`${label}: find a person`}
              placeholder="Find a person"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )
        }
      />
    </div>
  )
}

function ListFilter<V extends string>({
  label,
  options,
  words = asTyped,
  chosen = [],
  onChange,
  search,
}: {
  label: string
  options: readonly V[]
  words?: (value: V) => string
  chosen: V[] | undefined
  onChange: (chosen: V[] | undefined) => void
  search?: ReactNode
}) {
  const toggle = (value: V, on: boolean) => {
    const next = on ? [...chosen, value] : chosen.filter((each) => each !== value)
    const inOrder = options.filter((each) => next.includes(each))
    onChange(next.length > 0 ? inOrder : undefined)
  }
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 font-[550]">{label}</legend>
      {search}
      <div className="grid max-h-40 grid-cols-2 gap-x-4 gap-y-1.5 overflow-y-auto py-0.5">
        {options.map((value) => (
          <Checkbox
            key={value}
            checked={chosen.includes(value)}
            onChange={(event) => toggle(value, event.target.checked)}
          >
            {words(value)}
          </Checkbox>
        ))}
      </div>
    </fieldset>
  )
}

function DaysFilter({ name }: { name: DayFilter }) {
  const range = useFinder((finder) => finder.filters[name])
  const from = range?.from ?? ''
  const until = range?.until ?? ''
  const label = filterLabels[name]
  return (
    <div role="group" aria-label={label} className="grid grid-cols-2 gap-2.5">
      <DayField
        label={`${label} from`}
        value={from}
        max={until}
        onChange={(day) => setFilter(name, dayRange(day, until))}
      />
      <DayField
        label={`${label} until`}
        value={until}
        min={from}
        onChange={(day) => setFilter(name, dayRange(from, day))}
      />
    </div>
  )
}

/**
 * What is in a text control. What it means is applied after a pause; the text follows the filter when that is changed
 * or cleared elsewhere.
 */
function useTyped(applied: string, meaning: (text: string) => string, apply: (meant: string) => void) {
  const [typed, setTyped] = useState(applied)
  const [seen, setSeen] = useState(applied)
  if (seen !== applied) {
    setSeen(applied)
    if (meaning(typed) !== applied) setTyped(applied)
  }
  const { after } = usePause(500)
  const change = (text: string) => {
    setTyped(text)
    after(() => apply(meaning(text)))
  }
  return [typed, change] as const
}
