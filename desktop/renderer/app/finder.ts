import { create } from 'zustand'
import type { Status } from '#common/contract/interactions'
import type { Problem } from '#desktop/bridge/channels'

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
  description?: string
  notes?: string
  status?: Status[]
}
export type FilterName = keyof Filters

export const pageSizes = [10, 25, 50, 100] as const

interface Finder {
  search: string
  filters: Filters
  page: number
  pageSize: number
  /** Rows that match and rows of the site; null until the first answer. */
  found: number | null
  total: number | null
  /** Why the last question had no answer. */
  problem: Problem | null
}

/** What the Finder is asked for, and how much that is. */
export const useFinder = create<Finder>(() => ({
  search: '',
  filters: {},
  page: 0,
  pageSize: 25,
  found: null,
  total: null,
  problem: null,
}))

const set = useFinder.setState

export const searchFor = (search: string) =>
  search !== useFinder.getState().search && set({ search, page: 0 })

export const setFilter = <N extends FilterName>(name: N, value: Filters[N] | undefined) =>
  set(({ filters: { [name]: _, ...others } }) => ({
    filters: value === undefined ? others : { ...others, [name]: value },
    page: 0,
  }))

export const clearFilters = () => set({ filters: {}, page: 0 })

export const clearEverything = () => set({ filters: {}, search: '', page: 0 })

export const goToPage = (page: number) => set({ page })

export const setPageSize = (pageSize: number) => set({ pageSize, page: 0 })

export const answered = (found: number, total: number) => set({ found, total, problem: null })

export const failed = (problem: Problem) => set({ problem })

export const forgetFinder = () => set(useFinder.getInitialState(), true)
