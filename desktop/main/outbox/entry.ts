import type { FieldProblem } from '#common/contract/errors'
import type { Conflict, Mutation } from '#common/contract/sync'
import type { PastItem } from '#desktop/bridge/channels'

/**
 * `waiting`: to be sent. `applied`: the server has it, but the local copy has not caught up yet, so it still lies on
 * top. `conflict`, `rejected`: stopped, for the person to settle. `blocked`: builds on one that is stopped.
 * `unreadable`: written by a newer version, or damaged; it is kept and not touched. `resending`: the server had it
 * once and may have lost it with a restore; it is sent again, and shows only if it has to be applied again.
 */
export type EntryState =
  'waiting' | 'applied' | 'conflict' | 'rejected' | 'blocked' | 'unreadable' | 'resending'

export interface EntryProblem {
  message: string
  details: FieldProblem[]
}

/** An edit in the outbox: the mutation, raised to the shape of today, and where it stands. */
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
export const needsAttention = ({ state }: Entry) =>
  state !== 'waiting' && state !== 'applied' && state !== 'resending'

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

/**
 * The edit a new one builds on. What is being sent again is in the copy on screen already, unless there is no copy.
 */
export function lastOf(chain: readonly Entry[], hasCopy: boolean): Entry | undefined {
  return chain.findLast(({ state }) => state !== 'resending') ?? (hasCopy ? undefined : chain.at(-1))
}

/** What follows from the ancestors: which edits of a chain are blocked now, and which blocked ones are free again. */
export function blockedStates(chain: readonly Entry[]): Map<string, 'waiting' | 'blocked'> {
  const stoppedIds = new Set<string>()
  const changes = new Map<string, 'waiting' | 'blocked'>()
  for (const { mutationId, state, mutation } of chain) {
    const mayGo = state === 'waiting' || state === 'resending'
    const isHeld = mutation?.dependsOn.some((id) => stoppedIds.has(id)) ?? false
    if (mayGo && isHeld) changes.set(mutationId, 'blocked')
    if (state === 'blocked' && !isHeld) changes.set(mutationId, 'waiting')
    const isDerived = mayGo || state === 'blocked'
    if (isDerived ? isHeld : state !== 'applied') stoppedIds.add(mutationId)
  }
  return changes
}

/** How an edit ended that is kept to look at. */
export type Outcome = PastItem['outcome']

/** A change to the outbox that is made whole or not at all. */
export interface Plan {
  remove: readonly Entry[]
  /** How what is removed ended; null when it goes on under another id, and nothing needs to be kept. */
  outcome: Exclude<Outcome, 'sent'> | null
  /** In the order they are to be sent. */
  add: readonly Mutation[]
}
