import { CalendarX } from 'lucide-react'
import { useState } from 'react'
import { type CycleSlot, type SlotStatus, slotStatuses, type WholeCycle } from '#common/contract/call-cycles'
import { ask } from '../../app/bridge.ts'
import { ReasonDialog } from '../../app/ReasonDialog.tsx'
import { useMay, useSession } from '../../app/session.ts'
import { useSync } from '../../app/sync.ts'
import { openVisit } from '../../app/workspace.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { Choice } from '../../ui/Choice.tsx'
import { countWords, dayRangeWords, dayWords } from '../../ui/date-words.ts'
import { Pages } from '../../ui/Pages.tsx'
import { Pill } from '../../ui/Pill.tsx'
import { slotStatusWords } from '../../ui/slot-words.ts'
import { State } from '../../ui/State.tsx'
import { stepThrough } from '../../ui/step-through.ts'
import { cell, head } from '../../ui/table.ts'
import { weekdayOf } from './cycle-words.ts'

const pageSize = 100
const column = `${head} sticky top-0 bg-surface`

/** The visits of a period as they fall due, with what became of each, and why where that was said. */
export function CycleSlots({
  whole,
  period,
  today,
  slots,
  onChanged,
}: {
  whole: WholeCycle
  period: { start: string; end: string }
  today: string
  slots: readonly CycleSlot[]
  onChanged: () => void
}) {
  const online = useSync((sync) => sync.online)
  const ownId = useSession(({ user }) => user?.id)
  const mayExcuse = useMay('callCycle.excuse') && (whole.mayManage || whole.cycle.userId === ownId)
  const [status, setStatus] = useState<SlotStatus | null>(null)
  const [page, setPage] = useState(1)
  const [asked, setAsked] = useState<CycleSlot | null>(null)
  const shops = new Map(whole.shops.map((shop) => [shop.id, shop]))
  const nameOf = ({ shopId }: CycleSlot) => shops.get(shopId)?.name ?? 'A shop that is not there any more'
  const found = status === null ? slots : slots.filter((slot) => slot.status === status)
  const shown = found.slice((page - 1) * pageSize, page * pageSize)
  return (
    <section aria-label="Visits of the period" className="min-w-0">
      <div className="mb-2 flex flex-wrap items-center gap-3">
        <h2 className="font-semibold tabular-nums">{dayRangeWords(period.start, period.end)}</h2>
        <Choice
          label="Status"
          none="Any status"
          value={status}
          options={slotStatuses.map((each) => [each, slotStatusWords[each].words])}
          onChange={(next) => {
            setStatus(next)
            setPage(1)
          }}
        />
        <span role="status" className="ml-auto text-muted tabular-nums">
          {countWords(found.length, 'visit')}
        </span>
      </div>
      {found.length === 0 ? (
        <State icon={CalendarX} title={status === null ? 'Nothing was to be done' : 'No visit like this'} />
      ) : (
        <table className="w-full table-fixed border-separate border-spacing-0">
          <caption className="sr-only">Visits of the period</caption>
          <thead>
            <tr>
              <th scope="col" className={column}>
                Shop
              </th>
              <th scope="col" className={`${column} w-36`}>
                Due
              </th>
              <th scope="col" className={`${column} w-24`}>
                Status
              </th>
              <th scope="col" className={`${column} w-[34%]`}>
                What became of it
              </th>
            </tr>
          </thead>
          <tbody onKeyDown={stepThrough}>
            {shown.map((slot) => {
              const { visit, reason } = slot
              const { words, tone } = slotStatusWords[slot.status]
              const name = nameOf(slot)
              return (
                <tr key={`${slot.locationId} ${slot.slot}`}>
                  <th scope="row" className={`${cell} truncate text-left font-[550]`} title={name}>
                    {name}
                  </th>
                  <td className={`${cell} text-muted tabular-nums`}>
                    {slot.dueOn === today ? 'Today' : `${weekdayOf(slot.dueOn)} ${dayWords(slot.dueOn)}`}
                  </td>
                  <td className={`${cell} [&>.pill]:align-middle`}>
                    <Pill tone={tone}>{words}</Pill>
                  </td>
                  <td className={cell}>
                    <span className="flex items-center gap-2">
                      {visit && (
                        <TextButton
                          className="truncate"
                          aria-label={`Visited ${weekdayOf(visit.date)} ${dayWords(visit.date)}: the visit to ${name}`}
                          onClick={() => openVisit(visit.id, 'visits')}
                        >
                          Visited {weekdayOf(visit.date)} {dayWords(visit.date)}
                        </TextButton>
                      )}
                      {!visit && reason && (
                        <span className="min-w-0 flex-1 truncate" title={reason}>
                          {reason}
                        </span>
                      )}
                      {!visit && mayExcuse && (
                        <Button
                          look="quiet"
                          className={reason ? '-my-1' : '-my-1 -ml-3'}
                          disabled={!online}
                          aria-label={reason ? `Change… the reason for ${name}` : `Say why… ${name}`}
                          onClick={() => setAsked(slot)}
                        >
                          {reason ? 'Change…' : 'Say why…'}
                        </Button>
                      )}
                    </span>
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
      <Pages page={page} pageSize={pageSize} total={found.length} onPage={setPage} />
      {asked && (
        <ReasonDialog
          title={asked.status === 'missed' ? 'Why was it missed?' : 'Why will it not be made?'}
          shopName={nameOf(asked)}
          reason={asked.reason}
          onSave={async (reason) => {
            const { locationId, period: start, slot } = asked
            await ask('cycles.explain', { id: whole.cycle.id, locationId, period: start, slot, reason })
            onChanged()
          }}
          onClose={() => setAsked(null)}
        />
      )}
    </section>
  )
}
