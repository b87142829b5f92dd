import { useRef, useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import type { CallCycle, WholeCycle } from '#common/contract/call-cycles'
import type { Shop } from '#common/contract/shops'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { useFormGuard, whenSaved } from '../../app/form-guard.ts'
import { useSync } from '../../app/sync.ts'
import { tell } from '../../app/workspace.ts'
import { asSentence, type FieldErrors, isSaid, withoutErrors } from '../../ui/field-errors.ts'
import { useFocusWrong } from '../../ui/focus-wrong.ts'
import { Notice } from '../../ui/Notice.tsx'
import { PanelFooter } from '../../ui/PanelFooter.tsx'
import { AddShops } from './AddShops.tsx'
import { CycleFieldSet } from './CycleFieldSet.tsx'
import { CycleStops } from './CycleStops.tsx'
import { hasBegun } from './cycle-words.ts'
import {
  cycleChanges,
  type CycleTarget,
  type CycleValues,
  isThere,
  readCycle,
  rebased,
  sortedErrors,
  type StopErrors,
  valuesOf,
} from './cycle-values.ts'

const noStopErrors: ReadonlyMap<string, StopErrors> = new Map()

/** A cycle being written: what it is, and its shops in their order. */
export function CycleForm({
  siteId,
  whole,
  start,
  onSaved,
  onReread,
  onClose,
}: {
  siteId: string
  /** Null for a new one. */
  whole: WholeCycle | null
  /** What the form begins with. */
  start: CycleValues
  onSaved: (cycle: CallCycle) => void
  /** The cycle as it is by now; null where it cannot be read. */
  onReread: () => Promise<WholeCycle | null>
  onClose: () => void
}) {
  const online = useSync((sync) => sync.online)
  // The same when it is sent again, so that it is not made twice.
  const [id] = useState(() => whole?.cycle.id ?? uuidv7())
  const [saved, setSaved] = useState(start)
  const [values, setValues] = useState(start)
  const [version, setVersion] = useState(whole?.cycle.version ?? 0)
  const [errors, setErrors] = useState<FieldErrors<CycleTarget>>({})
  const [ofStops, setOfStops] = useState(noStopErrors)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [news, setNews] = useState('')
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [adding, setAdding] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const focusWrong = useFocusWrong(form)
  const dirty = whole ? isSaid(cycleChanges(saved, values)) : JSON.stringify(values) !== JSON.stringify(saved)
  // One that asks for other visits than before ended, too; its shop has not left.
  const gone = (whole?.cycle.locations ?? [])
    .filter((each) => !isThere(each) && !values.stops.some(({ shopId }) => shopId === each.shopId))
    .map((location) => ({
      location,
      name: whole!.shops.find(({ id: each }) => each === location.shopId)?.name ?? 'A shop',
    }))

  const write = (typed: Partial<CycleValues>) => {
    setValues((before) => ({ ...before, ...typed }))
    setErrors(withoutErrors(errors, typed))
    if (typed.stops) setOfStops(noStopErrors)
    setNote('')
  }
  const tellProblem = async (failure: Problem) => {
    const found = sortedErrors(failure.details, values.stops)
    setErrors(found.errors)
    setOfStops(found.ofStops)
    if (isSaid(found.errors) || found.ofStops.size > 0) return
    const now = failure.code === 'CONFLICT' && whole ? await onReread() : null
    if (now && now.cycle.version !== version) {
      const next = valuesOf(now)
      setSaved(next)
      setVersion(now.cycle.version)
      setValues((typed) => rebased(typed, saved, next))
      setNews(
        'Somebody else has just changed this call cycle. What you typed is kept: look it over, then save again.',
      )
    } else setProblem(asSentence(failure))
  }
  const save = async (): Promise<boolean> => {
    setProblem(null)
    setNews('')
    setNote('')
    if (whole && !dirty) {
      setNote('No changes to save')
      return true
    }
    const read = readCycle(values)
    setErrors(read.errors)
    setOfStops(read.ofStops)
    focusWrong()
    if (isSaid(read.errors) || read.ofStops.size > 0 || busy) return false
    setBusy(true)
    const markSaved = whenSaved()
    try {
      const { cycle } = whole
        ? await ask('cycles.update', { id, version, ...cycleChanges(saved, values) })
        : await ask('cycles.add', { id, siteId, ...read.fields, locations: read.locations })
      if (whole) {
        setVersion(cycle.version)
        setSaved(values)
        setNote('Saved')
        // The server names the shops that are new to it.
        const now = await onReread()
        if (now) {
          setSaved(valuesOf(now))
          setValues(valuesOf(now))
        }
      } else tell(`${cycle.name} is added.`)
      markSaved()
      onSaved(cycle)
      return true
    } catch (failure) {
      await tellProblem(problemOf(failure))
      return false
    } finally {
      setBusy(false)
    }
  }
  useFormGuard(dirty, save, () => {
    setValues(saved)
    setErrors({})
    setOfStops(noStopErrors)
    setProblem(null)
    setNews('')
  })
  const add = (shops: readonly Shop[]) => {
    setAdding(false)
    write({
      stops: [
        ...values.stops,
        ...shops.map(({ id: shopId, name, address }) => ({
          key: uuidv7(),
          id: null,
          shopId,
          name,
          address,
          day: '',
          visits: '1',
        })),
      ],
    })
  }
  return (
    <form
      ref={form}
      aria-label="Call cycle"
      noValidate
      className="flex min-h-0 flex-1 flex-col"
      onSubmit={(event) => {
        event.preventDefault()
        // A dialog has a form of its own.
        if (event.target === event.currentTarget) void save()
      }}
    >
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="grid max-w-[84rem] gap-x-10 gap-y-6 px-5 py-4 min-[64rem]:grid-cols-[20rem_minmax(0,1fr)]">
          <div>
            {!online && (
              <Notice tone="warn" className="mb-3.5">
                Call cycles are kept on the server. Changes can be saved once you are online.
              </Notice>
            )}
            <CycleFieldSet
              values={values}
              errors={errors}
              isFixed={whole !== null && hasBegun(whole.cycle)}
              autoFocus={whole === null}
              onChange={write}
            />
          </div>
          <CycleStops
            values={values}
            errors={ofStops}
            error={errors.stops}
            gone={gone}
            disabled={!online}
            onChange={(stops) => write({ stops })}
            onAdd={() => setAdding(true)}
          />
        </div>
      </div>
      <PanelFooter
        save={whole ? 'Save' : 'Add'}
        busy={busy}
        news={news}
        problem={problem}
        note={note}
        onClose={onClose}
      />
      {adding && (
        <AddShops
          siteId={siteId}
          there={new Set(values.stops.map(({ shopId }) => shopId))}
          onAdd={add}
          onClose={() => setAdding(false)}
        />
      )}
    </form>
  )
}
