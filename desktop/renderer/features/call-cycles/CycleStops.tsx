import { ArrowDown, ArrowUp, GripVertical, Plus, Store, X } from 'lucide-react'
import { type DragEvent, type KeyboardEvent, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { type CallCycleLocation, mostLocations } from '#common/contract/call-cycles'
import { isPressed } from '../../app/keys.ts'
import { Button } from '../../ui/Button.tsx'
import { countWords, dayWords } from '../../ui/date-words.ts'
import { moved } from '../../ui/order.ts'
import { State } from '../../ui/State.tsx'
import { windowDayWords } from './cycle-words.ts'
import type { CycleValues, StopErrors, StopValues } from './cycle-values.ts'

const dragged = 'application/x-fieldbook-stop'

/** The shops of a cycle in the order of a day; moved by pointer or by keyboard, several times over without losing it. */
export function CycleStops({
  values,
  errors,
  error,
  gone,
  disabled,
  onChange,
  onAdd,
}: {
  values: CycleValues
  errors: ReadonlyMap<string, StopErrors>
  error: string | undefined
  /** Those that have left it, and are kept for the past, with what each is called. */
  gone: readonly { location: CallCycleLocation; name: string }[]
  disabled: boolean
  onChange: (stops: readonly StopValues[]) => void
  onAdd: () => void
}) {
  const list = useRef<HTMLOListElement>(null)
  const [said, setSaid] = useState('')
  const { stops } = values
  const move = (from: number, to: number) => {
    if (from === to || to < 0 || to >= stops.length) return
    const active = document.activeElement as HTMLElement | null
    flushSync(() => onChange(moved(stops, from, to)))
    setSaid(`${stops[from]!.name} is now ${to + 1} of ${stops.length}.`)
    if (!active?.isConnected || active.matches(':disabled'))
      list.current?.children[to]?.querySelector<HTMLElement>('button:enabled')?.focus()
    else active.focus()
  }
  const remove = (index: number) => {
    flushSync(() => onChange(stops.filter((_, each) => each !== index)))
    setSaid(`${stops[index]!.name} is taken out.`)
    const next = list.current?.children[Math.min(index, stops.length - 2)]
    const goOn = next?.querySelector<HTMLElement>('[data-remove]') ?? document.getElementById(addShopsId)
    goOn?.focus()
  }
  const change = (index: number, typed: Partial<StopValues>) =>
    onChange(stops.map((stop, each) => (each === index ? { ...stop, ...typed } : stop)))
  return (
    <section aria-label="Shops" className="min-w-0">
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <h2 className="font-semibold">Shops</h2>
        <span className="text-muted tabular-nums">{countWords(stops.length, 'shop')}</span>
        <span className="flex-1" />
        <Button id={addShopsId} disabled={disabled || stops.length >= mostLocations} onClick={onAdd}>
          <Plus aria-hidden size={14} /> Add shops…
        </Button>
      </div>
      <p role="status" className="sr-only">
        {said}
      </p>
      {error && (
        <p role="alert" className="mb-2 text-sm text-bad">
          {error}
        </p>
      )}
      {stops.length === 0 ? (
        <div className="flex rounded-md border border-dashed border-line-strong">
          <State icon={Store} title="No shops yet">
            <p>Add those that are to be visited in every period.</p>
          </State>
        </div>
      ) : (
        <>
          <div
            aria-hidden
            className="flex items-center gap-2 border-b border-line pb-1 text-sm font-semibold text-muted"
          >
            <span className="flex-1 pl-12">Shop</span>
            <span className="w-32">Day</span>
            <span className="w-16">Visits</span>
            <span className="w-[93px]" />
          </div>
          <ol ref={list} aria-label="Shops in their order">
            {stops.map((stop, index) => (
              <StopRow
                key={stop.key}
                stop={stop}
                index={index}
                count={stops.length}
                values={values}
                errors={errors.get(stop.key)}
                onMove={move}
                onChange={(typed) => change(index, typed)}
                onRemove={() => remove(index)}
              />
            ))}
          </ol>
        </>
      )}
      {gone.length > 0 && (
        <details className="mt-4">
          <summary className="cursor-pointer text-muted">
            {countWords(gone.length, 'shop')} no longer in it
          </summary>
          <ul aria-label="Shops no longer in it" className="mt-1.5 space-y-1 pl-4 text-muted">
            {gone.map(({ location, name }) => (
              <li key={location.id}>
                {name} · visits due before {dayWords(location.until!)} still count
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

const addShopsId = 'add-shops'

function StopRow({
  stop,
  index,
  count,
  values,
  errors,
  onMove,
  onChange,
  onRemove,
}: {
  stop: StopValues
  index: number
  count: number
  values: CycleValues
  errors: StopErrors | undefined
  onMove: (from: number, to: number) => void
  onChange: (typed: Partial<StopValues>) => void
  onRemove: () => void
}) {
  const [drop, setDrop] = useState<'before' | 'after' | null>(null)
  const { name, address, day, visits } = stop
  const over = (event: DragEvent<HTMLElement>) => {
    if (!event.dataTransfer.types.includes(dragged)) return
    event.preventDefault()
    const { top, height } = event.currentTarget.getBoundingClientRect()
    setDrop(event.clientY < top + height / 2 ? 'before' : 'after')
  }
  const take = (event: DragEvent) => {
    event.preventDefault()
    const from = Number(event.dataTransfer.getData(dragged))
    const gap = drop === 'before' ? index : index + 1
    setDrop(null)
    onMove(from, gap > from ? gap - 1 : gap)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isPressed(event.nativeEvent, 'moveStop')) return
    event.preventDefault()
    onMove(index, index + (event.key === 'ArrowUp' ? -1 : 1))
  }
  const recurrence = { every: Number(values.every), unit: values.unit }
  const dayName = windowDayWords(Number(day), recurrence, values.startsOn, Number(visits))
  const line = drop && (drop === 'before' ? '-top-px' : '-bottom-px')
  const problems = [
    errors?.shop,
    errors?.day && `Day: ${errors.day}`,
    errors?.visits && `Visits: ${errors.visits}`,
  ]
    .filter((each) => each !== undefined && each !== '')
    .join('. ')
  return (
    <li
      className="relative border-b border-line"
      onDragOver={over}
      onDragLeave={() => setDrop(null)}
      onDrop={take}
      onKeyDown={onKeyDown}
    >
      {line && <span aria-hidden className={`absolute inset-x-0 h-0.5 bg-accent ${line}`} />}
      <div
        draggable
        className="flex min-h-11 items-center gap-2 py-1 hover:bg-surface-2"
        onDragStart={(event) => {
          event.dataTransfer.setData(dragged, String(index))
          event.dataTransfer.effectAllowed = 'move'
        }}
      >
        <GripVertical aria-hidden size={15} className="shrink-0 cursor-grab text-faint" />
        <span className="w-5 shrink-0 text-right text-muted tabular-nums">{index + 1}</span>
        <span className="min-w-0 flex-1">
          <span className="block truncate font-[550]" title={name}>
            {name}
          </span>
          {address && (
            <span className="block truncate text-sm text-muted" title={address}>
              {address}
            </span>
          )}
        </span>
        <span className="flex w-32 shrink-0 items-center gap-2">
          <input
            type="text"
            inputMode="numeric"
            aria-label={`Day of ${name}`}
            aria-invalid={Boolean(errors?.day)}
            autoComplete="off"
            placeholder="Any"
            maxLength={4}
            className="control w-14"
            value={day}
            onChange={(event) => onChange({ day: event.target.value })}
          />
          <span className="min-w-0 truncate text-sm text-muted">{dayName}</span>
        </span>
        <input
          type="text"
          inputMode="numeric"
          aria-label={`Visits to ${name} in each period`}
          aria-invalid={Boolean(errors?.visits)}
          autoComplete="off"
          maxLength={2}
          className="control w-16 shrink-0"
          value={visits}
          onChange={(event) => onChange({ visits: event.target.value })}
        />
        <span className="flex shrink-0">
          <Button
            look="icon"
            aria-label={`Move ${name} up`}
            title="Move up (Alt+↑)"
            disabled={index === 0}
            onClick={() => onMove(index, index - 1)}
          >
            <ArrowUp aria-hidden size={15} />
          </Button>
          <Button
            look="icon"
            aria-label={`Move ${name} down`}
            title="Move down (Alt+↓)"
            disabled={index === count - 1}
            onClick={() => onMove(index, index + 1)}
          >
            <ArrowDown aria-hidden size={15} />
          </Button>
          <Button look="icon" data-remove aria-label={`Take ${name} out`} title="Take out" onClick={onRemove}>
            <X aria-hidden size={15} />
          </Button>
        </span>
      </div>
      {problems && (
        <p role="alert" className="pb-1.5 pl-12 text-sm text-bad">
          {problems}
        </p>
      )}
    </li>
  )
}
