import { type InteractionFilter, type Status, statuses } from '#common/contract/interactions'
import { isTimeZone } from '#common/rules/time-zone'
import type { DayRange, FilterName, Filters } from '../../app/finder.ts'
import { dayRangeWords } from '../../ui/date-words.ts'
import { instantsOfDays, wholeDay } from './day-range.ts'

/** The Finder's filters: what they are called, how they read as a tag, what they ask of the device. */

export const filterLabels: Record<FilterName, string> = {
  title: 'Title',
  type: 'Type',
  lead: 'Lead',
  start: 'Start',
  end: 'End',
  timezone: 'Time zone',
  location: 'Location',
  description: 'Description',
  notes: 'Notes',
  status: 'Status',
}

export const statusWords = (status: Status) => status.charAt(0).toUpperCase() + status.slice(1)

const textFilters = ['title', 'lead', 'location', 'description', 'notes'] as const

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
  if (filters.type?.length) filter.type = filters.type
  if (filters.status?.length) filter.status = filters.status
  if (filters.timezone && isTimeZone(filters.timezone)) filter.timezone = filters.timezone
  const start = instantsOfDays(filters.start ?? {}, zone)
  const end = instantsOfDays(filters.end ?? {}, zone)
  if (start.from) filter.startFrom = start.from
  if (start.before) filter.startBefore = start.before
  if (end.from) filter.endFrom = end.from
  if (end.before) filter.endBefore = end.before
  return filter
}

export interface FilterTag {
  name: FilterName
  words: string
}

/** The filters in force, each as a few words. */
export function filterTags(filters: Filters): FilterTag[] {
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
  for (const name of ['start', 'end'] as const) {
    const range = dayRangeWords(wholeDay(filters[name]?.from), wholeDay(filters[name]?.until))
    if (range) words[name] = `${filterLabels[name]} ${range}`
  }
  return (Object.keys(filterLabels) as FilterName[]).flatMap((name) => {
    const said = words[name]
    return said ? [{ name, words: said }] : []
  })
}
