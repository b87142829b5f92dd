import type { InteractionField, InteractionPatch } from '#common/contract/interactions'
import { interactionFields } from '#common/rules/interaction-rules'
import { spanWords } from './date-words.ts'
import { fieldLabels } from './field-labels.ts'

/** A change as rows of a table: one a field, with start, end and zone as one because they merge as one. */

export const timeFields: readonly InteractionField[] = ['startDateTime', 'endDateTime', 'timezone']

export interface Row {
  key: string
  label: string
  fields: InteractionField[]
}

export function rowsFor(fields: readonly string[]): Row[] {
  const touched = interactionFields.filter((field) => fields.includes(field))
  const time = touched.filter((field) => timeFields.includes(field))
  return touched.flatMap((field): Row[] => {
    if (field === time[0]) return [{ key: 'time', label: 'Start – end', fields: time }]
    if (time.includes(field)) return []
    return [{ key: field, label: fieldLabels[field], fields: [field] }]
  })
}

export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** What a row says in one version of the record; empty when it says nothing. Times are on the clock of their zone. */
export function rowWords(row: Row, version: InteractionPatch): string {
  if (row.key !== 'time') {
    const value = version[row.fields[0]!] ?? ''
    return row.key === 'status' ? capital(value) : value
  }
  const { startDateTime: start, endDateTime: end, timezone: zone } = version
  return start && end && zone ? `${spanWords(start, end, zone)}, ${zone}` : ''
}
