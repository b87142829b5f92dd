import type { ColDef, ITooltipParams, ValueFormatterParams } from 'ag-grid-community'
import type { CustomCellRendererProps } from 'ag-grid-react'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { momentWords, readerZone, recentWords, shortEndWords } from '../../ui/date-words.ts'
import { Pill, typeTone } from '../../ui/Pill.tsx'
import { statusWords } from './filters.ts'

type Cell = CustomCellRendererProps<LocalInteraction>
type Value = ValueFormatterParams<LocalInteraction>
type Tip = ITooltipParams<LocalInteraction>

/** Stands for a value until its row is there. */
export const Skeleton = () => <span className="skeleton inline-block h-2.5 w-3/5 align-middle" />

/** What is not with the server yet, or needs the person, carries a dot; the footer says what the dots mean. */
function Mark({ record }: { record: LocalInteraction }) {
  if (record.needsAttention) {
    return <span role="img" aria-label="Needs attention" className="size-2 shrink-0 rounded-full bg-bad" />
  }
  if (!record.unsent) return null
  return <span role="img" aria-label="Not sent yet" className="size-2 shrink-0 rounded-full bg-warn" />
}

function TitleCell({ data }: Cell) {
  if (!data) return <Skeleton />
  return (
    <span className="flex h-full items-center gap-1.5">
      <Mark record={data} />
      {data.title === null ? (
        <span className="text-muted">No title yet</span>
      ) : (
        <span className="truncate">{data.title}</span>
      )}
    </span>
  )
}

function TypeCell({ data }: Cell) {
  if (!data) return <Skeleton />
  if (!data.type) return null
  return (
    <span className="flex h-full items-center pb-0.5">
      <Pill tone={typeTone(data.type)}>{data.type}</Pill>
    </span>
  )
}

/** In the zone of the record; the reader's own clock on hover where it shows something else. */
function readersTime({ data }: Tip, instant: string | null | undefined) {
  if (!data?.timezone || !instant) return null
  const zone = readerZone()
  const own = momentWords(instant, data.timezone)
  const readers = momentWords(instant, zone)
  return own === readers ? `${own}, ${data.timezone}` : `${own}, ${data.timezone} · your time: ${readers}`
}

function start({ data }: Value) {
  return data?.startDateTime && data.timezone ? momentWords(data.startDateTime, data.timezone) : ''
}

function end({ data }: Value) {
  if (!data?.endDateTime || !data.timezone) return ''
  return data.startDateTime
    ? shortEndWords(data.startDateTime, data.endDateTime, data.timezone)
    : momentWords(data.endDateTime, data.timezone)
}

/** The columns that stay while a record is open beside the list. */
export const columnsBesidePanel = new Set(['title', 'type', 'lead', 'startDateTime'])

export const columns: ColDef<LocalInteraction>[] = [
  {
    field: 'title',
    headerName: 'Title',
    flex: 5,
    minWidth: 190,
    cellRenderer: TitleCell,
    tooltipField: 'title',
  },
  {
    field: 'type',
    headerName: 'Type',
    flex: 1,
    minWidth: 106,
    maxWidth: 150,
    cellRenderer: TypeCell,
    tooltipField: 'type',
  },
  { field: 'lead', headerName: 'Lead', flex: 2, minWidth: 120, tooltipField: 'lead' },
  {
    field: 'startDateTime',
    headerName: 'Start',
    width: 156,
    initialSort: 'desc',
    sortingOrder: ['desc', 'asc'],
    valueFormatter: start,
    tooltipValueGetter: (tip: Tip) => readersTime(tip, tip.data?.startDateTime),
  },
  {
    field: 'endDateTime',
    headerName: 'End',
    flex: 0.9,
    minWidth: 96,
    maxWidth: 112,
    sortingOrder: ['desc', 'asc'],
    valueFormatter: end,
    tooltipValueGetter: (tip: Tip) => readersTime(tip, tip.data?.endDateTime),
  },
  {
    field: 'timezone',
    headerName: 'Time zone',
    flex: 1.6,
    minWidth: 128,
    maxWidth: 160,
    tooltipField: 'timezone',
  },
  { field: 'location', headerName: 'Location', flex: 2, minWidth: 94, tooltipField: 'location' },
  {
    field: 'status',
    headerName: 'Status',
    width: 86,
    valueFormatter: ({ data }: Value) => (data ? statusWords(data.status) : ''),
  },
  {
    field: 'updatedAt',
    headerName: 'Updated',
    width: 102,
    sortingOrder: ['desc', 'asc'],
    valueFormatter: ({ data }: Value) => (data ? recentWords(data.updatedAt, readerZone(), new Date()) : ''),
    tooltipValueGetter: ({ data }: Tip) => data && momentWords(data.updatedAt, readerZone()),
  },
]
