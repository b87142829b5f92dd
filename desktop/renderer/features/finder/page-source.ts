import type { GridApi, IDatasource, IGetRowsParams } from 'ag-grid-community'
import type { FinderPage, FinderQuery, LocalInteraction } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { answered, counted, failed, goToPage, paging, useFinder } from '../../app/finder.ts'
import { readerZone } from '../../ui/date-words.ts'
import { filterOf } from './filters.ts'

type Api = GridApi<LocalInteraction>

/** What the Finder is asking for at the moment, without its page. */
export function queryOf(siteId: string): Pick<FinderQuery, 'siteId' | 'filter' | 'sort'> {
  const { search, filters, sort } = useFinder.getState()
  return { siteId, filter: filterOf(search, filters, readerZone()), sort }
}

const pageQuery = (siteId: string, offset: number, limit: number): FinderQuery => ({
  ...queryOf(siteId),
  offset,
  limit,
})

export type PageSource = ReturnType<typeof pageSource>

/** Answers the grid's questions: with the page the Finder is on, or block by block where the list is endless. */
export function pageSource(siteId: string) {
  let newest = 0
  let open = 0
  let outdated: Api | null = null
  let drawn: LocalInteraction[] = []
  let focused: { id: string; column: string } | null = null
  let ahead: { query: string; answer: Promise<FinderPage> } | null = null

  /** Asks before the grid does, which takes a while to find out that it has to. */
  function askAhead() {
    const perPage = paging()
    if (perPage === 'endless') return
    const query = pageQuery(siteId, useFinder.getState().page * perPage, perPage)
    const answer = ask('finder.query', query)
    answer.catch(() => {}) // The grid's question hears of it.
    ahead = { query: JSON.stringify(query), answer }
  }

  /** Each answer is given once: the next question may be asked because the records have changed. */
  function answerOf(query: FinderQuery): Promise<FinderPage> {
    const known = ahead?.query === JSON.stringify(query) ? ahead.answer : null
    ahead = null
    return known ?? ask('finder.query', query)
  }

  async function load(params: IGetRowsParams) {
    const mine = ++newest
    const isNewest = () => mine === newest
    open += 1
    try {
      await answer(params, isNewest)
    } catch (error) {
      params.failCallback()
      if (isNewest()) failed(problemOf(error))
    }
    open -= 1
    if (outdated && open === 0) refresh(outdated)
  }

  async function answer({ startRow, endRow, successCallback, api }: IGetRowsParams, isNewest: () => boolean) {
    const perPage = paging()
    const endless = perPage === 'endless'
    const offset = endless ? startRow : useFinder.getState().page * perPage
    const limit = endless ? endRow - startRow : perPage
    const { search, filters } = useFinder.getState()
    const query = pageQuery(siteId, offset, limit)
    const { rows, found, total } = await answerOf(query)
    // Told first, so that rows and marks are drawn together.
    if (isNewest()) {
      const shown = endless ? [] : rows.map(({ id }) => id)
      answered({ found, total, shown, marked: { search, filters } })
    }
    if (endless) successCallback(rows, found ?? undefined)
    else {
      // Where nothing is found the rows stay, out of sight: making them again takes longer than searching.
      if (rows.length > 0 || total === 0) drawn = rows
      successCallback(drawn, drawn.length)
    }
    if (!isNewest()) return
    if (found === null) {
      const count = await ask('finder.count', { siteId, filter: query.filter })
      if (!isNewest()) return
      counted(count.found)
      if (endless && !api.isDestroyed()) api.setRowCount(count.found, true)
    } else if (!endless) {
      const last = Math.max(0, Math.ceil(found / limit) - 1)
      if (offset > last * limit) goToPage(last)
    }
  }

  /**
   * Puts the records as they are now in place of what is shown. While an answer is under way it waits for that one:
   * the grid throws an answer away once it is asked again, and during a first sync would never show any.
   */
  function refresh(api: Api) {
    ahead = null
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
    askAhead,
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
