import { Compile } from 'typebox/compile'
import type { HistoryEntry } from '#common/contract/record-keeping'
import {
  type AnyMutation,
  Conflict,
  FieldConflict,
  Mutation,
  type MutationResult,
  PhotoMutation,
  VisitMutation,
} from '#common/contract/sync'
import { upcast } from '#common/rules/upcast'
import type { PastFieldItem, PastItem } from '#desktop/bridge/channels'
import type { Entry, EntryProblem, EntryState, FieldEntry, Outcome } from '../outbox/entry.ts'

/** Rows of `queue.db`, and what they mean. */

export interface Row {
  mutation_id: string
  entity: AnyMutation['entity']
  entity_id: string
  visit_id: string | null
  site_id: string
  op: Mutation['op']
  mutation: string
  title: string
  saved_at: string
  state: EntryState
  sent: number
  conflict: string | null
  problem: string | null
  /** The device it was made on and goes out under, when that is not this one. */
  device_id: string | null
}

export interface PastRow extends Pick<
  Row,
  'mutation_id' | 'entity' | 'entity_id' | 'site_id' | 'op' | 'mutation' | 'title' | 'saved_at'
> {
  ended_at: string
  outcome: Outcome
}

const mutations = {
  interaction: Compile(Mutation),
  visit: Compile(VisitMutation),
  photo: Compile(PhotoMutation),
}
const conflicts = Compile(Conflict)
const fieldConflicts = Compile(FieldConflict)

/** Null for what is damaged or has a shape this version does not know. */
function readMutation({ entity, mutation }: Pick<Row, 'entity' | 'mutation'>): AnyMutation | null {
  const value = upcast(parse(mutation))
  return mutations[entity].Check(value) ? value : null
}

function readConflict({ entity, conflict }: Row): Conflict | FieldConflict | null {
  const value = conflict === null ? null : parse(conflict)
  return (entity === 'interaction' ? conflicts : fieldConflicts).Check(value) ? value : null
}

/** Null for what is no JSON. */
export function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

export const toEntry = (row: Row): Entry | FieldEntry =>
  toEntryOf(row, readMutation(row), readConflict(row)) as Entry | FieldEntry

const toEntryOf = (row: Row, mutation: AnyMutation | null, conflict: Conflict | FieldConflict | null) => ({
  mutationId: row.mutation_id,
  entity: row.entity,
  entityId: row.entity_id,
  visitId: row.visit_id,
  siteId: row.site_id,
  op: row.op,
  mutation,
  title: row.title,
  savedAt: row.saved_at,
  state: row.state,
  sent: row.sent === 1,
  conflict,
  problem: row.problem === null ? null : (JSON.parse(row.problem) as EntryProblem),
})

/** Of one that cannot be read there is nothing to show but what it was about. */
export function toPastItem(row: PastRow): PastItem | PastFieldItem {
  const mutation = readMutation(row)
  const common = {
    mutationId: row.mutation_id,
    entityId: row.entity_id,
    siteId: row.site_id,
    op: row.op,
    title: row.title,
    savedAt: row.saved_at,
    endedAt: row.ended_at,
    outcome: row.outcome,
  }
  const { base = {}, patch = {} } = mutation ?? {}
  if (row.entity !== 'interaction') return { ...common, op: row.op, entity: row.entity, base, patch }
  const resolves = mutation?.entity === 'interaction' ? mutation.resolves : null
  return { ...common, entity: row.entity, base, patch, resolves } as PastItem
}

/** Of interactions. */
export type HistoryRow = Pick<Row, 'mutation' | 'saved_at' | 'device_id'> & { isSent: number }

/** Null for one that cannot be read. Who made it, and on which device, the caller knows. */
export function toHistoryEntry(row: HistoryRow): Omit<HistoryEntry, 'actor' | 'device'> | null {
  const mutation = readMutation({ ...row, entity: 'interaction' })
  if (mutation?.entity !== 'interaction') return null
  const { mutationId, op, base, patch, resolves } = mutation
  const actions = { create: 'created', update: 'updated', delete: 'deleted' } as const
  return {
    id: mutationId,
    at: row.saved_at,
    action: resolves ? 'merged' : actions[op],
    version: null,
    before: base,
    after: patch,
    ...(resolves && { lost: { mine: resolves.mine, theirs: resolves.theirs } }),
  }
}

/** Where an edit stands once the server has answered. */
export function settledState(
  result: MutationResult,
): [EntryState, Conflict | FieldConflict | null, EntryProblem | null] {
  switch (result.status) {
    case 'applied':
    case 'duplicate':
      return ['applied', null, null]
    case 'conflict':
      if (result.conflict) return ['conflict', result.conflict, null]
      return [
        'rejected',
        null,
        { message: 'The server found a conflict and did not say which.', details: [] },
      ]
    case 'rejected': {
      const { message = 'The server refused this change.', details = [] } = result.problem ?? {}
      return ['rejected', null, { message, details }]
    }
    case 'blocked':
    case 'failed': {
      const message =
        'The server does not know the change this one builds on. Try again to send it by itself.'
      return ['rejected', null, { message, details: [] }]
    }
  }
}
