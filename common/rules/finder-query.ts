import { AppError, type FieldProblem } from '../contract/errors.ts'
import { type InteractionFilter, type SortField, sortFields } from '../contract/interactions.ts'
import { fold, searchedFields, type SearchedField, searchTerms } from './folding.ts'

/**
 * What a Finder query means, said once. The server turns conditions and sort keys into PostgreSQL, the device into
 * SQLite; neither decides anything about them.
 */

export interface SortKey {
  field: SortField
  descending: boolean
}

export type Condition =
  /** The folded term occurs in the search text. */
  | { kind: 'contains'; term: string }
  /** The folded term occurs in this field; `position` is its place in the search text, from 1. */
  | { kind: 'field-contains'; position: number; term: string }
  | { kind: 'one-of'; field: 'type' | 'status' | 'timezone'; values: readonly string[] }
  | { kind: 'from' | 'before'; field: 'startDateTime' | 'endDateTime'; instant: string }

const positions = new Map(searchedFields.map((field, index) => [field, index + 1]))
const textFilters = [
  'title',
  'lead',
  'location',
  'description',
  'notes',
] as const satisfies readonly SearchedField[]

/** The conditions a record has to meet, all of them. Empty terms and lists ask for nothing. */
export function conditionsOf(filter: InteractionFilter): Condition[] {
  const conditions: Condition[] = searchTerms(filter.search ?? '').map((term) => ({ kind: 'contains', term }))
  for (const field of textFilters) {
    const term = fold(filter[field] ?? '')
    if (term) conditions.push({ kind: 'field-contains', position: positions.get(field)!, term })
  }
  if (filter.type?.length) conditions.push({ kind: 'one-of', field: 'type', values: filter.type })
  if (filter.status?.length) conditions.push({ kind: 'one-of', field: 'status', values: filter.status })
  if (filter.timezone) conditions.push({ kind: 'one-of', field: 'timezone', values: [filter.timezone] })
  const limit = (kind: 'from' | 'before', field: 'startDateTime' | 'endDateTime', instant?: string) => {
    if (instant) conditions.push({ kind, field, instant: new Date(instant).toISOString() })
  }
  limit('from', 'startDateTime', filter.startFrom)
  limit('before', 'startDateTime', filter.startBefore)
  limit('from', 'endDateTime', filter.endFrom)
  limit('before', 'endDateTime', filter.endBefore)
  return conditions
}

/** A pattern for `LIKE … ESCAPE '\'` that finds `term` anywhere. */
export const likePattern = (term: string) => `%${term.replace(/[\\%_]/g, '\\$&')}%`

const newestFirst: SortKey[] = [{ field: 'startDateTime', descending: true }]

/**
 * `lead,-startDateTime` as sort keys; newest first when nothing is asked. `direction` applies to keys without a
 * minus. An unknown or repeated field is a VALIDATION_ERROR on `sort`.
 */
export function parseSort(sort: string | undefined, direction: 'asc' | 'desc' = 'asc'): SortKey[] {
  if (!sort?.trim()) return newestFirst
  const problems: FieldProblem[] = []
  const keys = sort.split(',').map((part): SortKey => {
    const name = part.trim().replace(/^-/, '')
    const field = sortFields.find((known) => known === name)
    if (!field)
      problems.push({ field: 'sort', message: `“${name}” cannot be sorted by; use ${sortFields.join(', ')}` })
    return { field: field ?? 'title', descending: part.trim().startsWith('-') || direction === 'desc' }
  })
  if (problems.length === 0 && new Set(keys.map((key) => key.field)).size < keys.length) {
    problems.push({ field: 'sort', message: 'Names a field twice' })
  }
  if (problems.length > 0)
    throw new AppError('VALIDATION_ERROR', 'The sort order is not valid', { details: problems })
  return keys
}

/** Rows that are equal under every sort key follow their id, in the direction of the last key. */
export const tieBreakDescending = (keys: readonly SortKey[]) => keys.at(-1)?.descending ?? false
