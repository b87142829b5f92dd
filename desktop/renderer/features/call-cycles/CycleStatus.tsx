import { CalendarCheck, ChevronLeft, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import type { Adherence, CycleSlot, SlotStatus, WholeCycle } from '#common/contract/call-cycles'
import { dateOfDay, dayNumber } from '#common/rules/calendar'
import type { Answer } from '#desktop/bridge/channels'
import { Failed, Loading } from '../../app/AdminScreen.tsx'
import { ask } from '../../app/bridge.ts'
import { useSync } from '../../app/sync.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { Button } from '../../ui/Button.tsx'
import { countWords, dayRangeWords, dayWords, numberWords } from '../../ui/date-words.ts'
import { Freshness } from '../../ui/Freshness.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { slotStatusWords } from '../../ui/slot-words.ts'
import { State } from '../../ui/State.tsx'
import { stepThrough } from '../../ui/step-through.ts'
import { CycleSlots } from './CycleSlots.tsx'
import { adherenceWords, missedWords, weekdayOf } from './cycle-words.ts'

type Status = Answer<'cycles.status'>

/** Days by which the periods that are shown move, where the periods themselves are shorter. */
const leastStep = 28

/** How a cycle is kept: its periods, each with what was covered and missed, and the visits of one of them. */
export function CycleStatus({ whole }: { whole: WholeCycle }) {
  const online = useSync((sync) => sync.online)
  const { id } = whole.cycle
  const [range, setRange] = useState<{ from: string; to: string } | null>(null)
  const { value, problem, reload } = useAnswer(`${online} ${id} ${JSON.stringify(range)}`, () =>
    ask('cycles.status', { id, ...range }),
  )
  const [chosen, setChosen] = useState<string | null>(null)
  if (!value)
    return (
      <div className="flex flex-1 flex-col p-5">
        {problem ? (
          <Failed problem={problem} title="It could not be read" onRetry={() => void reload()} />
        ) : (
          <Loading words="Reading how it is kept" />
        )}
      </div>
    )
  const { periods, today } = value
  const current = periods.find(({ start, end }) => start <= today && today <= end)
  const period = periods.find(({ start }) => start === chosen) ?? current ?? periods.at(-1)
  const move = (way: 1 | -1) => {
    const [from, to] = [dayNumber(value.from), dayNumber(value.to)]
    const step = Math.max(to - from + 1, leastStep)
    setChosen(null)
    setRange(
      way === 1
        ? { from: dateOfDay(to + 1), to: dateOfDay(to + step) }
        : { from: dateOfDay(from - step), to: dateOfDay(from - 1) },
    )
  }
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="max-w-[84rem] px-5 py-4">
        <div className="mb-4 flex flex-wrap items-start gap-x-8 gap-y-3">
          <Figures total={value.total} />
          <span className="ml-auto">
            <Freshness asOf={value.asOf} onRefresh={() => void reload()} />
          </span>
        </div>
        {problem && <ProblemNotice problem={problem} className="mb-3" />}
        <div className="grid gap-x-8 gap-y-6 min-[64rem]:grid-cols-[22rem_minmax(0,1fr)]">
          <div className="min-w-0 space-y-6">
            <section aria-label="Periods">
              <div className="mb-1.5 flex items-center gap-1">
                <h2 className="flex-1 font-semibold">Periods</h2>
                {range && (
                  <Button look="quiet" onClick={() => (setRange(null), setChosen(null))}>
                    Today
                  </Button>
                )}
                <Button
                  look="icon"
                  aria-label="Earlier periods"
                  disabled={value.from <= whole.cycle.startsOn}
                  onClick={() => move(-1)}
                >
                  <ChevronLeft aria-hidden size={15} />
                </Button>
                <Button look="icon" aria-label="Later periods" onClick={() => move(1)}>
                  <ChevronRight aria-hidden size={15} />
                </Button>
              </div>
              {periods.length === 0 ? (
                <p className="text-muted">There is no period {dayRangeWords(value.from, value.to)}.</p>
              ) : (
                <ul
                  aria-label="Periods"
                  className="divide-y divide-line overflow-hidden rounded-md border border-line"
                  onKeyDown={stepThrough}
                >
                  {periods.map((each) => (
                    <li key={each.start}>
                      <PeriodRow
                        period={each}
                        isCurrent={each === current}
                        isChosen={each === period}
                        onChoose={() => setChosen(each.start)}
                      />
                    </li>
                  ))}
                </ul>
              )}
              <Legend />
            </section>
            <Next whole={whole} slots={value.next} />
          </div>
          {period ? (
            <CycleSlots
              key={period.start}
              whole={whole}
              period={period}
              today={today}
              slots={value.slots.filter((slot) => slot.period === period.start)}
              onChanged={() => void reload()}
            />
          ) : (
            <State icon={CalendarCheck} title="Nothing was to be done then" />
          )}
        </div>
      </div>
    </div>
  )
}

const Figures = ({ total }: { total: Adherence }) => (
  <dl className="flex flex-wrap gap-x-8 gap-y-3">
    {(
      [
        ['Kept', adherenceWords(total), missedWords(total)],
        ['Covered', numberWords(total.covered), null],
        ['Due now', numberWords(total.due), null],
        ['Planned', numberWords(total.planned), null],
      ] as const
    ).map(([term, figure, detail]) => (
      <div key={term}>
        <dt className="text-muted">{term}</dt>
        <dd className="text-2xl font-semibold tracking-tight tabular-nums">{figure}</dd>
        {detail && <dd className="text-sm text-muted">{detail}</dd>}
      </div>
    ))}
  </dl>
)

const order: readonly SlotStatus[] = ['covered', 'missed', 'due', 'planned']
const colours: Record<SlotStatus, string> = {
  covered: 'bg-accent',
  missed: 'bg-warn',
  due: 'bg-blue',
  planned: 'bg-line-strong',
}

function PeriodRow({
  period,
  isCurrent,
  isChosen,
  onChoose,
}: {
  period: Status['periods'][number]
  isCurrent: boolean
  isChosen: boolean
  onChoose: () => void
}) {
  const all = order.reduce((sum, status) => sum + period[status], 0)
  return (
    <button
      type="button"
      aria-current={isChosen ? 'true' : undefined}
      className="block w-full px-3 py-2 text-left -outline-offset-2 hover:bg-surface-2 aria-[current]:bg-accent-soft"
      onClick={onChoose}
    >
      <span className="flex items-baseline gap-2">
        <span className="min-w-0 flex-1 truncate font-[550] tabular-nums">
          {dayRangeWords(period.start, period.end)}
        </span>
        {isCurrent && <span className="text-sm text-accent">Now</span>}
        <span className="tabular-nums">{all === 0 ? 'No visits' : adherenceWords(period)}</span>
      </span>
      <span aria-hidden className="mt-1.5 flex h-2 gap-px overflow-hidden rounded-full bg-surface-2">
        {order.map((status) =>
          period[status] > 0 ? (
            <span key={status} className={colours[status]} style={{ flexGrow: period[status] }} />
          ) : null,
        )}
      </span>
      <span className="mt-1 block truncate text-sm text-muted">
        {order
          .filter((status) => period[status] > 0)
          .map((status) => `${numberWords(period[status])} ${slotStatusWords[status].words.toLowerCase()}`)
          .join(', ') || 'Nothing was to be done'}
      </span>
    </button>
  )
}

const Legend = () => (
  <p aria-hidden className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-sm text-muted">
    {order.map((status) => (
      <span key={status} className="flex items-center gap-1.5">
        <span className={`size-2.5 rounded-full ${colours[status]}`} />
        {slotStatusWords[status].words}
      </span>
    ))}
  </p>
)

function Next({ whole, slots }: { whole: WholeCycle; slots: readonly CycleSlot[] }) {
  const names = new Map(whole.shops.map(({ id, name }) => [id, name]))
  return (
    <section aria-label="Next visits">
      <h2 className="mb-1.5 font-semibold">Next visits</h2>
      {slots.length === 0 ? (
        <p className="text-muted">Nothing more is planned.</p>
      ) : (
        <ol aria-label="Next visits" className="space-y-1">
          {slots.map((slot) => (
            <li key={`${slot.locationId} ${slot.period} ${slot.slot}`} className="flex gap-3">
              <span className="min-w-0 flex-1 truncate">{names.get(slot.shopId) ?? 'A shop'}</span>
              <span className="shrink-0 text-muted tabular-nums">
                {weekdayOf(slot.dueOn)} {dayWords(slot.dueOn)}
              </span>
            </li>
          ))}
        </ol>
      )}
      <p className="sr-only">{countWords(slots.length, 'visit')}</p>
    </section>
  )
}
