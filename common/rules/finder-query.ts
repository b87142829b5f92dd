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
  | { kind: 'one-of'; field: ListedField; values: readonly string[] }
  | { kind: 'from' | 'before'; field: MomentField; instant: string }

export type ListedField = 'type' | 'status' | 'timezone' | 'createdBy' | 'updatedBy'
export type MomentField = 'startDateTime' | 'endDateTime' | 'createdAt' | 'updatedAt'

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
  const oneOf = (field: ListedField, values: readonly string[] = []) => {
    if (values.length > 0) conditions.push({ kind: 'one-of', field, values })
  }
  oneOf('type', filter.type)
  oneOf('status', filter.status)
  if (filter.timezone) oneOf('timezone', [filter.timezone])
  oneOf('createdBy', filter.createdBy)
  oneOf('updatedBy', filter.updatedBy)
  const limits = (field: MomentField, from?: string, before?: string) => {
    if (from) conditions.push({ kind: 'from', field, instant: new Date(from).toISOString() })
    if (before) conditions.push({ kind: 'before', field, instant: new Date(before).toISOString() })
  }
  limits('startDateTime', filter.startFrom, filter.startBefore)
  limits('endDateTime', filter.endFrom, filter.endBefore)
  limits('createdAt', filter.createdFrom, filter.createdBefore)
  limits('updatedAt', filter.updatedFrom, filter.updatedBefore)
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
