import { ChartColumn, Ellipsis, FileSpreadsheet, Image, Table2 } from 'lucide-react'
import { type ReactNode, useRef, useState } from 'react'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { useMayWriteFiles } from '../../app/managed.ts'
import { tell } from '../../app/workspace.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { Menu, MenuItem } from '../../ui/Menu.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { Chart, type ChartHandle, type Draw } from './Chart.tsx'
import { useColours } from './chart-colours.ts'
import { type FigureTable, plainRows } from './figure-table.ts'
import { FiguresTable } from './FiguresTable.tsx'
import { pictureOf } from './picture.ts'
import type { Figures } from './use-figures.ts'

/** What a card shows of the figures it asked for. */
export interface Shown {
  table: FigureTable
  /** Null where there is only the table. */
  chart: {
    /** What the chart says, in a sentence. */
    label: string
    draw: Draw
    height: number
    onPick?: (index: number, series: number) => void
  } | null
  /** Under it. */
  note?: ReactNode
}

/**
 * A chart with its name, as a table where that is preferred, and as a file. It says by itself that it waits, has nothing
 * to show, or failed; what was asked for before pales until the answer is there.
 */
export function ChartCard<T>({
  title,
  about = '',
  actions,
  figures: { value, isOld, problem, reload },
  empty,
  isEmpty,
  show,
  allRows,
  height = 220,
  className = '',
}: {
  title: string
  about?: string
  actions?: ReactNode
  figures: Figures<T>
  /** What to say where there is nothing. */
  empty: string
  isEmpty: (value: T) => boolean
  show: (value: T) => Shown
  /** The whole table for a file, where the card has a page of it. */
  allRows?: () => Promise<FigureTable>
  /** While there is nothing else. */
  height?: number
  className?: string
}) {
  const chart = useRef<ChartHandle>(null)
  const colours = useColours()
  const [asTable, setAsTable] = useState(false)
  const mayWriteFiles = useMayWriteFiles()
  const [failure, setFailure] = useState<Problem | null>(null)
  const hasFigures = value !== null && !isEmpty(value)
  const shown = hasFigures ? show(value) : null
  const save = async (work: () => Promise<{ saved: boolean }>) => {
    setFailure(null)
    try {
      if ((await work()).saved) tell(`${title} is saved.`)
    } catch (error) {
      setFailure(problemOf(error))
    }
  }
  const saveTable = () =>
    save(async () =>
      ask('analytics.saveTable', {
        name: title,
        rows: plainRows(allRows ? await allRows() : shown!.table),
      }),
    )
  const savePicture = () =>
    save(async () =>
      ask('analytics.savePicture', {
        name: title,
        picture: await pictureOf(chart.current!.canvas(colours.surface), { title, about, colours }),
      }),
    )
  const isChart = shown?.chart && !asTable ? shown.chart : null
  return (
    <section
      aria-label={title}
      aria-busy={isOld}
      className={`flex min-w-0 flex-col rounded-lg border border-line bg-surface p-4 ${className}`}
    >
      <div className="mb-3 flex min-h-[31px] flex-wrap items-center gap-x-2 gap-y-1">
        <h2 className="font-semibold">{title}</h2>
        {about && <span className="min-w-0 flex-1 truncate text-muted">{about}</span>}
        {!about && <span className="flex-1" />}
        {actions}
        {shown && (shown.chart || mayWriteFiles) && (
          <Menu
            label={`What to do with ${title}`}
            align="end"
            trigger={
              <Button look="icon" className="-mr-1.5" aria-label={`More for ${title}`}>
                <Ellipsis aria-hidden size={16} />
              </Button>
            }
          >
            {shown.chart && (
              <MenuItem onSelect={() => setAsTable(!asTable)}>
                {asTable ? <ChartColumn aria-hidden size={14} /> : <Table2 aria-hidden size={14} />}
                {asTable ? 'Show as chart' : 'Show as table'}
              </MenuItem>
            )}
            {mayWriteFiles && (
              <MenuItem onSelect={() => void saveTable()}>
                <FileSpreadsheet aria-hidden size={14} /> Save as CSV…
              </MenuItem>
            )}
            {isChart && mayWriteFiles && (
              <MenuItem onSelect={() => void savePicture()}>
                <Image aria-hidden size={14} /> Save as picture…
              </MenuItem>
            )}
          </Menu>
        )}
      </div>
      {failure && <ProblemNotice problem={failure} className="mb-3" />}
      {problem && <CardProblem problem={problem} onRetry={() => void reload()} />}
      {!value && !problem && (
        <div
          role="status"
          aria-label={`Counting for ${title}`}
          className="skeleton w-full"
          style={{ height }}
        />
      )}
      {value && !hasFigures && (
        <p
          role="status"
          className="grid flex-1 place-items-center p-6 text-center text-muted"
          style={{ minHeight: height }}
        >
          {empty}
        </p>
      )}
      {shown && (
        <div className={isOld ? 'opacity-50' : ''}>
          {isChart ? (
            <Chart ref={chart} {...isChart} />
          ) : (
            <div
              role="group"
              aria-label={`${title}, as a table`}
              tabIndex={0}
              className="max-h-80 overflow-auto"
            >
              <FiguresTable caption={title} table={shown.table} />
            </div>
          )}
          {shown.note && <div className="mt-2 text-muted">{shown.note}</div>}
        </div>
      )}
    </section>
  )
}

/** Why there are no figures, or only those of before; `SERVICE_UNAVAILABLE` is told once, by the screen. */
export const CardProblem = ({ problem, onRetry }: { problem: Problem; onRetry: () => void }) => (
  <div role="alert" className="mb-2 text-muted">
    <p>{problem.message}</p>
    {problem.reference && <p className="text-sm select-text">Reference {problem.reference}</p>}
    <TextButton onClick={onRetry}>Try again</TextButton>
  </div>
)
