import type { FieldProblem } from '#common/contract/errors'
import type { Conflict, Mutation } from '#common/contract/sync'

/**
 * `waiting`: to be sent. `applied`: the server has it, but the local copy has not caught up yet, so it still lies on
 * top. `conflict`, `rejected`: stopped, for the person to settle. `blocked`: builds on one that is stopped.
 * `unreadable`: written by a newer version, or damaged; it is kept and not touched.
 */
export type EntryState = 'waiting' | 'applied' | 'conflict' | 'rejected' | 'blocked' | 'unreadable'

export interface EntryProblem {
  message: string
  details: FieldProblem[]
}

/** An edit in the outbox: the mutation as it is sent, never changed, and where it stands. */
export interface Entry {
  mutationId: string
  entityId: string
  siteId: string
  op: Mutation['op']
  /** Null when it cannot be read. */
  mutation: Mutation | null
  title: string
  savedAt: string
  state: EntryState
  /** Handed to the network at least once: the server may have it, whatever we have heard. */
  sent: boolean
  conflict: Conflict | null
  problem: EntryProblem | null
}

/** Stopped for the person to see. */
export const needsAttention = ({ state }: Entry) => state !== 'waiting' && state !== 'applied'

/** Stopped, and known to the last letter: what is unreadable may have been sent by whoever wrote it. */
export const stopped = (entry: Entry) => needsAttention(entry) && entry.state !== 'unreadable'

/** The server certainly does not have it, and will not unless it is sent again. */
export const neverApplied = (entry: Entry) => stopped(entry) || (entry.state === 'waiting' && !entry.sent)

export const dependsOn = (entry: Entry): readonly string[] => entry.mutation?.dependsOn ?? []

/** The edits of `chain` (one record's, oldest first) that build on `mutationId`, directly or through others. */
export function descendantsOf(chain: readonly Entry[], mutationId: string): Entry[] {
  const family = new Set([mutationId])
  return chain.filter((entry) => {
    const descends = dependsOn(entry).some((id) => family.has(id))
    if (descends) family.add(entry.mutationId)
    return descends
  })
}

/** What follows from the ancestors: which waiting edits of a chain are blocked, and which blocked ones are free again. */
export function blockedStates(chain: readonly Entry[]): Map<string, 'waiting' | 'blocked'> {
  const stoppedIds = new Set<string>()
  const changes = new Map<string, 'waiting' | 'blocked'>()
  for (const entry of chain) {
    const derived = entry.state === 'waiting' || entry.state === 'blocked'
    const state = dependsOn(entry).some((id) => stoppedIds.has(id)) ? 'blocked' : 'waiting'
    if (derived && state !== entry.state) changes.set(entry.mutationId, state)
    if (derived ? state === 'blocked' : needsAttention(entry)) stoppedIds.add(entry.mutationId)
  }
  return changes
}

/** A change to the outbox that is made whole or not at all. */
export interface Plan {
  remove: readonly Entry[]
  /** Keep what is removed in the history: it holds values that lost, or was replaced. */
  keepHistory: boolean
  /** In the order they are to be sent. */
  add: readonly Mutation[]
}
