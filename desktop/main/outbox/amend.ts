import { AppError } from '#common/contract/errors'
import type { Interaction, InteractionPatch } from '#common/contract/interactions'
import {
  type AnyMutation,
  type Conflict,
  type Mutation,
  type Resolution,
  schemaVersion,
} from '#common/contract/sync'
import { emptyFields, fieldsOf, normalise } from '#common/rules/interaction-rules'
import { difference } from '#common/rules/merge'
import { dependsOn, descendantsOf, type Entry, neverApplied, type Plan } from './entry.ts'
import { assertValid, digestOf } from './fields.ts'

/** How a person settles what is stopped. Mutations never change, so each way out makes new ones under new ids. */

export interface ChainContext<M extends AnyMutation> {
  /** The edits of the record, or of the visit and its photos, in the queue, oldest first. */
  chain: readonly Entry<M>[]
  newId(): string
}

export interface AmendContext extends ChainContext<Mutation> {
  /** The server's copy; null when there is none on this device. */
  record: Interaction | null
  /** The server's copy as it was last seen, even if it has been deleted since. */
  lastSeen: Interaction | null
  now(): string
}

/** Which version of the server's copy an edit is made on that builds on no other. */
type VersionOf<M extends AnyMutation> = (mutation: M) => number | null

export function find<M extends AnyMutation>(mutationId: string, { chain }: ChainContext<M>): Entry<M> {
  const entry = chain.find((candidate) => candidate.mutationId === mutationId)
  if (!entry) throw new AppError('RESOURCE_NOT_FOUND', 'This change is not waiting any more.')
  return entry
}

export function readable<M extends AnyMutation>(entry: Entry<M>): M {
  if (entry.mutation) return entry.mutation
  throw new AppError(
    'CONFLICT',
    'This change was written by a newer version of Fieldbook. Update Fieldbook to send it.',
  )
}

/** The same edits under new ids, in order, building on what `ids` says their ancestors have become. */
export function again<M extends AnyMutation>(
  entries: readonly Entry<M>[],
  ids: Map<string, string | null>,
  { newId }: Pick<ChainContext<M>, 'newId'>,
  root: { entityId?: string; versionOf: VersionOf<M> },
): M[] {
  return entries.map((entry) => {
    const mutation = readable(entry)
    const mutationId = newId()
    const ancestors = mutation.dependsOn
      .map((id) => (ids.has(id) ? ids.get(id) : id))
      .filter((id) => id != null)
    ids.set(mutation.mutationId, mutationId)
    return {
      ...mutation,
      mutationId,
      entityId: root.entityId ?? mutation.entityId,
      dependsOn: ancestors,
      baseVersion: ancestors.length > 0 || mutation.op === 'create' ? null : root.versionOf(mutation),
      schemaVersion,
    }
  })
}

/**
 * Sends a stopped edit once more as it is, and after it those that build on it. Ancestors that have left the queue
 * are not named again: what they did is in the server's copy.
 */
export function retry<M extends AnyMutation>(
  mutationId: string,
  context: ChainContext<M>,
  versionOf: VersionOf<M>,
): Plan<M> {
  const entry = find(mutationId, context)
  readable(entry)
  if (['waiting', 'applied', 'resending'].includes(entry.state)) return { remove: [], outcome: null, add: [] }
  if (entry.state === 'blocked') {
    throw new AppError(
      'CONFLICT',
      'This change builds on an earlier one of the same interaction. Settle that one first.',
    )
  }
  const remove = [entry, ...descendantsOf(context.chain, mutationId)]
  const present = new Set(context.chain.map((other) => other.mutationId))
  const ids = new Map(remove.flatMap(dependsOn).map((id) => [id, present.has(id) ? id : null]))
  return { remove, outcome: null, add: again(remove, ids, context, { versionOf }) }
}

/** Takes an edit out, and with it those that build on it. One that may have reached the server has to wait for word. */
export function discard<M extends AnyMutation>(mutationId: string, context: ChainContext<M>): Plan<M> {
  const entry = find(mutationId, context)
  const remove = [entry, ...descendantsOf(context.chain, mutationId)]
  assertDiscardable(remove)
  return { remove, outcome: 'discarded', add: [] }
}

export function assertDiscardable(remove: readonly Entry<AnyMutation>[]): void {
  if (remove.some((other) => !neverApplied(other) && other.state !== 'unreadable')) {
    throw new AppError(
      'CONFLICT',
      'This change may have reached the server already. It can be discarded as soon as the server has answered.',
    )
  }
}

/**
 * Ends a conflict: `fields` are the values the person wants, and for the fields it leaves out the edit's own ones
 * stay. What comes of it is a new edit on top of the server's version, which names the conflict and what both sides
 * had, so that the values that lost are in the history; it is sent even where nothing is left to change. A record that
 * was deleted on the server is saved as a new one. Edits that build on this one follow it.
 */
export function resolve(mutationId: string, fields: InteractionPatch, context: AmendContext): Plan {
  const entry = find(mutationId, context)
  const mutation = readable(entry)
  if (!entry.conflict) throw new AppError('CONFLICT', 'This change is not in conflict any more.')
  const { theirs } = entry.conflict
  const descendants = descendantsOf(context.chain, mutationId)
  const wanted = normalise({ ...mutation.patch, ...fields })
  const resolves = sidesOf(mutation, entry.conflict)
  const settled = theirs
    ? onTopOf(theirs, { ...mutation, resolves }, wanted, context)
    : asNew({ ...mutation, resolves }, wanted, context)
  const ids = new Map([[mutationId, settled?.mutationId ?? null]])
  const root = { entityId: settled?.entityId ?? mutation.entityId, versionOf: () => theirs?.version ?? null }
  return {
    remove: [entry, ...descendants],
    outcome: 'replaced',
    add: [...(settled ? [settled] : []), ...again(descendants, ids, context, root)],
  }
}

function sidesOf({ mutationId, patch }: Mutation, { fields, theirs }: Conflict): Resolution {
  const disputed = (version: InteractionPatch): InteractionPatch =>
    Object.fromEntries(Object.entries(version).filter(([field]) => fields.includes(field)))
  return { mutationId, mine: disputed(patch), theirs: theirs ? disputed(fieldsOf(theirs)) : {} }
}

function onTopOf(
  theirs: Interaction,
  mutation: Mutation,
  wanted: InteractionPatch,
  { newId, now }: AmendContext,
): Mutation {
  const settled: Mutation = {
    ...mutation,
    mutationId: newId(),
    baseVersion: theirs.version,
    base: {},
    patch: {},
    dependsOn: [],
    schemaVersion,
    deviceTime: now(),
  }
  if (mutation.op === 'delete') return { ...settled, seen: digestOf(theirs) }
  const before = fieldsOf(theirs)
  const after = { ...before, ...wanted }
  assertValid(after, theirs.status)
  return { ...settled, op: 'update', ...difference(before, after) }
}

function asNew(
  mutation: Mutation,
  wanted: InteractionPatch,
  { lastSeen, newId, now }: AmendContext,
): Mutation | null {
  if (mutation.op === 'delete') return null
  const patch = { ...fieldsOf(lastSeen ?? emptyFields), ...wanted }
  assertValid(patch, null)
  return {
    ...mutation,
    mutationId: newId(),
    entityId: newId(),
    op: 'create',
    baseVersion: null,
    base: {},
    patch,
    dependsOn: [],
    schemaVersion,
    deviceTime: now(),
  }
}
