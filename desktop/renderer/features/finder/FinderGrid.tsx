import {
  ColumnApiModule,
  EventApiModule,
  InfiniteRowModelModule,
  ModuleRegistry,
  RenderApiModule,
  RowApiModule,
  RowSelectionModule,
  ScrollApiModule,
  TooltipModule,
  type CellKeyDownEvent,
  type ColDef,
  type GridApi,
} from 'ag-grid-community'
import { AgGridReact } from 'ag-grid-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { useDataChanges } from '../../app/data-changes.ts'
import { type FilterName, goToPage, useFinder } from '../../app/finder.ts'
import { styleNonce } from '../../app/style-nonce.ts'
import { openRecord, useWorkspace } from '../../app/workspace.ts'
import { ColumnHeader, type ColumnHeaderParams, openColumnFilter } from './ColumnHeader.tsx'
import { columns, columnsBesidePanel, Skeleton } from './columns.tsx'
import { gridTheme } from './grid-theme.ts'
import { pageSource } from './page-source.ts'

ModuleRegistry.registerModules([
  ColumnApiModule,
  EventApiModule,
  InfiniteRowModelModule,
  RenderApiModule,
  RowApiModule,
  RowSelectionModule,
  ScrollApiModule,
  TooltipModule,
])

type Api = GridApi<LocalInteraction>

/** One block holds the longest page, so a page is always asked for and shown as a whole. */
const block = 100

const filterOfColumn: Record<string, FilterName> = {
  title: 'title',
  type: 'type',
  lead: 'lead',
  startDateTime: 'start',
  endDateTime: 'end',
  timezone: 'timezone',
  location: 'location',
  status: 'status',
}

const defaultColumn: ColDef<LocalInteraction> = {
  resizable: true,
  sortable: true,
  sortingOrder: ['asc', 'desc'],
  suppressMovable: true,
  suppressHeaderMenuButton: true,
  headerComponent: ColumnHeader,
  cellRendererSelector: ({ data }) => (data ? undefined : { component: Skeleton }),
  suppressKeyboardEvent: ({ event }) => event.key === ' ',
  suppressHeaderKeyboardEvent: ({ event, column }) => {
    if (event.key !== 'ArrowDown' || !event.altKey) return false
    openColumnFilter(column.getUniqueId())
    return true
  },
}

/** The page of records that search, filters and page ask for. New data is put in place: nothing scrolls or loses focus. */
export function FinderGrid({ siteId }: { siteId: string }) {
  const [api, setApi] = useState<Api | null>(null)
  const asked = useFinder(
    (finder) => `${finder.page} ${finder.pageSize} ${finder.search} ${JSON.stringify(finder.filters)}`,
  )
  const panel = useWorkspace((workspace) => workspace.panel)
  const source = useMemo(() => pageSource(siteId), [siteId])
  const openId = panel?.id ?? null
  const beside = panel !== null

  const first = useRef(true)
  useEffect(() => {
    if (!api) return
    if (!first.current) {
      if (api.getDisplayedRowCount() > 0) api.ensureIndexVisible(0, 'top')
      api.refreshInfiniteCache()
    }
    first.current = false
  }, [api, asked])

  useDataChanges(siteId, () => api && source.refresh(api))

  useEffect(() => {
    if (api) markOpen(api, openId)
  }, [api, openId])

  useEffect(() => {
    if (!api) return
    useWorkspace.setState({ focusList: () => focusList(api) })
    return () => useWorkspace.setState({ focusList: null })
  }, [api])

  // Once the panel is gone its focus would be nowhere.
  const hadPanel = useRef(false)
  useEffect(() => {
    if (api && hadPanel.current && !panel && document.activeElement === document.body) focusList(api)
    hadPanel.current = panel !== null
  }, [api, panel])

  const columnDefs = useMemo(
    () =>
      columns.map((column): ColDef<LocalInteraction> => {
        const filter = filterOfColumn[column.field ?? '']
        const params: ColumnHeaderParams = { siteId, ...(filter && { filter }) }
        return {
          ...column,
          hide: beside && !columnsBesidePanel.has(column.field ?? ''),
          headerComponentParams: params,
        }
      }),
    [beside, siteId],
  )

  return (
    <AgGridReact<LocalInteraction>
      theme={gridTheme}
      styleNonce={styleNonce}
      rowModelType="infinite"
      datasource={source.datasource}
      cacheBlockSize={block}
      infiniteInitialRowCount={25}
      maxConcurrentDatasourceRequests={1}
      getRowId={({ data }) => data.id}
      columnDefs={columnDefs}
      defaultColDef={defaultColumn}
      maintainColumnOrder
      rowSelection={{ mode: 'singleRow', checkboxes: false, enableClickSelection: false }}
      tooltipShowDelay={700}
      suppressNoRowsOverlay
      alwaysShowVerticalScroll
      tabToNextCell={() => false}
      tabToNextHeader={() => false}
      onGridReady={(event) => {
        event.api.setGridAriaProperty('label', 'Interactions')
        setApi(event.api)
      }}
      onSortChanged={() => goToPage(0)}
      onRowClicked={({ data }) => data && openRecord(data.id, { focus: false })}
      onCellKeyDown={(event) => openByKey(event as CellKeyDownEvent<LocalInteraction>)}
      onModelUpdated={(event) => {
        markOpen(event.api, useWorkspace.getState().panel?.id ?? null)
        source.restoreFocus(event.api)
      }}
    />
  )
}

function openByKey({ data, event }: CellKeyDownEvent<LocalInteraction>) {
  if (!(event instanceof KeyboardEvent) || !data || (event.key !== 'Enter' && event.key !== ' ')) return
  event.preventDefault()
  openRecord(data.id, { focus: true })
}

function markOpen(api: Api, id: string | null) {
  api.forEachNode((node) => {
    const open = id !== null && node.data?.id === id
    if (node.isSelected() !== open) node.setSelected(open)
  })
}

/** To where the keyboard was, or to the first row. */
function focusList(api: Api) {
  if (api.getDisplayedRowCount() === 0) return
  const cell = api.getFocusedCell()
  const column = cell?.column.isVisible() ? cell.column : 'title'
  const row = Math.min(cell?.rowIndex ?? 0, api.getDisplayedRowCount() - 1)
  api.ensureIndexVisible(row)
  api.setFocusedCell(row, column)
}
