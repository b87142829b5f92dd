import type { ColDef, ITooltipParams, ValueFormatterParams } from 'ag-grid-community'
import type { CustomCellRendererProps } from 'ag-grid-react'
import { createContext, useContext } from 'react'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { momentWords, readerZone, recentWords, shortEndWords } from '../../ui/date-words.ts'
import { Pill, typeTone } from '../../ui/Pill.tsx'
import { useFinder } from '../../app/finder.ts'
import { tick, tickUpTo } from './ticks.ts'
import { type People, statusWords } from './filters.ts'
import type { ColumnStart } from './layout.ts'
import { excerptOf } from '#common/rules/marks'
import { termsIn } from './found-marks.ts'
import { openRowMenu } from './row-menu.ts'

type Cell = CustomCellRendererProps<LocalInteraction>
type Value = ValueFormatterParams<LocalInteraction>
type Tip = ITooltipParams<LocalInteraction>

/** What is not with the server yet, or needs the person, carries a dot; the footer says what the dots mean. */
function Mark({ record }: { record: LocalInteraction }) {
  if (record.needsAttention) {
    return <span role="img" aria-label="Needs attention" className="size-2 shrink-0 rounded-full bg-bad" />
  }
  if (!record.unsent) return null
  return <span role="img" aria-label="Not sent yet" className="size-2 shrink-0 rounded-full bg-warn" />
}

function TitleCell({ data }: Cell) {
  if (!data) return null
  return (
    <span className="flex h-full items-center gap-1.5">
      <Mark record={data} />
      {data.title === null ? (
        <span className="text-muted" data-unmarked>
          No title yet
        </span>
      ) : (
        <span className="truncate">{data.title}</span>
      )}
      <RowMenuButton record={data} />
    </span>
  )
}

/** There while the pointer or the keyboard is on the row. */
function RowMenuButton({ record }: { record: LocalInteraction }) {
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-label="Actions"
      aria-haspopup="menu"
      title="Actions (Shift+F10)"
      className="row-menu-button -mr-1.5 ml-auto size-6 shrink-0 place-items-center text-lg leading-none rounded-sm text-muted hover:bg-line hover:text-text"
      onClick={(event) => {
        event.stopPropagation()
        const { left, bottom } = event.currentTarget.getBoundingClientRect()
        openRowMenu(record, { left, top: bottom })
      }}
    />
  )
}

function ChosenCell({ data }: Cell) {
  const id = data?.id
  const checked = useFinder(({ chosen }) => id !== undefined && chosen.has(id))
  if (!data) return null
  const title = data.title ?? 'No title yet'
  return (
    <label
      className="flex h-full w-full items-center justify-center"
      onClick={(event) => event.stopPropagation()}
    >
      <input
        type="checkbox"
        tabIndex={-1}
        aria-label={`Choose ${title}`}
        className="size-[15px] accent-accent"
        checked={checked}
        onChange={(event) =>
          (event.nativeEvent as MouseEvent).shiftKey ? void tickUpTo(data.id) : tick(data.id)
        }
      />
    </label>
  )
}

/** Names of the people of the tenant, for the cells. */
export const PeopleContext = createContext<People>({})

const personCell = (field: 'createdBy' | 'updatedBy') =>
  function PersonCell({ data }: Cell) {
    const people = useContext(PeopleContext)
    return data ? people[data[field]] : null
  }

/** Text without a component of its own, which a list is drawn faster with. */
const textCell = (field: 'lead' | 'location'): ColDef<LocalInteraction> => ({ field, tooltipField: field })

/** Of a long text the part where what was searched for occurs. */
const longTextCell = (field: 'description' | 'notes'): ColDef<LocalInteraction> => ({
  field,
  tooltipField: field,
  valueFormatter: ({ data }: Value) => excerptOf(data?.[field] ?? '', termsIn(field)),
  width: 240,
  hide: true,
  sortable: false,
})

function TypeCell({ data }: Cell) {
  if (!data?.type) return null
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
    minWidth: 174,
    cellRenderer: TitleCell,
    tooltipField: 'title',
  },
  {
    field: 'type',
    headerName: 'Type',
    flex: 1,
    minWidth: 100,
    maxWidth: 150,
    cellRenderer: TypeCell,
    tooltipField: 'type',
  },
  { ...textCell('lead'), headerName: 'Lead', flex: 2, minWidth: 120 },
  {
    field: 'startDateTime',
    headerName: 'Start',
    width: 156,
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
    width: 140,
    hide: true,
    tooltipField: 'timezone',
  },
  { ...textCell('location'), headerName: 'Location', flex: 2, minWidth: 100 },
  {
    field: 'status',
    headerName: 'Status',
    width: 86,
    valueFormatter: ({ data }: Value) => (data ? statusWords(data.status) : ''),
  },
  {
    field: 'updatedAt',
    headerName: 'Updated',
    width: 96,
    sortingOrder: ['desc', 'asc'],
    valueFormatter: ({ data }: Value) => (data ? recentWords(data.updatedAt, readerZone(), new Date()) : ''),
    tooltipValueGetter: ({ data }: Tip) => data && momentWords(data.updatedAt, readerZone()),
  },
  { ...longTextCell('description'), headerName: 'Description' },
  { ...longTextCell('notes'), headerName: 'Notes' },
  {
    field: 'createdAt',
    headerName: 'Created',
    width: 96,
    hide: true,
    sortingOrder: ['desc', 'asc'],
    valueFormatter: ({ data }: Value) => (data ? recentWords(data.createdAt, readerZone(), new Date()) : ''),
    tooltipValueGetter: ({ data }: Tip) => data && momentWords(data.createdAt, readerZone()),
  },
  {
    field: 'createdBy',
    headerName: 'Created by',
    width: 130,
    hide: true,
    sortable: false,
    cellRenderer: personCell('createdBy'),
  },
  {
    field: 'updatedBy',
    headerName: 'Updated by',
    width: 130,
    hide: true,
    sortable: false,
    cellRenderer: personCell('updatedBy'),
  },
]

/** The ticks before the rows: always there, always first. */
export const chosenColumn: ColDef<LocalInteraction> = {
  colId: 'chosen',
  width: 38,
  minWidth: 38,
  maxWidth: 38,
  resizable: false,
  sortable: false,
  suppressMovable: true,
  lockPosition: 'left',
  cellRenderer: ChosenCell,
}

/** The same columns for those who arrange them. */
export const columnStarts: readonly (ColumnStart & { words: string })[] = columns.map(
  ({ field, headerName, width, flex, hide }) => ({
    name: field!,
    words: headerName!,
    ...(width !== undefined && { width }),
    ...(flex !== undefined && flex !== null && { flex }),
    ...(hide && { hidden: true }),
  }),
)
