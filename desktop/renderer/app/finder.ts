import { create } from 'zustand'
import type { Status } from '#common/contract/interactions'
import type { View, ViewColumn } from '#common/contract/views'
import type { SortKey } from '#common/rules/finder-query'
import type { Problem } from '#desktop/bridge/channels'
import { prefer, usePreferences } from './preferences.ts'
import { useSession } from './session.ts'

/** Whole days, both included, in the reader's zone; `2026-08-22`. */
export interface DayRange {
  from?: string
  until?: string
}

export interface Filters {
  title?: string
  type?: string[]
  lead?: string
  start?: DayRange
  end?: DayRange
  timezone?: string
  location?: string
  status?: Status[]
  description?: string
  notes?: string
  created?: DayRange
  /** Ids of people. */
  createdBy?: string[]
  updated?: DayRange
  updatedBy?: string[]
}
export type FilterName = keyof Filters

/** Rows per page, or all of them in one list that goes on as one scrolls. */
export type Paging = number | 'endless'
export const pageSizes = [10, 25, 50, 100] as const

export const newestFirst: SortKey[] = [{ field: 'startDateTime', descending: true }]

interface Finder {
  search: string
  filters: Filters
  sort: SortKey[]
  /** The columns of the view in force; null where they are as the person has them on this device. */
  columns: ViewColumn[] | null
  /** The saved view in force, as it was when it was put in force. */
  view: View | null
  page: number
  /** Ids of the records on the page, in order; none where the list is endless. */
  shown: readonly string[]
  /** Ids of the records that are ticked. */
  chosen: ReadonlySet<string>
  /** Rows that match; null until they are counted. */
  found: number | null
  /** Rows of the site; null until the first answer. */
  total: number | null
  /** What the records on the screen were sought by, which is what is marked in them. */
  marked: Pick<Finder, 'search' | 'filters'>
  /** Why the last question had no answer. */
  problem: Problem | null
}

const nobody: ReadonlySet<string> = new Set()

/** What the Finder is asked for, and how much that is. */
export const useFinder = create<Finder>(() => ({
  search: '',
  filters: {},
  sort: newestFirst,
  columns: null,
  view: null,
  page: 0,
  shown: [],
  chosen: nobody,
  found: null,
  total: null,
  marked: { search: '', filters: {} },
  problem: null,
}))

const set = useFinder.setState

/** Asks for other records: from the first page, with nothing ticked, since what is ticked should be in sight. */
const seek = (change: Partial<Finder>) => set({ ...change, page: 0, chosen: nobody })

export const searchFor = (search: string) => search !== useFinder.getState().search && seek({ search })

export function setFilter<N extends FilterName>(name: N, value: Filters[N] | undefined) {
  const { [name]: _, ...others } = useFinder.getState().filters
  seek({ filters: value === undefined ? others : { ...others, [name]: value } })
}

export const clearFilters = () => seek({ filters: {} })

export const clearEverything = () => seek({ filters: {}, search: '' })

export const sortBy = (sort: SortKey[]) => set({ sort, page: 0 })

export const goToPage = (page: number) => set({ page })

export const choose = (chosen: ReadonlySet<string>) => set({ chosen })

/** While the same is counted again its last count stays. */
export const answered = ({
  marked,
  found,
  ...answer
}: Pick<Finder, 'found' | 'total' | 'shown' | 'marked'>) =>
  set((before) => {
    const same = before.marked.search === marked.search && before.marked.filters === marked.filters
    return {
      ...answer,
      found: found ?? (same ? before.found : null),
      marked: same ? before.marked : marked,
      problem: null,
    }
  })

export const counted = (found: number) => set({ found })

export const failed = (problem: Problem) => set({ problem })

export const forgetFinder = () => set(useFinder.getInitialState(), true)

/** What a saved view holds, in the words of the Finder. */
export type Sought = Pick<Finder, 'search' | 'filters' | 'sort' | 'columns'>

/** Puts a view in force; null is the plain list. */
export const show = (view: View | null, sought: Sought) => seek({ ...sought, view })

const pagingPreference = 'finder.paging'
const columnsPreference = 'finder.columns'

function pagingOf(preferred: unknown, sitePageSize: number | undefined): Paging {
  const known = preferred === 'endless' || pageSizes.some((size) => size === preferred)
  return known ? (preferred as Paging) : (sitePageSize ?? 25)
}

const sitePageSize = ({ user, siteId }: ReturnType<typeof useSession.getState>) =>
  user?.sites.find(({ id }) => id === siteId)?.settings?.pageSize

/** How many rows a page has: as the person chose, else as the site's administrators did, else 25. */
export const paging = (): Paging =>
  pagingOf(usePreferences.getState().values[pagingPreference], sitePageSize(useSession.getState()))

export function usePaging(): Paging {
  const preferred = usePreferences(({ values }) => values[pagingPreference])
  const ofSite = useSession(sitePageSize)
  return pagingOf(preferred, ofSite)
}

export function setPaging(next: Paging) {
  prefer(pagingPreference, next)
  set({ page: 0 })
}

const noColumns: ViewColumn[] = []
const columnsOf = (inView: ViewColumn[] | null, preferred: unknown) =>
  inView ?? (Array.isArray(preferred) ? (preferred as ViewColumn[]) : noColumns)

/** The columns from left to right; empty where nobody has changed them. */
export const columnLayout = (): ViewColumn[] =>
  columnsOf(useFinder.getState().columns, usePreferences.getState().values[columnsPreference])

export function useColumnLayout(): ViewColumn[] {
  const inView = useFinder(({ columns }) => columns)
  const preferred = usePreferences(({ values }) => values[columnsPreference])
  return columnsOf(inView, preferred)
}

/** Changes the columns: of the view in force, until it is saved, or else those of the person on this device. */
export function layOut(columns: ViewColumn[]) {
  if (useFinder.getState().columns) set({ columns })
  else prefer(columnsPreference, columns)
}
