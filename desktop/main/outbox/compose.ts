import type { SessionUser } from '#common/contract/auth'
import { AppError } from '#common/contract/errors'
import type { Interaction, InteractionFields } from '#common/contract/interactions'
import { type Mutation, schemaVersion } from '#common/contract/sync'
import { normalise } from '#common/rules/interaction-rules'
import { difference } from '#common/rules/merge'
import { may } from '#common/rules/permissions'
import type { LocalInteraction, Request } from '#desktop/bridge/channels'
import { descendantsOf, type Entry, lastOf, neverApplied, type Plan, stopped } from './entry.ts'
import { assertValid, digestOf } from './fields.ts'
import { present } from './present.ts'

/** What an edit is made in: who makes it, on what, and where new ids and the time come from. */
export interface EditContext {
  user: SessionUser
  /** The record as the person sees it; null when there is none to see. */
  shown: LocalInteraction | null
  /** What is shown follows from a visit that the server does not have yet. */
  isUnsentVisit: boolean
  /** The server's copy. */
  record: Interaction | null
  /** The edits of this record in the queue, oldest first. */
  chain: readonly Entry[]
  newId(): string
  now(): string
}

export type SaveRequest = Request<'interaction.save'>

export const unsentVisit = 'This visit has not been sent yet; change it on the visit'

function assertSent({ isUnsentVisit }: EditContext) {
  if (isUnsentVisit) throw new AppError('CONFLICT', `${unsentVisit}.`)
}

const gone = () =>
  new AppError(
    'RESOURCE_NOT_FOUND',
    'This interaction was deleted meanwhile. To keep what you typed, copy it into a new interaction.',
  )

const forbidden = (what: string) =>
  new AppError('AUTHORIZATION_ERROR', `Your role at this site does not allow you to ${what} interactions.`)

/** What saving the record `id` does to the queue; null when nothing differs. Throws what the form has to show. */
export function composeSave(
  id: string,
  { siteId, opened, fields }: SaveRequest,
  context: EditContext,
): Plan | null {
  return opened === null
    ? composeCreate(id, siteId, normalise(fields), context)
    : composeUpdate(siteId, normalise(opened), normalise(fields), context)
}

function composeCreate(id: string, siteId: string, fields: InteractionFields, context: EditContext): Plan {
  const { user, shown, record, chain, newId, now } = context
  if (!may(user, 'interaction.create', { siteId })) throw forbidden('add')
  if (shown || record || chain.length > 0) {
    throw new AppError('CONFLICT', 'This interaction has been saved already.')
  }
  assertValid(fields, null)
  const create: Mutation = {
    mutationId: newId(),
    entity: 'interaction',
    entityId: id,
    siteId,
    op: 'create',
    baseVersion: null,
    base: {},
    patch: fields,
    dependsOn: [],
    seen: null,
    resolves: null,
    schemaVersion,
    deviceTime: now(),
  }
  return { remove: [], outcome: null, add: [create] }
}

function composeUpdate(
  siteId: string,
  opened: InteractionFields,
  fields: InteractionFields,
  context: EditContext,
): Plan | null {
  const { user, shown, chain } = context
  if (!shown || shown.siteId !== siteId) throw gone()
  assertSent(context)
  if (!may(user, 'interaction.update', { siteId })) throw forbidden('change')
  if (chain.some(({ op }) => op === 'delete')) {
    throw new AppError(
      'CONFLICT',
      'You deleted this interaction and the deletion did not go through. Settle that in Sync centre first.',
    )
  }
  assertValid(fields, opened.status)
  const edit = difference(opened, fields)
  if (Object.keys(edit.patch).length === 0) return null

  const allRefused = chain.filter(({ state, mutation }) => state === 'rejected' && mutation)
  const refused = allRefused.find(({ op }) => op === 'create') ?? allRefused[0]
  if (refused) return replaceRefused(refused, edit, context)

  return composeEdit(shown, edit, context)
}

/** An edit that is known to be valid and allowed, on top of what is on screen; nothing of the record is refused. */
export function composeEdit(
  { id, siteId }: LocalInteraction,
  edit: Pick<Mutation, 'base' | 'patch'>,
  { record, chain, newId, now }: EditContext,
): Plan {
  const last = lastOf(chain, record !== null)
  const update: Mutation = {
    mutationId: newId(),
    entity: 'interaction',
    entityId: id,
    siteId,
    op: 'update',
    baseVersion: last ? null : (record?.version ?? null),
    ...edit,
    dependsOn: last ? [last.mutationId] : [],
    seen: null,
    resolves: null,
    schemaVersion,
    deviceTime: now(),
  }
  return { remove: [], outcome: null, add: [update] }
}

/**
 * A refused edit was never applied, and neither was what builds on it: for a record that could not be added, that is
 * every edit of it. The correction takes their place: one edit with all their values, under a new id, since the server
 * answers an id the same for ever.
 */
function replaceRefused(refused: Entry, edit: ReturnType<typeof difference>, context: EditContext): Plan {
  const { record, chain, newId, now } = context
  const later =
    refused.op === 'create'
      ? chain.filter((entry) => entry !== refused && entry.mutation)
      : descendantsOf(chain, refused.mutationId)
  const remove = [refused, ...later]
  const mutations = remove.flatMap(({ mutation }) => mutation ?? [])
  const rest = chain.filter((entry) => !remove.includes(entry))
  const earlier = lastOf(rest, record !== null)
  const correction: Mutation = {
    ...refused.mutation!,
    mutationId: newId(),
    baseVersion: earlier || refused.op === 'create' ? null : (record?.version ?? null),
    base: Object.assign({}, edit.base, ...mutations.map(({ base }) => base).reverse()) as Mutation['base'],
    patch: Object.assign({}, ...mutations.map(({ patch }) => patch), edit.patch) as Mutation['patch'],
    dependsOn: earlier ? [earlier.mutationId] : [],
    deviceTime: now(),
  }
  if (correction.op === 'create') correction.base = {}
  return { remove, outcome: 'replaced', add: [correction] }
}

/**
 * What a deletion does to the queue. It carries what the person saw, so that it takes nothing they did not see. Edits
 * of the record that have not reached the server go with it; a record the server never got is simply taken out.
 */
export function composeDelete(context: EditContext): Plan {
  const { user, shown, record, chain, newId, now } = context
  if (!shown) throw gone()
  assertSent(context)
  const { id, siteId, createdBy } = shown
  if (!may(user, 'interaction.delete', { siteId, createdBy })) {
    throw may(user, 'interaction.delete', { siteId })
      ? new AppError('AUTHORIZATION_ERROR', 'You may delete only interactions you created.')
      : forbidden('delete')
  }
  if (!record && chain.every(neverApplied)) return { remove: chain, outcome: 'discarded', add: [] }
  const remaining = chain.filter((entry) => !stopped(entry))
  const last = lastOf(remaining, record !== null)
  const seen = present(record, remaining, user.id) ?? shown
  const deletion: Mutation = {
    mutationId: newId(),
    entity: 'interaction',
    entityId: id,
    siteId,
    op: 'delete',
    baseVersion: last ? null : (record?.version ?? null),
    base: {},
    patch: {},
    dependsOn: last ? [last.mutationId] : [],
    seen: digestOf(seen),
    resolves: null,
    schemaVersion,
    deviceTime: now(),
  }
  return { remove: chain.filter(stopped), outcome: 'discarded', add: [deletion] }
}
