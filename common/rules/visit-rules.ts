import type { FieldProblem } from '../contract/errors.ts'
import type { InteractionFields } from '../contract/interactions.ts'
import { maxPhotosOfVisit, type Photo, PhotoFields, type PhotoPatch } from '../contract/photos.ts'
import type { Shop } from '../contract/shops.ts'
import type { Question } from '../contract/surveys.ts'
import {
  type Answers,
  type Position,
  VisitFields,
  type VisitPatch,
  type VisitType,
} from '../contract/visits.ts'
import { canonicalJson } from './canonical-json.ts'
import { answerProblem, type Evidence, gapsOf } from './survey-flow.ts'
import { isTangled, maxCornersInAll, polygonProblem } from './shelf-share.ts'

/** What a visit and its photos have to satisfy beyond the shape of their fields; outbox and server ask here. */

export const visitTypeWords: Record<VisitType, string> = {
  routine: 'Routine visit',
  follow_up: 'Follow-up',
  audit: 'Audit',
  opening: 'New shop',
  other: 'Other',
}

const earthRadius = 6_371_008.8
const radians = (degrees: number) => (degrees * Math.PI) / 180

/** Metres along the ground between two places. */
export function metresBetween(
  a: Pick<Position, 'latitude' | 'longitude'>,
  b: Pick<Position, 'latitude' | 'longitude'>,
): number {
  const across = Math.sin(radians(b.latitude - a.latitude) / 2) ** 2
  const along = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2
  const part = across + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * along
  return 2 * earthRadius * Math.asin(Math.min(1, Math.sqrt(part)))
}

/** Metres from a shop within which a visit may begin without being flagged. */
const near = 300

/** Metres that a device may be wrong by: on top of that goes how exact it says a position is, and no more than this. */
const mostInexact = 200

const inexactness = ({ source, accuracy }: Position) =>
  source === 'device' ? Math.min(accuracy ?? 0, mostInexact) : 0

/** Where a visit began, seen from its shop: null where one of them is not known. */
export function distanceFrom(
  shop: Pick<Shop, 'latitude' | 'longitude'> | null,
  position: Position | null,
): { metres: number; isFar: boolean } | null {
  if (!shop || shop.latitude === null || shop.longitude === null || !position) return null
  const metres = Math.round(metresBetween({ latitude: shop.latitude, longitude: shop.longitude }, position))
  return { metres, isFar: metres > near + inexactness(position) }
}

type Flat = Record<string, unknown>

/** Equal values, in whatever order their keys came; what is not there is null. */
export const isSame = (a: unknown, b: unknown) => canonicalJson(a ?? null) === canonicalJson(b ?? null)

const picked = <F extends object>(schema: { properties: Record<keyof F, unknown> }, from: F): F =>
  Object.fromEntries(Object.keys(schema.properties).map((name) => [name, from[name as keyof F]])) as F

/** The fields of a visit, without what the server keeps beside them. */
export const visitFieldsOf = (visit: VisitFields): VisitFields => picked(VisitFields, visit)

/** The fields of a photo, with what is marked and without its shares. */
export const photoFieldsOf = (photo: PhotoFields): PhotoFields => ({
  ...picked(PhotoFields, photo),
  quadrants: photo.quadrants.map(({ id, brandId, polygon }) => ({ id, brandId, polygon })),
})

/** Moments in UTC with milliseconds, the one way they are stored and compared. Other fields stay as they are. */
const inUtc = <P extends object>(patch: P, ...fields: (keyof P)[]): P => {
  const given = fields.filter((field) => typeof patch[field] === 'string')
  const moments = given.map((field) => [field, new Date(patch[field] as string).toISOString()] as const)
  return { ...patch, ...Object.fromEntries(moments) }
}
export const normaliseVisit = <P extends VisitPatch>(patch: P): P => inUtc(patch, 'startedAt', 'completedAt')
export const normalisePhoto = <P extends PhotoPatch>(patch: P): P => inUtc(patch, 'takenAt')

const answerPrefix = 'answers.'

/** A patch as fields beside each other: an answer is `answers.` and its question's id. */
function flat({ answers = {}, ...fields }: VisitPatch): Flat {
  const named = Object.entries(answers).map(([id, value]) => [answerPrefix + id, value] as const)
  return { ...fields, ...Object.fromEntries(named) }
}

/** The question that a field of a conflict is the answer to; null for another field. */
export const questionOfField = (field: string): string | null =>
  field.startsWith(answerPrefix) ? field.slice(answerPrefix.length) : null

/** They mean something only together. */
export const together: readonly (readonly string[])[] = [
  ['status', 'completedAt'],
  ['surveyId', 'surveyNumber'],
]

/**
 * Three-way merge by field, as of interactions. The fields in conflict; null when there are none, and the patch can be
 * put onto the record as it is.
 */
export function conflictsOf(base: Flat, patch: Flat, theirs: Flat): string[] | null {
  const touched = Object.keys(patch)
  const grouped = together.map((group) => touched.filter((field) => group.includes(field)))
  const single = touched.filter((field) => !grouped.flat().includes(field)).map((field) => [field])
  const fields = [...grouped, ...single].filter(
    (group) =>
      !group.every((field) => isSame(theirs[field], base[field])) &&
      !group.every((field) => isSame(theirs[field], patch[field])),
  )
  return fields.length > 0 ? fields.flat() : null
}

export const visitConflicts = (base: VisitPatch, patch: VisitPatch, theirs: VisitFields) =>
  conflictsOf(flat(base), flat(patch), flat(theirs))

export const photoConflicts = (base: PhotoPatch, patch: PhotoPatch, theirs: PhotoPatch) =>
  conflictsOf(base, patch, theirs)

const unmarked = { shelf: null, quadrants: [] }

/** The marks that taking a photo out would throw away unseen. Older apps do not say what they saw: that is nothing. */
export const removalConflicts = (base: PhotoPatch, theirs: PhotoPatch) =>
  photoConflicts({ ...unmarked, ...base }, unmarked, theirs)

/** The visit with an edit put on top; an answer that is null goes. */
export function withPatch<F extends VisitFields>(visit: F, { answers, ...fields }: VisitPatch): F {
  return { ...visit, ...fields, ...(answers && { answers: withoutNulls({ ...visit.answers, ...answers }) }) }
}

const withoutNulls = (answers: Answers): Answers =>
  Object.fromEntries(Object.entries(answers).filter(([, value]) => value !== null))

/** What an edit from `before` to `after` touches, with old and new values; null when nothing changed. */
export function visitDifference(
  before: VisitFields,
  after: VisitFields,
): { base: VisitPatch; patch: VisitPatch } | null {
  const fields = (Object.keys(after) as (keyof VisitFields)[]).filter(
    (field) => field !== 'answers' && !isSame(before[field], after[field]),
  )
  const questions = [...new Set([...Object.keys(before.answers), ...Object.keys(after.answers)])].filter(
    (id) => !isSame(before.answers[id], after.answers[id]),
  )
  if (fields.length + questions.length === 0) return null
  const pick = (from: VisitFields): VisitPatch => ({
    ...(Object.fromEntries(fields.map((field) => [field, from[field]])) as VisitPatch),
    ...(questions.length > 0 && {
      answers: Object.fromEntries(questions.map((id) => [id, from.answers[id] ?? null])),
    }),
  })
  return { base: pick(before), patch: pick(after) }
}

const wrong = (field: string, message: string): FieldProblem => ({ field, message })

/**
 * What is wrong with a visit as it is to be; `before` is null when it is started. `questions` are those of its survey,
 * empty where it has none, and `photos` what it has by question.
 */
export function visitProblems(
  visit: VisitFields,
  before: VisitFields | null,
  questions: readonly Question[],
  photos: Evidence['photos'],
): FieldProblem[] {
  const problems: FieldProblem[] = []
  if (!before) {
    if (visit.status !== 'in_progress') problems.push(wrong('status', 'A visit starts in progress'))
  } else {
    for (const field of ['surveyId', 'visitType', 'startedAt', 'timezone'] as const)
      if (!isSame(visit[field], before[field]))
        problems.push(wrong(field, 'Is decided when the visit starts'))
    problems.push(...transitionProblems(visit, before))
  }
  if ((visit.surveyId === null) !== (visit.surveyNumber === null))
    problems.push(wrong('surveyNumber', 'Goes with the survey, and only with it'))
  if (before && (visit.surveyNumber ?? 0) < (before.surveyNumber ?? 0))
    problems.push(wrong('surveyNumber', 'Can only become a later one'))
  if ((visit.status === 'completed') !== (visit.completedAt !== null))
    problems.push(wrong('completedAt', 'Is there when the visit is completed, and only then'))
  if (visit.completedAt && Date.parse(visit.completedAt) < Date.parse(visit.startedAt))
    problems.push(wrong('completedAt', 'Must not be before the start'))
  for (const [id, value] of Object.entries(visit.answers)) {
    if (before && isSame(value, before.answers[id]) && visit.surveyNumber === before.surveyNumber) continue
    const question = questions.find((one) => one.id === id)
    const message = !question
      ? 'Is no question of this survey'
      : value !== null && answerProblem(question, value)
    if (message) problems.push(wrong(answerPrefix + id, message))
  }
  if (problems.length === 0 && visit.status === 'completed') {
    for (const { questionId, message } of gapsOf(questions, { answers: visit.answers, photos }))
      problems.push(wrong(answerPrefix + questionId, message))
  }
  return problems
}

/** Where a visit began is said once. A completed visit only grows; one that was cancelled does not change. */
function transitionProblems(visit: VisitFields, before: VisitFields): FieldProblem[] {
  if (before.status === 'in_progress') {
    const isMoved = before.position !== null && !isSame(visit.position, before.position)
    return isMoved ? [wrong('position', 'Where the visit began is known already')] : []
  }
  if (before.status === 'cancelled')
    return visitDifference(before, visit) ? [wrong('status', 'The visit was cancelled')] : []
  const frozen = (['status', 'completedAt', 'shopId', 'surveyNumber', 'position'] as const).filter(
    (field) => !isSame(visit[field], before[field]),
  )
  const changed = Object.keys(before.answers).filter((id) => !isSame(visit.answers[id], before.answers[id]))
  const message = 'The visit is completed: it can be added to, and not changed'
  return [
    ...frozen.map((field) => wrong(field, message)),
    ...changed.map((id) => wrong(answerPrefix + id, message)),
    ...(visit.notes.startsWith(before.notes) ? [] : [wrong('notes', message)]),
  ]
}

/** What is wrong with so many photos more, where a visit has some. */
export const photoCountProblems = (before: number, more: number): FieldProblem[] =>
  before + more > maxPhotosOfVisit
    ? [wrong('visitId', `Has ${before} photos; ${maxPhotosOfVisit} is the most`)]
    : []

/** A photo of a completed visit stays once its bytes are there; one whose bytes cannot come any more may be taken out. */
export const mayRemovePhoto = (
  { storedAt }: Pick<Photo, 'storedAt'>,
  { status }: Pick<VisitFields, 'status'>,
): boolean => status !== 'completed' || storedAt === null

/** What is wrong with a photo as it is to be, on a visit of this status; `before` is null when it is added. */
export function photoProblems(
  photo: PhotoFields,
  before: PhotoFields | null,
  status: VisitFields['status'],
): FieldProblem[] {
  const problems: FieldProblem[] = []
  if (status === 'cancelled') problems.push(wrong('visitId', 'The visit was cancelled'))
  if ((photo.purpose === 'question') !== (photo.questionId !== null))
    problems.push(wrong('questionId', 'Goes with the purpose “question”, and only with it'))
  if ((photo.latitude === null) !== (photo.longitude === null))
    problems.push(
      wrong(photo.latitude === null ? 'latitude' : 'longitude', 'Is required beside the other one'),
    )
  if (photo.purpose !== 'shelf' && (photo.quadrants.length > 0 || photo.shelf !== null))
    problems.push(wrong('quadrants', 'Only shelf photos are marked'))
  const corners = photo.quadrants.reduce((sum, { polygon }) => sum + polygon.length, photo.shelf?.length ?? 0)
  if (corners > maxCornersInAll) {
    const message = `Has ${corners} corners in all; ${maxCornersInAll} is the most. Draw with fewer`
    return [...problems, wrong('quadrants', message)]
  }
  const polygons = photo.quadrants.map(({ polygon }) => polygon)
  if (isTangled(polygons, photo.shelf)) {
    const message = 'The outlines cross each other too often to be measured. Draw with fewer corners'
    return [...problems, wrong('quadrants', message)]
  }
  if (photo.shelf) {
    const message = polygonProblem(photo.shelf)
    if (message) problems.push(wrong('shelf', message))
  }
  for (const [index, { polygon }] of photo.quadrants.entries()) {
    const message = polygonProblem(polygon)
    if (message) problems.push(wrong(`quadrants.${index}.polygon`, message))
  }
  if (new Set(photo.quadrants.map(({ id }) => id)).size < photo.quadrants.length)
    problems.push(wrong('quadrants', 'Two blocks have the same id'))
  if (before) {
    const given = Object.keys(before) as (keyof PhotoFields)[]
    for (const field of given.filter((one) => one !== 'shelf' && one !== 'quadrants'))
      if (!isSame(photo[field], before[field])) problems.push(wrong(field, 'Cannot be changed'))
    const wasMarked = before.quadrants.length > 0
    if (status === 'completed' && wasMarked && !isSame(photo, before))
      problems.push(wrong('quadrants', 'The visit is completed: what is marked stays as it is'))
  }
  return problems
}

/** How much of an agent's own words fits into a title; no half of a character stays, which PostgreSQL cannot hold. */
const cut = (text: string, most: number) =>
  text.length > most
    ? `${text
        .slice(0, most - 1)
        .replace(/[\ud800-\udbff]$/, '')
        .trimEnd()}…`
    : text

/**
 * The interaction of a visit, as it follows from it. While the visit goes on it is incomplete and has no end; it ends
 * a minute after its start at the earliest, since an interaction has to.
 */
export function interactionOf(
  visit: VisitFields,
  { shop, agentName }: { shop: Pick<Shop, 'name' | 'address'> | null; agentName: string },
): InteractionFields {
  const { startedAt, completedAt } = visit
  const isOver = completedAt !== null
  return {
    title: cut(shop ? `Visit: ${shop.name}` : `Visit: ${visitTypeWords[visit.visitType]}`, 255),
    type: 'Visit',
    lead: cut(agentName, 100),
    startDateTime: new Date(startedAt).toISOString(),
    endDateTime: isOver
      ? new Date(Math.max(Date.parse(completedAt), Date.parse(startedAt) + 60_000)).toISOString()
      : null,
    timezone: visit.timezone,
    location: cut(shop?.address ?? '', 255),
    description: visitTypeWords[visit.visitType],
    notes: visit.notes,
    status: isOver ? 'complete' : 'incomplete',
  }
}
