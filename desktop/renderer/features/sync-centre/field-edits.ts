import type { Brand } from '#common/contract/brands'
import type { PhotoPatch, PhotoPurpose, Quadrant } from '#common/contract/photos'
import type { AnswerValue, Position, VisitPatch, VisitStatus } from '#common/contract/visits'
import { questionOfField, together, visitTypeWords } from '#common/rules/visit-rules'
import type { FieldItem, PastFieldItem } from '#desktop/bridge/channels'
import type { OpenVisit } from '#desktop/bridge/field'
import { countWords, momentWords, readerZone } from '../../ui/date-words.ts'
import { capital } from '../../ui/field-rows.ts'
import { positionWords } from '../../ui/place-words.ts'
import { answerWords } from '../../ui/survey/answer-words.ts'
import { purposeWords, sizeWords, statusWords } from '../../ui/visit-labels.ts'

/** Edits of visits and photos as rows of a table, and in words. */

export type FieldEdit = Pick<FieldItem | PastFieldItem, 'entity' | 'op' | 'patch'>

type Flat = Readonly<Record<string, unknown>>

/** What is known on this device of the visit that an edit is about; names come from there. */
export interface Known {
  open: OpenVisit | null
  brands: readonly Brand[]
}

/** The fields of a patch beside each other: an answer is `answers.` and its question's id. */
export function flatFields({ answers, ...fields }: Record<string, unknown>): Flat {
  const named = Object.entries((answers ?? {}) as Flat)
  return { ...fields, ...Object.fromEntries(named.map(([id, value]) => [`answers.${id}`, value])) }
}

/** Back again, as main takes it. */
export function patchOf(flat: Flat): VisitPatch | PhotoPatch {
  const answers: Record<string, unknown> = {}
  const fields: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(flat)) {
    const question = questionOfField(field)
    if (question === null) fields[field] = value
    else answers[question] = value
  }
  return { ...fields, ...(Object.keys(answers).length > 0 && { answers }) } as VisitPatch | PhotoPatch
}

/** What people need not see of a new photo. */
const unseen = [
  'visitId',
  'questionId',
  'sha256',
  'type',
  'width',
  'height',
  'latitude',
  'longitude',
  'timezone',
]

export interface FieldRow {
  key: string
  fields: readonly string[]
}

/** The rows of some fields: what belongs together is one, and goes by the field that has a name. */
export function fieldRows(fields: readonly string[]): FieldRow[] {
  const keyOf = (field: string) =>
    together.find((group) => group.includes(field))?.find((each) => each in labels) ?? field
  const groups = Map.groupBy(
    fields.filter((field) => !unseen.includes(field)),
    keyOf,
  )
  return [...groups].map(([key, members]) => ({ key, fields: members }))
}

const labels: Record<string, string> = {
  shopId: 'Shop',
  surveyNumber: 'Survey',
  visitType: 'Type of visit',
  status: 'Status',
  startedAt: 'Started',
  position: 'Place',
  notes: 'Notes',
  purpose: 'Photo of',
  size: 'Size',
  takenAt: 'Taken',
  shelf: 'Outline of the shelf',
  quadrants: 'Marks',
}

const questionIn = ({ open }: Known, field: string) =>
  open?.survey?.questions.find(({ id }) => id === questionOfField(field))

export const rowLabel = ({ key }: FieldRow, known: Known): string =>
  questionOfField(key) === null ? (labels[key] ?? key) : (questionIn(known, key)?.text ?? 'An answer')

/** What a row says in one version; empty when it says nothing. */
export function rowText({ key }: FieldRow, version: Flat, known: Known): string {
  const value = version[key]
  if (value === undefined || value === null) return ''
  if (questionOfField(key) !== null) {
    const question = questionIn(known, key)
    return question ? answerWords(question, value as AnswerValue) : [value].flat().map(String).join(', ')
  }
  switch (key) {
    case 'shopId':
      return known.open?.shop?.id === value ? known.open.shop.name : 'Another shop'
    case 'surveyNumber':
      return [known.open?.survey?.name, `version ${value as number}`].filter(Boolean).join(', ')
    case 'visitType':
      return visitTypeWords[value as keyof typeof visitTypeWords]
    case 'status':
      return statusWords[value as VisitStatus].words
    case 'startedAt':
    case 'takenAt':
      return momentWords(value as string, readerZone())
    case 'position':
      return positionWords(value as Position)
    case 'purpose':
      return purposeWords[value as PhotoPurpose]
    case 'size':
      return sizeWords(value as number)
    case 'shelf':
      return countWords((value as unknown[]).length, 'corner')
    case 'quadrants':
      return marksWords(value as readonly Quadrant[], known.brands)
    default:
      return typeof value === 'string' ? value : JSON.stringify(value)
  }
}

/** Valio 2, Arla 1 */
function marksWords(quadrants: readonly Quadrant[], brands: readonly Brand[]): string {
  const counts = Map.groupBy(quadrants, ({ brandId }) => brandId)
  const name = (id: string) => brands.find((brand) => brand.id === id)?.name ?? 'Unknown brand'
  return [...counts].map(([id, blocks]) => `${name(id)} ${blocks.length}`).join(', ') || 'Nothing marked'
}

/** What an edit of a visit or a photo does, in a line. */
export function fieldChangeWords({ entity, op, patch }: FieldEdit): string {
  if (entity === 'photo') {
    // Of one that is nowhere but here it is not known any more.
    const purpose = patch.purpose as PhotoPurpose | undefined
    if (op === 'create') return purpose ? `Photo (${purposeWords[purpose].toLowerCase()})` : 'Photo'
    return op === 'delete' ? 'Photo removed' : 'Shelf marked'
  }
  if (op === 'create') return 'New visit'
  if (patch.status === 'completed' || patch.status === 'cancelled') return statusWords[patch.status].words
  const { answers, ...fields } = patch
  const count = Object.keys(answers ?? {}).length
  const parts = [
    ...(count > 0 ? [countWords(count, 'answer')] : []),
    ...fieldRows(Object.keys(fields)).map(({ key }) => (labels[key] ?? key).toLowerCase()),
  ]
  return capital(parts.join(', ')) || 'No change'
}

/** Which side each row of a conflict takes. */
export type Sides = Readonly<Record<string, 'mine' | 'theirs' | undefined>>

/** A value without what the server keeps beside it: the shares of marks. */
const asWritten = (field: string, value: unknown): unknown =>
  field === 'quadrants'
    ? ((value ?? []) as Quadrant[]).map(({ id, brandId, polygon }) => ({ id, brandId, polygon }))
    : value

/** The values that end a conflict; null while a row has no side. */
export function settled({ conflict }: FieldItem, sides: Sides): VisitPatch | PhotoPatch | null {
  if (!conflict) return null
  const versions = { mine: flatFields(conflict.mine), theirs: flatFields(conflict.theirs ?? {}) }
  const wanted: Record<string, unknown> = {}
  for (const { key, fields } of fieldRows(conflict.fields)) {
    const side = sides[key]
    if (!side) return null
    for (const field of fields) wanted[field] = asWritten(field, versions[side][field] ?? null)
  }
  return patchOf(wanted)
}
