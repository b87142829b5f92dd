import {
  ColumnApiModule,
  EventApiModule,
  InfiniteRowModelModule,
  ModuleRegistry,
  RenderApiModule,
  RowApiModule,
  RowSelectionModule,
  RowStyleModule,
  ScrollApiModule,
  TooltipModule,
  type CellKeyDownEvent,
  type ColDef,
  type ColumnEventType,
  type GridApi,
  type RowClassRules,
} from 'ag-grid-community'
import { AgGridReact } from 'ag-grid-react'
import { memo, type RefCallback, useEffect, useMemo, useRef, useState } from 'react'
import { sortFields } from '#common/contract/interactions'
import type { SortKey } from '#common/rules/finder-query'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { useDataChanges } from '../../app/data-changes.ts'
import {
  columnLayout,
  type FilterName,
  layOut,
  sortBy,
  useColumnLayout,
  useFinder,
  usePaging,
} from '../../app/finder.ts'
import { isPressed } from '../../app/keys.ts'
import { useLookups } from '../../app/lookups.ts'
import { styleNonce } from '../../app/style-nonce.ts'
import { openRecord, useWorkspace } from '../../app/workspace.ts'
import { ChosenHeader, ColumnHeader, type ColumnHeaderParams, openColumnFilter } from './ColumnHeader.tsx'
import { chosenColumn, columns, columnsBesidePanel, columnStarts, PeopleContext } from './columns.tsx'
import { markFound } from './found-marks.ts'
import { gridTheme } from './grid-theme.ts'
import { fromGrid, gridState, layoutOf, placed } from './layout.ts'
import { type PageSource, pageSource } from './page-source.ts'
import { openRowMenu } from './row-menu.ts'
import { tick, tickPage, tickUpTo, untick } from './ticks.ts'

ModuleRegistry.registerModules([
  ColumnApiModule,
  EventApiModule,
  InfiniteRowModelModule,
  RenderApiModule,
  RowApiModule,
  RowSelectionModule,
  RowStyleModule,
  ScrollApiModule,
  TooltipModule,
])

type Api = GridApi<LocalInteraction>

/** One block holds the longest page, so a page is always asked for and shown as a whole. */
const block = 100
/** Blocks of an endless list that are kept, so that little has to be read again when the data changes. */
const blocksKept = 6

/** Rows beyond the screen that are drawn: few while somebody waits for them, then enough that scrolling draws none. */
const rowsAhead = { atOnce: 1, later: 25 }

const filterOfColumn: Record<string, FilterName> = {
  title: 'title',
  type: 'type',
  lead: 'lead',
  startDateTime: 'start',
  endDateTime: 'end',
  timezone: 'timezone',
  location: 'location',
  status: 'status',
  updatedAt: 'updated',
  description: 'description',
  notes: 'notes',
  createdAt: 'created',
  createdBy: 'createdBy',
  updatedBy: 'updatedBy',
}

const defaultColumn: ColDef<LocalInteraction> = {
  resizable: true,
  sortable: true,
  sortingOrder: ['asc', 'desc'],
  suppressHeaderMenuButton: true,
  headerComponent: ColumnHeader,
  suppressKeyboardEvent: ({ event }) =>
    event.key === ' ' || event.key === 'Escape' || isPressed(event, 'tickPage'),
  suppressHeaderKeyboardEvent: ({ event, column }) => {
    if (!isPressed(event, 'filter') || !filterOfColumn[column.getUniqueId()]) return false
    openColumnFilter(column.getUniqueId())
    return true
  },
}

const rowClasses: RowClassRules<LocalInteraction> = {
  'row-waiting': ({ data }) => data === undefined,
  'row-open': ({ data }) => data !== undefined && data.id === useWorkspace.getState().panel?.id,
}

/** The records that search, filters and page ask for. New data is put in place: nothing scrolls or loses focus. */
export function FinderGrid({ siteId }: { siteId: string }) {
  const [api, setApi] = useState<Api | null>(null)
  const paging = usePaging()
  const sort = useFinder((finder) => finder.sort)
  const sought = useFinder(({ search, filters }) => JSON.stringify([search, filters]))
  const page = useFinder((finder) => finder.page)
  const chosen = useFinder((finder) => finder.chosen)
  const nothing = useFinder(({ found }) => found === 0)
  const layout = useColumnLayout()
  const panel = useWorkspace((workspace) => workspace.panel)
  const { people } = useLookups(siteId)
  const source = useMemo(() => pageSource(siteId), [siteId])
  const beside = useWorkspace(isBeside)
  const openId = panel?.id ?? null

  const asked = `${page} ${paging} ${sought}`
  const seen = useRef({ asked, paging })
  useEffect(() => {
    if (!api) return
    if (seen.current.asked !== asked) {
      if (api.getDisplayedRowCount() > 0) api.ensureIndexVisible(0, 'top')
      if (seen.current.paging === paging) api.refreshInfiniteCache()
      else api.purgeInfiniteCache()
      api.setGridOption('rowBuffer', rowsAhead.atOnce)
    }
    seen.current = { asked, paging }
  }, [api, asked, paging])

  useEffect(() => {
    if (api) sortGrid(api, sort)
  }, [api, sort])

  useEffect(
    () => useFinder.subscribe((now, before) => (isSameQuestion(now, before) ? undefined : source.askAhead())),
    [source],
  )

  useDataChanges(siteId, () => api && source.refresh(api))

  useEffect(() => {
    if (api) markChosen(api, chosen)
  }, [api, chosen])

  useEffect(() => {
    if (api && openId !== null) redraw(api, openId)
    return () => {
      if (api && openId !== null) redraw(api, openId)
    }
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

  // Drawn as the person has them from the first moment; later changes are told to the grid.
  const columnDefs = useMemo(() => startingColumns(siteId), [siteId])
  useEffect(() => {
    if (api) arrange(api, layout, beside)
  }, [api, layout, beside])

  return (
    <PeopleContext value={people}>
      <div ref={marks} className={`h-full ${nothing ? 'rows-hidden' : ''}`}>
        <Grid source={source} columnDefs={columnDefs} onReady={setApi} />
      </div>
    </PeopleContext>
  )
}

const marks: RefCallback<HTMLDivElement> = (grid) => (grid ? markFound(grid) : undefined)

/** The grid itself, which is told of what happens by its `api` and is not drawn again for it. */
const Grid = memo(function Grid({
  source,
  columnDefs,
  onReady,
}: {
  source: PageSource
  columnDefs: ColDef<LocalInteraction>[]
  onReady: (api: Api) => void
}) {
  const excerpted = useRef(useFinder.getState().marked)
  const drawingAhead = useRef(0)
  return (
    <AgGridReact<LocalInteraction>
      theme={gridTheme}
      styleNonce={styleNonce}
      rowModelType="infinite"
      datasource={source.datasource}
      cacheBlockSize={block}
      maxBlocksInCache={blocksKept}
      infiniteInitialRowCount={1}
      rowBuffer={rowsAhead.atOnce}
      maxConcurrentDatasourceRequests={1}
      getRowId={({ data }) => data.id}
      columnDefs={columnDefs}
      defaultColDef={defaultColumn}
      rowClassRules={rowClasses}
      maintainColumnOrder
      suppressDragLeaveHidesColumns
      rowSelection={{
        mode: 'multiRow',
        checkboxes: false,
        headerCheckbox: false,
        enableClickSelection: false,
      }}
      tooltipShowDelay={700}
      suppressNoRowsOverlay
      alwaysShowVerticalScroll
      tabToNextCell={() => false}
      tabToNextHeader={() => false}
      preventDefaultOnContextMenu
      onGridReady={(event) => {
        event.api.setGridAriaProperty('label', 'Interactions')
        onReady(event.api)
      }}
      onSortChanged={({ api, source }) => source !== 'api' && sortBy(sortOf(api))}
      onColumnMoved={({ api, finished, source }) => finished && remember(api, source)}
      onColumnResized={({ api, finished, source }) => finished && remember(api, source)}
      onColumnPinned={({ api, source }) => remember(api, source)}
      onRowClicked={({ data, event }) => {
        if (!data || isOwnControl(event)) return
        const { shiftKey, ctrlKey, metaKey } = event as MouseEvent
        if (shiftKey) void tickUpTo(data.id)
        else if (ctrlKey || metaKey) tick(data.id)
        else openRecord(data.id, { focus: false })
      }}
      onCellContextMenu={({ data, event }) => {
        // By keyboard it comes without a place; the key itself has opened the menu then.
        if (!data || !(event instanceof PointerEvent) || event.button !== 2) return
        openRowMenu(data, { left: event.clientX, top: event.clientY })
      }}
      onCellKeyDown={(event) => pressInList(event as CellKeyDownEvent<LocalInteraction>)}
      onModelUpdated={({ api }) => {
        markChosen(api, useFinder.getState().chosen)
        excerpted.current = excerptAgain(api, excerpted.current)
        if (useFinder.getState().found === 0) api.setGridAriaProperty('rowcount', '1')
        source.restoreFocus(api)
        cancelIdleCallback(drawingAhead.current)
        drawingAhead.current = requestIdleCallback(
          () => api.isDestroyed() || api.setGridOption('rowBuffer', rowsAhead.later),
          { timeout: 1000 },
        )
      }}
    />
  )
})

type Asked = Pick<ReturnType<typeof useFinder.getState>, 'search' | 'filters' | 'sort' | 'page'>
const isSameQuestion = (a: Asked, b: Asked) =>
  a.search === b.search && a.filters === b.filters && a.sort === b.sort && a.page === b.page

/** Beside an open record the columns are not the person's. */
const isBeside = ({ panel, panelHasRoom }: ReturnType<typeof useWorkspace.getState>) =>
  panel !== null && panelHasRoom

/** What the person dragged. */
function remember(api: Api, source: ColumnEventType) {
  if (isBeside(useWorkspace.getState()) || !source.startsWith('ui')) return
  layOut(layoutOf(placed(layoutOf(fromGrid(api.getColumnState(), columnStarts)), columnStarts)))
}

/** The grid hears of a click before the control in the cell does. */
const isOwnControl = (event: Event | null | undefined) =>
  event?.target instanceof Element && event.target.closest('[col-id=chosen], .row-menu-button') !== null

function startingColumns(siteId: string): ColDef<LocalInteraction>[] {
  const state = gridState(placed(columnLayout(), columnStarts), columnStarts, null)
  return [
    { ...chosenColumn, headerComponent: ChosenHeader },
    ...state.map(({ colId, hide, pinned, width, flex }): ColDef<LocalInteraction> => {
      const {
        hide: _hide,
        width: _width,
        flex: _flex,
        ...column
      } = columns.find(({ field }) => field === colId)!
      const filter = filterOfColumn[colId]
      const params: ColumnHeaderParams = { siteId, ...(filter && { filter }) }
      return {
        ...column,
        initialHide: hide ?? false,
        ...(pinned && { initialPinned: pinned }),
        ...(width != null && { initialWidth: width }),
        ...(flex != null && { initialFlex: flex }),
        headerComponentParams: params,
      }
    }),
  ]
}

/** The ticks stand before the first column, at whichever side that is. */
function arrange(api: Api, layout: ReturnType<typeof columnLayout>, beside: boolean) {
  const state = gridState(placed(layout, columnStarts), columnStarts, beside ? columnsBesidePanel : null)
  const pinned = state.some((column) => column.pinned === 'left' && !column.hide) ? 'left' : null
  api.applyColumnState({ state: [{ colId: 'chosen', pinned }, ...state], applyOrder: true })
}

const sortOf = (api: Api): SortKey[] =>
  api
    .getColumnState()
    .filter(({ sort }) => sort)
    .toSorted((a, b) => (a.sortIndex ?? 0) - (b.sortIndex ?? 0))
    .flatMap(({ colId, sort }) => {
      const field = sortFields.find((name) => name === colId)
      return field ? [{ field, descending: sort === 'desc' }] : []
    })

function sortGrid(api: Api, sort: readonly SortKey[]) {
  if (JSON.stringify(sortOf(api)) === JSON.stringify(sort)) return
  api.applyColumnState({
    state: sort.map(({ field, descending }, sortIndex) => ({
      colId: field,
      sort: descending ? ('desc' as const) : ('asc' as const),
      sortIndex,
    })),
    defaultState: { sort: null },
  })
}

function pressInList({ data, event, api, rowIndex }: CellKeyDownEvent<LocalInteraction>) {
  if (!(event instanceof KeyboardEvent) || !data) return
  const act = (work: () => void) => {
    event.preventDefault()
    work()
  }
  if (isPressed(event, 'open')) act(() => openRecord(data.id, { focus: true }))
  else if (isPressed(event, 'tick')) act(() => tick(data.id))
  else if (isPressed(event, 'tickUpTo')) act(() => void tickUpTo(data.id))
  else if (isPressed(event, 'tickPage')) act(() => void tickPage())
  else if (isPressed(event, 'untick') && useFinder.getState().chosen.size > 0) act(untick)
  else if (isPressed(event, 'tickOn')) {
    const here = api.getFocusedCell()?.rowIndex ?? rowIndex
    const next = here !== null && api.getDisplayedRowAtIndex(here)?.data?.id
    act(() => {
      const { chosen } = useFinder.getState()
      if (!chosen.has(data.id)) tick(data.id)
      if (next) void tickUpTo(next)
    })
  } else if (isPressed(event, 'actions')) {
    const cell = document.activeElement?.closest('[role=gridcell]') ?? null
    const { left = 0, bottom = 0 } = cell?.getBoundingClientRect() ?? {}
    act(() => openRowMenu(data, { left: left + 12, top: bottom }))
  }
}

function markChosen(api: Api, chosen: ReadonlySet<string>) {
  api.forEachNode((node) => {
    const on = node.data !== undefined && chosen.has(node.data.id)
    if (node.isSelected() !== on) node.setSelected(on)
  })
}

/** Long texts show where something occurs, so they change with what is marked. */
function excerptAgain(api: Api, before: object) {
  const { marked } = useFinder.getState()
  if (marked !== before) api.refreshCells({ force: true, columns: ['description', 'notes'] })
  return marked
}

/** Looks at a row's classes again. */
function redraw(api: Api, id: string) {
  if (api.isDestroyed()) return
  const node = api.getRowNode(id)
  if (node?.data) node.updateData(node.data)
}

/** To where the keyboard was, or to the first row. */
function focusList(api: Api) {
  if (api.getDisplayedRowCount() === 0 || useFinder.getState().found === 0) return
  const cell = api.getFocusedCell()
  const column = cell?.column.isVisible() ? cell.column : 'title'
  const row = Math.min(cell?.rowIndex ?? 0, api.getDisplayedRowCount() - 1)
  api.ensureIndexVisible(row)
  api.setFocusedCell(row, column)
}
