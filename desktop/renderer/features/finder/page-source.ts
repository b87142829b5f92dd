import type { GridApi, IDatasource, IGetRowsParams } from 'ag-grid-community'
import type { FinderQuery, LocalInteraction } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { answered, failed, goToPage, paging, useFinder } from '../../app/finder.ts'
import { readerZone } from '../../ui/date-words.ts'
import { filterOf } from './filters.ts'

type Api = GridApi<LocalInteraction>

/** What the Finder is asking for at the moment, without its page. */
export function queryOf(siteId: string): Pick<FinderQuery, 'siteId' | 'filter' | 'sort'> {
  const { search, filters, sort } = useFinder.getState()
  return { siteId, filter: filterOf(search, filters, readerZone()), sort }
}

/** Answers the grid's questions: with the page the Finder is on, or block by block where the list is endless. */
export function pageSource(siteId: string) {
  let newest = 0
  let open = 0
  let outdated: Api | null = null
  let focused: { id: string; column: string } | null = null

  async function load({ startRow, endRow, successCallback, failCallback }: IGetRowsParams) {
    const mine = ++newest
    open += 1
    try {
      const perPage = paging()
      const endless = perPage === 'endless'
      const offset = endless ? startRow : useFinder.getState().page * perPage
      const limit = endless ? endRow - startRow : perPage
      const { search, filters } = useFinder.getState()
      const { rows, found, total } = await ask('finder.query', { ...queryOf(siteId), offset, limit })
      // Told first, so that rows and marks are drawn together.
      if (mine === newest) {
        const shown = endless ? [] : rows.map(({ id }) => id)
        answered({ found, total, shown, marked: { search, filters } })
      }
      successCallback(rows, endless ? found : rows.length)
      if (mine === newest) {
        const last = Math.max(0, Math.ceil(found / limit) - 1)
        if (!endless && offset > last * limit) goToPage(last)
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
