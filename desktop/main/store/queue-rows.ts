import { Compile } from 'typebox/compile'
import type { HistoryEntry } from '#common/contract/record-keeping'
import { Conflict, Mutation, type MutationResult } from '#common/contract/sync'
import { upcast } from '#common/rules/upcast'
import type { PastItem } from '#desktop/bridge/channels'
import type { Entry, EntryProblem, EntryState, Outcome } from '../outbox/entry.ts'

/** Rows of `queue.db`, and what they mean. */

export interface Row {
  mutation_id: string
  entity_id: string
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
  'mutation_id' | 'entity_id' | 'site_id' | 'op' | 'mutation' | 'title' | 'saved_at'
> {
  ended_at: string
  outcome: Outcome
}

const mutations = Compile(Mutation)
const conflicts = Compile(Conflict)

/** Null for what is damaged or has a shape this version does not know. */
function readMutation(json: string): Mutation | null {
  const value = upcast(parse(json))
  return mutations.Check(value) ? value : null
}

function readConflict(json: string): Conflict | null {
  const value = parse(json)
  return conflicts.Check(value) ? value : null
}

/** Null for what is no JSON. */
export function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

export const toEntry = (row: Row): Entry => ({
  mutationId: row.mutation_id,
  entityId: row.entity_id,
  siteId: row.site_id,
  op: row.op,
  mutation: readMutation(row.mutation),
  title: row.title,
  savedAt: row.saved_at,
  state: row.state,
  sent: row.sent === 1,
  conflict: row.conflict === null ? null : readConflict(row.conflict),
  problem: row.problem === null ? null : (JSON.parse(row.problem) as EntryProblem),
})

/** Of one that cannot be read there is nothing to show but what it was about. */
export function toPastItem(row: PastRow): PastItem {
  const mutation = readMutation(row.mutation)
  return {
    mutationId: row.mutation_id,
    entityId: row.entity_id,
    siteId: row.site_id,
    op: row.op,
    title: row.title,
    savedAt: row.saved_at,
    endedAt: row.ended_at,
    outcome: row.outcome,
    base: mutation?.base ?? {},
    patch: mutation?.patch ?? {},
    resolves: mutation?.resolves ?? null,
  }
}

export type HistoryRow = Pick<Row, 'mutation' | 'saved_at' | 'device_id'> & { isSent: number }

/** Null for one that cannot be read. Who made it, and on which device, the caller knows. */
export function toHistoryEntry(row: HistoryRow): Omit<HistoryEntry, 'actor' | 'device'> | null {
  const mutation = readMutation(row.mutation)
  if (!mutation) return null
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
export function settledState(result: MutationResult): [EntryState, Conflict | null, EntryProblem | null] {
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
