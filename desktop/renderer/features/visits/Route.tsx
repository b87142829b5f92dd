import { Check, ChevronRight, MessageSquareText } from 'lucide-react'
import { useState } from 'react'
import type { Shop } from '#common/contract/shops'
import type { Answer } from '#desktop/bridge/channels'
import type { Stop } from '#desktop/bridge/today'
import { openVisit } from '../../app/workspace.ts'
import { TextButton } from '../../ui/Button.tsx'
import { recentDayWords } from '../../ui/date-words.ts'
import { stepThrough } from '../../ui/step-through.ts'
import { MissDialog } from './MissDialog.tsx'
import { routeWords, stopWords } from './stop-words.ts'

type TodayPlan = Answer<'today.read'>

const keyOf = ({ cycleId, locationId, period, slot }: Stop) => `${cycleId} ${locationId} ${period} ${slot}`

/** The visits that call cycles ask for: those of today in their order, what may be done already, and what was missed. */
export function Route({ plan, onStart }: { plan: TodayPlan; onStart: (shop: Shop) => void }) {
  const [explaining, setExplaining] = useState<Stop | null>(null)
  if (plan.cycles.length === 0) return null
  const of = (group: Stop['group']) => plan.stops.filter((stop) => stop.group === group)
  const [due, open, done, missed] = [of('due'), of('open'), of('done'), of('missed')]
  const unexplained = missed.filter(({ reason }) => reason === null)
  const todays = new Map(plan.cycles.map(({ id, today }) => [id, today]))
  const list = (label: string, stops: readonly Stop[]) => (
    <Stops
      label={label}
      stops={stops}
      todayOf={({ cycleId }) => todays.get(cycleId)!}
      onStart={onStart}
      onExplain={setExplaining}
    />
  )
  return (
    <section aria-label="Route" className="min-w-0 space-y-3">
      <h2 className="flex items-baseline gap-2 font-semibold">
        Route <span className="font-normal text-muted tabular-nums">{routeWords(plan.stops)}</span>
      </h2>
      {due.length > 0 && list('Due', due)}
      {due.length === 0 && (
        <p className="text-muted">
          {done.length > 0 ? 'All that is due today is done.' : 'Nothing is due today.'}
          {plan.next[0] && open.length === 0 && (
            <>
              {' '}
              Next: {plan.next[0].shopName}, {recentDayWords(plan.next[0].dueOn, plan.cycles[0]!.today)}.
            </>
          )}
        </p>
      )}
      {done.length > 0 && list('Done', done)}
      {open.length > 0 && <Later title="Can be done already" stops={open} list={list} />}
      {missed.length > 0 && (
        <Later
          title={unexplained.length > 0 ? 'Missed, without a reason' : 'Missed'}
          stops={unexplained.length > 0 ? unexplained : missed}
          list={list}
        />
      )}
      {explaining && <MissDialog stop={explaining} onClose={() => setExplaining(null)} />}
    </section>
  )
}

/** Shown of a group at first. */
const fewStops = 3

function Later({
  title,
  stops,
  list,
}: {
  title: string
  stops: readonly Stop[]
  list: (label: string, stops: readonly Stop[]) => React.ReactNode
}) {
  const [all, setAll] = useState(false)
  return (
    <div>
      <h3 className="mb-1.5 flex items-baseline gap-2 text-muted">
        {title} <span className="tabular-nums">{stops.length}</span>
      </h3>
      {list(title, all ? stops : stops.slice(0, fewStops))}
      {stops.length > fewStops && (
        <div className="mt-1.5">
          <TextButton onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${stops.length}`}
          </TextButton>
        </div>
      )}
    </div>
  )
}

function Stops({
  label,
  stops,
  todayOf,
  onStart,
  onExplain,
}: {
  label: string
  stops: readonly Stop[]
  todayOf: (stop: Stop) => string
  onStart: (shop: Shop) => void
  onExplain: (stop: Stop) => void
}) {
  return (
    <ul
      aria-label={label}
      className="divide-y divide-line overflow-hidden rounded-md border border-line"
      onKeyDown={stepThrough}
    >
      {stops.map((stop) => (
        <li key={keyOf(stop)} className="flex items-stretch">
          <StopButton stop={stop} today={todayOf(stop)} onStart={onStart} />
          {stop.group !== 'done' && (
            <button
              type="button"
              className="shrink-0 px-3 text-muted -outline-offset-2 hover:bg-surface-2 hover:text-text"
              title={stop.reason === null ? 'Say why it is not made' : 'Change the reason'}
              aria-label={`${stop.reason === null ? 'Say why' : 'Change why'} ${stop.shop?.name ?? 'this shop'} is not visited`}
              onClick={() => onExplain(stop)}
            >
              <MessageSquareText aria-hidden size={15} />
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}

/** Goes on with the visit there, opens the one that was made, or begins one. */
function StopButton({ stop, today, onStart }: { stop: Stop; today: string; onStart: (shop: Shop) => void }) {
  const { group, shop, visit, isMine, goingVisitId, reason, problem, unsent, dueOn } = stop
  const isDone = group === 'done'
  const mayOpen = isDone ? isMine : goingVisitId !== null || (shop?.active ?? false)
  const open = () => {
    if (isDone) openVisit(visit!.id, 'today')
    else if (goingVisitId) openVisit(goingVisitId, 'today')
    else onStart(shop!)
  }
  const isLate = group === 'due' && dueOn < today
  return (
    <button
      type="button"
      disabled={!mayOpen}
      className="flex min-w-0 flex-1 items-center gap-3 px-3 py-2 text-left -outline-offset-2 enabled:hover:bg-surface-2"
      onClick={open}
    >
      {isDone && (
        <span className="grid size-5 shrink-0 place-items-center rounded-full bg-good-soft text-good">
          <Check aria-hidden size={13} />
        </span>
      )}
      <span className="min-w-0 flex-1">
        <span className={`block truncate ${isDone ? 'text-muted' : 'font-[550]'}`}>
          {shop?.name ?? 'A shop that is not on this device'}
        </span>
        {!isDone && <span className="block truncate text-muted">{shop?.address}</span>}
        {reason !== null && <span className="block truncate text-sm text-muted">“{reason}”</span>}
        {problem !== null && (
          <span className="block text-sm text-bad">The reason was not taken: {problem}</span>
        )}
        {unsent && problem === null && <span className="block text-sm text-warn">Reason not sent yet</span>}
      </span>
      <span className="shrink-0 text-right text-sm tabular-nums">
        <span className={isLate || group === 'missed' ? 'text-warn' : 'text-muted'}>
          {stopWords(stop, today)}
        </span>
        {goingVisitId && !isDone && <span className="block font-[550] text-accent">Continue</span>}
      </span>
      {mayOpen && <ChevronRight aria-hidden size={15} className="shrink-0 text-faint" />}
    </button>
  )
}
