import { type InteractionPatch, statuses } from '#common/contract/interactions'
import { isTimeZone } from '#common/rules/time-zone'

/** The fields that can be set in many records at once. */
export const bulkFields = ['type', 'lead', 'location', 'status', 'timezone', 'description', 'notes'] as const
export type BulkField = (typeof bulkFields)[number]

/** What is typed for the fields that are to be set. */
export type BulkValues = Partial<Record<BulkField, string>>

const mayBeEmpty: readonly BulkField[] = ['location', 'description', 'notes']

/** What is wrong with what is typed, by field. */
export function bulkProblems(values: BulkValues): BulkValues {
  const problems: BulkValues = {}
  for (const field of bulkFields) {
    const value = values[field]
    if (value === undefined) continue
    if (!value.trim() && !mayBeEmpty.includes(field)) problems[field] = 'Is required'
    else if (field === 'timezone' && !isTimeZone(value)) problems[field] = 'Choose a time zone from the list'
  }
  return problems
}

/** What the change sets; only asked for when nothing is wrong. */
export function bulkPatch(values: BulkValues): InteractionPatch {
  const { type, lead, location, status, timezone, description, notes } = values
  const known = statuses.find((name) => name === status)
  return {
    ...(type !== undefined && { type }),
    ...(lead !== undefined && { lead: lead.trim() }),
    ...(location !== undefined && { location: location.trim() }),
    ...(known && { status: known }),
    ...(timezone !== undefined && { timezone }),
    ...(description !== undefined && { description }),
    ...(notes !== undefined && { notes }),
  }
}
