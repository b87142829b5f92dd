import type { ReactNode } from 'react'
import { ask } from '../../app/bridge.ts'
import { openInteractions } from '../../app/open-interactions.ts'
import { countWords, dayRangeWords } from '../../ui/date-words.ts'
import { FormDialog } from '../../ui/FormDialog.tsx'
import type { Days } from '../../ui/periods.ts'
import { CardProblem } from './ChartCard.tsx'
import { FiguresTable } from './FiguresTable.tsx'
import { countCell } from './figure-table.ts'
import { useFigures } from './use-figures.ts'

/** Interactions of some days, of one type or lead where that is named; empty: of none. */
export interface InteractionsSought extends Days {
  type?: string
  lead?: string
}

export const openSought = (siteId: string, { from, to, type, lead }: InteractionsSought) =>
  openInteractions(siteId, {
    ...(type !== undefined && { type: [type] }),
    ...(lead !== undefined && { lead }),
    start: { from, until: to },
  })

/** In which sites the interactions behind a figure are: the Finder shows those of one at a time. */
export function SitesDialog({ sought, onClose }: { sought: InteractionsSought; onClose: () => void }) {
  const { value, problem, reload } = useFigures(sought, () => ask('analytics.interactions', sought))
  const { type, lead } = sought
  const about = type === undefined ? lead : type
  return (
    <CountsDialog
      title={about === undefined ? 'Interactions' : `Interactions: ${about || 'None'}`}
      days={sought}
      of="Site"
      counts={value?.sites.map((site) => ({ ...site, onOpen: () => openSought(site.id, sought) })) ?? null}
      onClose={onClose}
    >
      {problem && <CardProblem problem={problem} onRetry={() => void reload()} />}
    </CountsDialog>
  )
}

/** A count by something, each with the interactions behind it. `children` stand in place of counts that are not there. */
export function CountsDialog({
  title,
  days,
  of,
  counts,
  onClose,
  children,
}: {
  title: string
  days: Days
  of: 'Site' | 'Type'
  counts: { name: string; count: number; onOpen: () => void }[] | null
  onClose: () => void
  children?: ReactNode
}) {
  const shown = counts?.filter(({ count }) => count > 0)
  return (
    <FormDialog
      title={title}
      intro={
        <p>
          {dayRangeWords(days.from, days.to)}. A number opens the interactions of its {of.toLowerCase()}.
        </p>
      }
      send={null}
      busy={false}
      onSend={onClose}
      onClose={onClose}
    >
      {!shown && (children || <div role="status" aria-label="Counting" className="skeleton mt-4 h-32" />)}
      {shown && (
        <div className="mt-3">
          <FiguresTable
            caption={`Interactions by ${of.toLowerCase()}`}
            table={{
              head: [of, 'Interactions'],
              rows: shown.map(({ name, count, onOpen }) => ({
                key: name,
                cells: [name || 'None', countCell(count, onOpen)],
              })),
            }}
          />
          <p className="mt-2 text-muted">
            {countWords(
              shown.reduce((sum, { count }) => sum + count, 0),
              'interaction',
            )}
          </p>
        </div>
      )}
    </FormDialog>
  )
}
