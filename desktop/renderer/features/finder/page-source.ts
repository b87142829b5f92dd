import type { GridApi, IDatasource, IGetRowsParams } from 'ag-grid-community'
import { sortFields } from '#common/contract/interactions'
import type { FinderQuery, LocalInteraction } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { answered, failed, goToPage, useFinder } from '../../app/finder.ts'
import { readerZone } from '../../ui/date-words.ts'
import { filterOf } from './filters.ts'

type Api = GridApi<LocalInteraction>

/** Answers the grid's questions with the page the Finder is on. */
export function pageSource(siteId: string) {
  let newest = 0
  let open = 0
  let outdated: Api | null = null
  let focused: { id: string; column: string } | null = null

  async function load({ sortModel, successCallback, failCallback }: IGetRowsParams) {
    const mine = ++newest
    open += 1
    try {
      const query = queryOf(siteId, sortModel)
      const { rows, found, total } = await ask('finder.query', query)
      successCallback(rows, rows.length)
      if (mine === newest) {
        answered(found, total)
        const last = Math.max(0, Math.ceil(found / query.limit) - 1)
        if (query.offset > last * query.limit) goToPage(last)
      }
    } catch (error) {
      failCallback()
      if (mine === newest) failed(problemOf(error))
    }
    open -= 1
    if (outdated && open === 0) refresh(outdated)
  }

  /**
   * Puts the records as they are now in place of what is shown. While an answer is under way it waits for that one:
   * the grid throws an answer away once it is asked again, and during a first sync would never show any.
   */
  function refresh(api: Api) {
    outdated = open > 0 ? api : null
    if (outdated || api.isDestroyed()) return
    const cell = api.getFocusedCell()
    const id = cell && api.getDisplayedRowAtIndex(cell.rowIndex)?.data?.id
    focused = id ? { id, column: cell.column.getColId() } : null
    api.refreshInfiniteCache()
  }

  const datasource: IDatasource = { getRows: (params) => void load(params) }
  return {
    datasource,
    refresh,
    /** Keeps the keyboard on the record it was on before a refresh, wherever its row is now. */
    restoreFocus(api: Api) {
      const row = focused && api.getRowNode(focused.id)
      if (focused && row?.rowIndex != null && row.rowIndex !== api.getFocusedCell()?.rowIndex) {
        if (document.activeElement?.closest('[role="grid"]')) api.setFocusedCell(row.rowIndex, focused.column)
      }
      focused = null
    },
  }
}

function queryOf(siteId: string, sortModel: IGetRowsParams['sortModel']): FinderQuery {
  const { search, filters, page, pageSize } = useFinder.getState()
  return {
    siteId,
    filter: filterOf(search, filters, readerZone()),
    sort: sortModel.flatMap(({ colId, sort }) => {
      const field = sortFields.find((name) => name === colId)
      return field ? [{ field, descending: sort === 'desc' }] : []
    }),
    offset: page * pageSize,
    limit: pageSize,
  }
}
