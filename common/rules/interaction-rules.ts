import type { FieldProblem } from '../contract/errors.ts'
import {
  type InteractionField,
  InteractionFields,
  type InteractionPatch,
  type Status,
} from '../contract/interactions.ts'
import { problemsOf } from '../contract/sentences.ts'

/** What an interaction has to satisfy beyond the shape of its fields; form, outbox and server ask here. */

/** A new record before anybody has filled anything in. */
export const emptyFields: InteractionFields = {
  title: null,
  type: null,
  lead: null,
  startDateTime: null,
  endDateTime: null,
  timezone: null,
  location: '',
  description: '',
  notes: '',
  status: 'complete',
}

export const interactionFields = Object.keys(emptyFields) as InteractionField[]

/** The fields of a record, without what the server keeps beside them. */
export const fieldsOf = (record: InteractionFields): InteractionFields =>
  Object.fromEntries(interactionFields.map((field) => [field, record[field]])) as InteractionFields

/** The fields as one text, the same on device and server: what the digest of what somebody saw is taken of. */
export const fieldsText = (record: InteractionFields): string =>
  JSON.stringify(interactionFields.map((field) => record[field]))

const required = ['title', 'type', 'lead', 'startDateTime', 'endDateTime', 'timezone'] as const

/** Draft and incomplete records may still miss required fields. */
export const mayBePartial = (status: Status) => status === 'draft' || status === 'incomplete'

/** What a person can do with the status of a record, in words. */
export interface StatusAction {
  to: Status
  words: string
}

/** Source 003 §4.4.5. A record may start as anything but archived. */
const actions: Record<Status, readonly StatusAction[]> = {
  draft: [
    { to: 'complete', words: 'Complete' },
    { to: 'incomplete', words: 'Save as incomplete' },
  ],
  incomplete: [
    { to: 'complete', words: 'Complete' },
    { to: 'draft', words: 'Back to draft' },
  ],
  complete: [
    { to: 'active', words: 'Activate' },
    { to: 'archived', words: 'Archive' },
  ],
  active: [
    { to: 'complete', words: 'Deactivate' },
    { to: 'archived', words: 'Archive' },
  ],
  archived: [{ to: 'complete', words: 'Unarchive' }],
}

/** What can be done with a record of this status: its legal transitions. */
export const actionsOf = (status: Status): readonly StatusAction[] => actions[status]

/** May a record go from one status to another? `null` stands for one that is being created. */
export function mayBecome(from: Status | null, to: Status): boolean {
  if (from === null) return to !== 'archived'
  return from === to || actions[from].some((action) => action.to === to)
}

/** Instants in UTC with milliseconds, the one way they are stored and compared. Other fields stay as they are. */
export function normalise<P extends InteractionPatch>(patch: P): P {
  const inUtc = (field: 'startDateTime' | 'endDateTime') =>
    patch[field] ? { [field]: new Date(patch[field]).toISOString() } : {}
  return { ...patch, ...inUtc('startDateTime'), ...inUtc('endDateTime') }
}

/** What is wrong with a whole record, a sentence per field; `from` is its status before this edit. */
export function interactionProblems(fields: unknown, from: Status | null): FieldProblem[] {
  const problems = problemsOf(InteractionFields, fields)
  if (problems.length > 0) return problems
  const record = fields as InteractionFields
  if (!mayBecome(from, record.status)) {
    problems.push({
      field: 'status',
      message: `Cannot become ${record.status}${from ? ` from ${from}` : ''}`,
    })
  }
  if (!mayBePartial(record.status)) {
    for (const field of required) if (record[field] === null) problems.push({ field, message: 'Is required' })
  }
  const { startDateTime: start, endDateTime: end } = record
  if (start && end && Date.parse(end) <= Date.parse(start)) {
    problems.push({ field: 'endDateTime', message: 'Must be after the start' })
  }
  return problems
}
