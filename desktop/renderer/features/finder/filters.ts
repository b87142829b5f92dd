import { type InteractionFilter, type Status, statuses } from '#common/contract/interactions'
import { isTimeZone } from '#common/rules/time-zone'
import type { DayRange, FilterName, Filters } from '../../app/finder.ts'
import { dayRangeWords } from '../../ui/date-words.ts'
import { daysOfInstants, instantsOfDays, wholeDay } from './day-range.ts'

/** The Finder's filters: what they are called, how they read as a tag, what they ask of the device. */

export const filterLabels: Record<FilterName, string> = {
  title: 'Title',
  type: 'Type',
  lead: 'Lead',
  start: 'Start',
  end: 'End',
  timezone: 'Time zone',
  location: 'Location',
  status: 'Status',
  description: 'Description',
  notes: 'Notes',
  created: 'Created',
  createdBy: 'Created by',
  updated: 'Updated',
  updatedBy: 'Updated by',
}

export const statusWords = (status: Status) => status.charAt(0).toUpperCase() + status.slice(1)

const textFilters = ['title', 'lead', 'location', 'description', 'notes'] as const
export type TextFilter = (typeof textFilters)[number]
const listFilters = ['type', 'status', 'createdBy', 'updatedBy'] as const
const dayFilters = ['start', 'end', 'created', 'updated'] as const
export type DayFilter = (typeof dayFilters)[number]
export type PeopleFilter = 'createdBy' | 'updatedBy'

const orUndefined = <T extends object>(value: T) => (Object.keys(value).length > 0 ? value : undefined)

/** A day range without its empty ends; undefined when it asks for nothing. */
export const dayRange = (from: string, until: string): DayRange | undefined =>
  orUndefined({ ...(from && { from }), ...(until && { until }) })

/** The filter that search and filters ask for; days are whole days in `zone`. */
export function filterOf(search: string, filters: Filters, zone: string): InteractionFilter {
  const filter: InteractionFilter = {}
  if (search.trim()) filter.search = search
  for (const name of textFilters) {
    const term = filters[name]
    if (term?.trim()) filter[name] = term
  }
  for (const name of listFilters) {
    if (filters[name]?.length) Object.assign(filter, { [name]: filters[name] })
  }
  if (filters.timezone && isTimeZone(filters.timezone)) filter.timezone = filters.timezone
  for (const name of dayFilters) {
    const { from, before } = instantsOfDays(filters[name] ?? {}, zone)
    if (from) filter[`${name}From`] = from
    if (before) filter[`${name}Before`] = before
  }
  return filter
}

/** The search and the filters that ask for `filter`, as when a saved view is put in force. */
export function soughtBy(filter: InteractionFilter, zone: string): { search: string; filters: Filters } {
  const filters: Filters = {}
  for (const name of [...textFilters, ...listFilters, 'timezone'] as const) {
    if (filter[name] !== undefined) Object.assign(filters, { [name]: filter[name] })
  }
  for (const name of dayFilters) {
    const range = daysOfInstants({ from: filter[`${name}From`], before: filter[`${name}Before`] }, zone)
    if (orUndefined(range)) filters[name] = range
  }
  return { search: filter.search ?? '', filters }
}

export interface FilterTag {
  name: FilterName
  words: string
}

/** Names by id; of somebody who is not among them all that can be said is that it is somebody. */
export type People = Record<string, string>

/** The filters in force, each as a few words. */
export function filterTags(filters: Filters, people: People): FilterTag[] {
  const words: Partial<Record<FilterName, string>> = {}
  for (const name of textFilters) {
    if (filters[name]?.trim()) words[name] = `${filterLabels[name]} contains “${filters[name].trim()}”`
  }
  if (filters.type?.length) words.type = `Type: ${filters.type.join(', ')}`
  if (filters.status?.length) {
    const left = statuses.filter((status) => !filters.status!.includes(status))
    words.status =
      left.length === 1 && left[0]
        ? `Not ${left[0]}`
        : `Status: ${filters.status.map(statusWords).join(', ')}`
  }
  if (filters.timezone && isTimeZone(filters.timezone)) words.timezone = `Time zone: ${filters.timezone}`
  for (const name of dayFilters) {
    const range = dayRangeWords(wholeDay(filters[name]?.from), wholeDay(filters[name]?.until))
    if (range) words[name] = `${filterLabels[name]} ${range}`
  }
  for (const name of ['createdBy', 'updatedBy'] as const) {
    const ids = filters[name]
    if (ids?.length)
      words[name] = `${filterLabels[name]} ${ids.map((id) => people[id] ?? 'somebody').join(', ')}`
  }
  return (Object.keys(filterLabels) as FilterName[]).flatMap((name) => {
    const said = words[name]
    return said ? [{ name, words: said }] : []
  })
}

/** The names of the filters in force. */
export const filtersInForce = (filters: Filters): FilterName[] =>
  filterTags(filters, {}).map(({ name }) => name)
