import type { FieldProblem } from '#common/contract/errors'
import type {
  AnyMutation,
  Conflict,
  FieldConflict,
  Mutation,
  PhotoMutation,
  VisitMutation,
} from '#common/contract/sync'
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
export interface Entry<M extends AnyMutation = Mutation> {
  mutationId: string
  entity: M['entity']
  entityId: string
  /** The visit it belongs to, as a photo does too; null for an interaction. */
  visitId: string | null
  siteId: string
  op: M['op']
  /** Null when it cannot be read. */
  mutation: M | null
  title: string
  savedAt: string
  state: EntryState
  /** Handed to the network at least once: the server may have it, whatever we have heard. */
  sent: boolean
  conflict: (M extends Mutation ? Conflict : FieldConflict) | null
  problem: EntryProblem | null
}

/** Of a visit or one of its photos. */
export type FieldEntry = Entry<VisitMutation> | Entry<PhotoMutation>
export type FieldMutation = VisitMutation | PhotoMutation

type Any = Entry<AnyMutation>

/** What an edit is part of: its record or, for a photo, the visit. Edits build only on others of the same. */
export const rootOf = ({ visitId, entityId }: Pick<Any, 'visitId' | 'entityId'>) => visitId ?? entityId

/** Stopped for the person to see. */
export const needsAttention = ({ state }: Any) =>
  state !== 'waiting' && state !== 'applied' && state !== 'resending'

/** Stopped, and known to the last letter: what is unreadable may have been sent by whoever wrote it. */
export const stopped = (entry: Any) => needsAttention(entry) && entry.state !== 'unreadable'

/** The server certainly does not have it, and will not unless it is sent again. */
export const neverApplied = (entry: Any) => stopped(entry) || (entry.state === 'waiting' && !entry.sent)

export const dependsOn = (entry: Any): readonly string[] => entry.mutation?.dependsOn ?? []

/** The edits of `chain` (of one root, oldest first) that build on `mutationId`, directly or through others. */
export function descendantsOf<E extends Any>(chain: readonly E[], mutationId: string): E[] {
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
export function lastOf<E extends Any>(chain: readonly E[], hasCopy: boolean): E | undefined {
  return chain.findLast(({ state }) => state !== 'resending') ?? (hasCopy ? undefined : chain.at(-1))
}

/** What follows from the ancestors: which edits of a chain are blocked now, and which blocked ones are free again. */
export function blockedStates(chain: readonly Any[]): Map<string, 'waiting' | 'blocked'> {
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
export interface Plan<M extends AnyMutation = Mutation> {
  remove: readonly Entry<M>[]
  /** How what is removed ended; null when it goes on under another id, and nothing needs to be kept. */
  outcome: Exclude<Outcome, 'sent'> | null
  /** In the order they are to be sent. */
  add: readonly M[]
  /** Removed too, and not kept: among `add` they go on under another id. */
  renewed?: readonly Entry<M>[]
  /** The visit they all belong to; of interactions there is none. */
  visitId?: string
}
