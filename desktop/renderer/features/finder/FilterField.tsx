import { useState } from 'react'
import { statuses } from '#common/contract/interactions'
import { isTimeZone } from '#common/rules/time-zone'
import { type FilterName, setFilter, useFinder } from '../../app/finder.ts'
import { Checkbox } from '../../ui/Checkbox.tsx'
import { Combobox } from '../../ui/Combobox.tsx'
import { Field } from '../../ui/Field.tsx'
import { usePause } from '../../ui/pause.ts'
import { timeZones } from '../../ui/time-zones.ts'
import { dayRange, filterLabels, statusWords } from './filters.ts'

type TextFilter = 'title' | 'lead' | 'location' | 'description' | 'notes'

/** The control for one filter; what is chosen applies at once, what is typed after a short pause. */
export function FilterField({ name, types }: { name: FilterName; types: readonly string[] }) {
  switch (name) {
    case 'type':
      return <TypeFilter types={types} />
    case 'status':
      return <StatusFilter />
    case 'start':
    case 'end':
      return <DaysFilter name={name} />
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
      options={types}
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

function ListFilter<V extends string>({
  label,
  options,
  words = asTyped,
  chosen = [],
  onChange,
}: {
  label: string
  options: readonly V[]
  words?: (value: V) => string
  chosen: V[] | undefined
  onChange: (chosen: V[] | undefined) => void
}) {
  const toggle = (value: V, on: boolean) => {
    const next = options.filter((each) => (each === value ? on : chosen.includes(each)))
    onChange(next.length > 0 ? next : undefined)
  }
  return (
    <fieldset>
      <legend className="mb-1 font-[550]">{label}</legend>
      <div className="grid max-h-56 grid-cols-2 gap-x-4 gap-y-1.5 overflow-y-auto py-0.5">
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

function DaysFilter({ name }: { name: 'start' | 'end' }) {
  const range = useFinder((finder) => finder.filters[name])
  const from = range?.from ?? ''
  const until = range?.until ?? ''
  const label = filterLabels[name]
  return (
    <div role="group" aria-label={label} className="grid grid-cols-2 gap-2.5">
      <Field label={`${label} from`}>
        {(control) => (
          <input
            type="date"
            {...control}
            value={from}
            max={until || '2999-12-31'}
            onChange={(event) => setFilter(name, dayRange(event.target.value, until))}
          />
        )}
      </Field>
      <Field label={`${label} until`}>
        {(control) => (
          <input
            type="date"
            {...control}
            value={until}
            min={from || '1900-01-01'}
            max="2999-12-31"
            onChange={(event) => setFilter(name, dayRange(from, event.target.value))}
          />
        )}
      </Field>
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
  const { after } = usePause(300)
  const change = (text: string) => {
    setTyped(text)
    after(() => apply(meaning(text)))
  }
  return [typed, change] as const
}
