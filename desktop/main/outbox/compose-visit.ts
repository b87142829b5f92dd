import type { SessionUser } from '#common/contract/auth'
import { AppError } from '#common/contract/errors'
import type { Question } from '#common/contract/surveys'
import { schemaVersion, type VisitMutation } from '#common/contract/sync'
import type { Visit, VisitFields, VisitPatch } from '#common/contract/visits'
import { may } from '#common/rules/permissions'
import { isSame, visitDifference, visitFieldsOf, visitProblems, withPatch } from '#common/rules/visit-rules'
import type { LocalPhoto, LocalVisit } from '#desktop/bridge/field'
import { again } from './amend.ts'
import { descendantsOf, type Entry, type FieldEntry, type FieldMutation, lastOf, type Plan } from './entry.ts'
import { photosByQuestion, visitEntries } from './present-visit.ts'

/** What an edit of a visit, or of its photos, is made in. */
export interface VisitContext {
  user: SessionUser
  /** The visit as the person sees it; null when there is none to see. */
  shown: LocalVisit | null
  /** The server's copy. */
  record: Visit | null
  /** The edits of the visit and its photos in the queue, oldest first. */
  family: readonly FieldEntry[]
  photos: readonly LocalPhoto[]
  newId(): string
  now(): string
}

type Edit = Pick<VisitMutation, 'base' | 'patch'>

const gone = () => new AppError('RESOURCE_NOT_FOUND', 'There is no such visit on this device (any more).')

/** Whether there is a visit to see, and the person may work on it. */
export const mayWorkOn = ({ user, shown }: Pick<VisitContext, 'user' | 'shown'>): boolean =>
  shown !== null && may(user, 'visit.work', { siteId: shown.siteId, createdBy: shown.agentId })

/** The visit to work on. Throws what the person has to be told where they may not. */
export function workedOn({ user, shown }: Pick<VisitContext, 'user' | 'shown'>): LocalVisit {
  if (!shown) throw gone()
  if (mayWorkOn({ user, shown })) return shown
  throw new AppError('AUTHORIZATION_ERROR', 'Only field agents of this site can work on their visits.')
}

/** `before` is null when the visit is started. Throws VALIDATION_ERROR, field by field. */
export function assertVisit(
  visit: VisitFields,
  before: VisitFields | null,
  questions: readonly Question[],
  { photos }: Pick<VisitContext, 'photos'>,
): void {
  const details = visitProblems(visit, before, questions, photosByQuestion(photos))
  if (details.length === 0) return
  const isCompleted = visit.status === 'completed' && before?.status === 'in_progress'
  const message = isCompleted ? 'Some of it is still missing.' : 'Some fields need your attention.'
  throw new AppError('VALIDATION_ERROR', message, { details })
}

export function composeStart(
  id: string,
  siteId: string,
  fields: VisitFields,
  { user, newId, now }: Pick<VisitContext, 'user' | 'newId' | 'now'>,
): Plan<VisitMutation> {
  if (!may(user, 'visit.start', { siteId }))
    throw new AppError('AUTHORIZATION_ERROR', 'Only field agents of this site can start visits.')
  const patch = visitFieldsOf(fields)
  assertVisit(patch, null, [], { photos: [] })
  const create: VisitMutation = {
    mutationId: newId(),
    entity: 'visit',
    entityId: id,
    siteId,
    op: 'create',
    baseVersion: null,
    base: {},
    patch,
    dependsOn: [],
    schemaVersion,
    deviceTime: now(),
  }
  return { remove: [], outcome: null, add: [create], visitId: id }
}

/**
 * Puts `changes` on the visit as it is shown; `questions` are those of its survey then. `opened` is what their author had
 * before them, as far as it is said; the edit is what differs from that. Null when nothing does.
 */
export function composeVisitEdit(
  changes: VisitPatch,
  opened: VisitPatch = {},
  questions: readonly Question[],
  context: VisitContext,
): Plan<FieldMutation> | null {
  const shown = workedOn(context)
  const before = visitFieldsOf(shown)
  const seen = withPatch(before, opened)
  const edit = visitDifference(seen, withPatch(seen, changes))
  const after = edit && withPatch(before, edit.patch)
  if (!edit || !after || isSame(before, after)) return null
  const chain = visitEntries(context.family)
  const refused = chain.filter(({ state, mutation }) => state === 'rejected' && mutation)
  const first = refused.find(({ op }) => op === 'create') ?? refused[0]
  assertVisit(after, mayEndAnew(first, context) ? { ...before, ...goingOn } : before, questions, context)
  return first ? replaceRefused(first, edit, context) : composeLast(shown, edit, context)
}

const goingOn = { status: 'in_progress', completedAt: null } as const

/** The visit was completed here, and the server has not heard of it, nor will it before it hears of this edit. */
function mayEndAnew(refused: Entry<VisitMutation> | undefined, { family }: VisitContext): boolean {
  const end = visitEntries(family).findLast(({ mutation }) => mutation?.patch.status === 'completed')
  if (!end) return false
  if (!refused) return mayFold(end, family)
  return end === refused || descendantsOf<FieldEntry>(family, refused.mutationId).includes(end)
}

/** What was saved before and never left this device is one edit with the new one: answers are typed one after another. */
function composeLast(shown: LocalVisit, edit: Edit, context: VisitContext): Plan<FieldMutation> {
  const { record, family, newId, now } = context
  const chain = visitEntries(family)
  const last = lastOf(chain, record !== null)
  const folded = last && mayFold(last, family) ? last : null
  const under = folded?.mutation ?? {
    baseVersion: last ? null : (record?.version ?? null),
    dependsOn: last ? [last.mutationId] : [],
  }
  const whole = folded ? folding(folded.mutation!, edit) : edit
  const remove = folded ? [folded] : []
  if (!whole) return { remove, outcome: 'discarded', add: [], visitId: shown.id }
  const update: VisitMutation = {
    mutationId: newId(),
    entity: 'visit',
    entityId: shown.id,
    siteId: shown.siteId,
    op: 'update',
    baseVersion: under.baseVersion,
    ...whole,
    dependsOn: whole.patch.status === 'completed' ? withPhotos(under.dependsOn, context) : under.dependsOn,
    schemaVersion,
    deviceTime: now(),
  }
  return { remove, outcome: null, add: [update], visitId: shown.id }
}

export const mayFold = <M extends FieldMutation>(
  { op, state, sent, mutation, mutationId }: Entry<M>,
  family: readonly FieldEntry[],
) =>
  op === 'update' &&
  state === 'waiting' &&
  !sent &&
  mutation !== null &&
  !family.some((other) => other.mutation?.dependsOn.includes(mutationId))

/** Both edits as one; null when the later one takes the earlier back. */
function folding(earlier: Edit, later: Edit): Edit | null {
  const both = {
    base: merged(later.base, earlier.base),
    patch: merged(earlier.patch, later.patch),
  }
  const { answers: was = {}, ...base } = both.base
  const { answers: is = {}, ...patch } = both.patch
  const differs = (from: Record<string, unknown>, to: Record<string, unknown>) => (name: string) =>
    !isSame(from[name], to[name])
  const fields = Object.keys(patch).filter(differs(base, patch))
  const questions = Object.keys(is).filter(differs(was, is))
  if (fields.length + questions.length === 0) return null
  const pick = ({ answers = {}, ...values }: VisitPatch): VisitPatch => ({
    ...Object.fromEntries(Object.entries(values).filter(([name]) => fields.includes(name))),
    ...(questions.length > 0 && {
      answers: Object.fromEntries(questions.map((id) => [id, answers[id] ?? null])),
    }),
  })
  return { base: pick(both.base), patch: pick(both.patch) }
}

/** One patch on top of another, answer by answer. */
export function merged(under: VisitPatch, onTop: VisitPatch): VisitPatch {
  const answers = under.answers || onTop.answers ? { ...under.answers, ...onTop.answers } : undefined
  return { ...under, ...onTop, ...(answers && { answers }) }
}

/** As many as an edit can name. */
const mostAncestors = 100

/** The photos that answer questions have to be on the server before the visit can be completed there. */
function withPhotos(ancestors: readonly string[], { family, photos }: VisitContext): string[] {
  const answering = new Set(photos.filter(({ questionId }) => questionId !== null).map(({ id }) => id))
  const needed = family
    .filter(({ entity, op, state, entityId }) => {
      const isToCome = state === 'waiting' || state === 'resending' || state === 'blocked'
      return entity === 'photo' && op === 'create' && isToCome && answering.has(entityId)
    })
    .map(({ mutationId }) => mutationId)
  return [...new Set([...ancestors, ...needed])].slice(0, mostAncestors)
}

/**
 * A refused edit was never applied, and neither was what builds on it. The correction takes their place under a new
 * id, since the server answers an id the same for ever: with all their values, but for those that end the visit, which
 * cannot start with them. Photos that build on it follow it.
 */
function replaceRefused(
  refused: Entry<VisitMutation>,
  edit: Edit,
  context: VisitContext,
): Plan<FieldMutation> {
  const { record, family, newId, now } = context
  const descendants = descendantsOf<FieldEntry>(family, refused.mutationId)
  const edits = [refused, ...visitEntries(descendants)].flatMap(({ mutation }) => mutation ?? [])
  const photos = descendants.filter((entry): entry is FieldEntry => entry.entity === 'photo')
  const remove = [refused, ...visitEntries(descendants), ...photos]
  const isCreate = refused.op === 'create'
  const { status, completedAt, ...patch } = [...edits.map((one) => one.patch), edit.patch].reduce(merged)
  const {
    status: before,
    completedAt: beforeAt,
    ...base
  } = [edit.base, ...edits.map((one) => one.base).reverse()].reduce(merged)
  const ending = { ...(status && { status }), ...(completedAt !== undefined && { completedAt }) }
  const correction: VisitMutation = {
    ...refused.mutation!,
    mutationId: newId(),
    base: isCreate
      ? {}
      : {
          ...base,
          ...(before && { status: before }),
          ...(beforeAt !== undefined && { completedAt: beforeAt }),
        },
    patch: isCreate
      ? { ...withoutNulls(patch), status: 'in_progress', completedAt: null }
      : { ...patch, ...ending },
    dependsOn:
      status === 'completed' && !isCreate
        ? withPhotos(refused.mutation!.dependsOn, context)
        : refused.mutation!.dependsOn,
    deviceTime: now(),
  }
  const ids = new Map<string, string | null>(
    edits.map(({ mutationId }) => [mutationId, correction.mutationId]),
  )
  const following = again(photos as Entry<FieldMutation>[], ids, context, {
    versionOf: () => record?.version ?? null,
  })
  const add: FieldMutation[] = [correction, ...following]
  if (isCreate && status && status !== 'in_progress') {
    const needed = following.filter(({ op }) => op === 'create').map(({ mutationId }) => mutationId)
    add.push({
      ...correction,
      mutationId: newId(),
      op: 'update',
      base: { status: 'in_progress', completedAt: null },
      patch: { status, completedAt: completedAt ?? null },
      dependsOn: [correction.mutationId, ...needed].slice(0, mostAncestors),
    })
  }
  return { remove, outcome: 'replaced', add, visitId: refused.entityId }
}

/** Answers that were taken back are none to start with. */
const withoutNulls = ({ answers = {}, ...patch }: VisitPatch): VisitPatch => ({
  ...patch,
  answers: Object.fromEntries(Object.entries(answers).filter(([, value]) => value !== null)),
})
