import { useState } from 'react'
import type { coverageRows } from '#common/contract/analytics'
import { type SlotStatus, slotStatuses } from '#common/contract/call-cycles'
import { ask } from '../../app/bridge.ts'
import { openVisit } from '../../app/workspace.ts'
import { Choice } from '../../ui/Choice.tsx'
import { countWords, dayRangeWords, dayWords } from '../../ui/date-words.ts'
import { FormDialog } from '../../ui/FormDialog.tsx'
import { Pages } from '../../ui/Pages.tsx'
import type { Days } from '../../ui/periods.ts'
import { slotStatusWords } from '../../ui/slot-words.ts'
import { queryOf, useFilters } from './analytics-filters.ts'
import { CardProblem } from './ChartCard.tsx'
import { FiguresTable } from './FiguresTable.tsx'
import { useFigures } from './use-figures.ts'

/** The visits behind a figure of coverage, with what became of each; one that was made opens. */
export function SlotsDialog({
  title,
  days,
  rows,
  rowId,
  onClose,
}: {
  title: string
  days: Days
  rows: (typeof coverageRows)[number]
  /** Null: of all rows. */
  rowId: string | null
  onClose: () => void
}) {
  const filters = useFilters()
  const [status, setStatus] = useState<SlotStatus | null>(null)
  const [page, setPage] = useState(1)
  const query = { ...queryOf(filters, days), rows, ...(rowId && { rowId }), ...(status && { status }), page }
  const { value, problem, reload } = useFigures(query, () => ask('analytics.slots', query))
  return (
    <FormDialog
      title={title}
      intro={<p>Due {dayRangeWords(days.from, days.to)}</p>}
      isWide
      send={null}
      busy={false}
      onSend={onClose}
      onClose={onClose}
    >
      <div className="mt-3 flex items-center justify-between gap-3">
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
        <span role="status" className="text-muted">
          {value && countWords(value.total, 'visit')}
        </span>
      </div>
      {problem && <CardProblem problem={problem} onRetry={() => void reload()} />}
      {!value && !problem && <div role="status" aria-label="Counting" className="skeleton mt-4 h-40" />}
      {value && value.slots.length > 0 && (
        <div className="mt-2">
          <FiguresTable
            caption={title}
            table={{
              head: ['Shop', 'By', 'Due', 'Status'],
              words: [1, 2, 3],
              rows: value.slots.map((slot) => {
                const { words } = slotStatusWords[slot.status]
                const { visit } = slot
                return {
                  key: `${slot.locationId} ${slot.period} ${slot.slot}`,
                  cells: [
                    slot.shopName,
                    slot.ownerName,
                    dayWords(slot.dueOn),
                    visit
                      ? { words, onOpen: () => openVisit(visit.id, 'visits') }
                      : slot.reason
                        ? `${words}: ${slot.reason}`
                        : words,
                  ],
                }
              }),
            }}
          />
          <Pages {...value} page={page} onPage={setPage} />
        </div>
      )}
    </FormDialog>
  )
}
