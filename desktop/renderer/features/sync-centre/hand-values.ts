import type { FieldProblem } from '#common/contract/errors'
import type { Interaction, InteractionField, InteractionPatch, Status } from '#common/contract/interactions'
import { fieldsOf, interactionFields, interactionProblems } from '#common/rules/interaction-rules'
import { type Moment, momentOf, type MomentParts, partsOf } from '../../ui/moment.ts'
import type { Row } from '../../ui/field-rows.ts'

/** A version of a record as form fields hold it: no nulls, and moments as the clock in its zone shows them. */
export type HandValues = Record<Exclude<InteractionField, MomentName>, string> &
  Record<MomentName, MomentParts>
type MomentName = 'startDateTime' | 'endDateTime'

const isMoment = (field: InteractionField): field is MomentName =>
  field === 'startDateTime' || field === 'endDateTime'

export function handValuesOf(version: InteractionPatch): HandValues {
  const zone = version.timezone ?? null
  return Object.fromEntries(
    interactionFields.map((field) => [
      field,
      isMoment(field) ? partsOf(version[field] ?? null, zone) : (version[field] ?? ''),
    ]),
  ) as unknown as HandValues
}

export const momentIn = (values: HandValues, field: MomentName): Moment =>
  momentOf(values[field], values.timezone)

const nullable: readonly InteractionField[] = ['title', 'type', 'lead', 'timezone']

/**
 * What a row written by hand says. What was not touched stays exactly as it was in `from`: a form shows minutes, and
 * that must not count as an edit.
 */
export function handPatch(row: Row, values: HandValues, from: InteractionPatch): InteractionPatch {
  const before = handValuesOf(from)
  const same = (field: InteractionField) => JSON.stringify(values[field]) === JSON.stringify(before[field])
  const value = (field: InteractionField) => {
    if (same(field) && (!isMoment(field) || same('timezone'))) return from[field] ?? null
    if (isMoment(field)) {
      const moment = momentIn(values, field)
      return moment.kind === 'moment' ? moment.instant : null
    }
    if (field === 'status') return values.status as Status
    return nullable.includes(field) && !values[field].trim() ? null : values[field]
  }
  return Object.fromEntries(row.fields.map((field) => [field, value(field)]))
}

/** What is wrong with `theirs` once `wanted` is laid over it; `values` are those of rows written by hand. */
export function handProblems(
  theirs: Interaction,
  wanted: InteractionPatch,
  byHand: readonly Row[],
  values: HandValues | null,
): FieldProblem[] {
  const moments = byHand
    .flatMap(({ fields }) => fields.filter(isMoment))
    .flatMap((field): FieldProblem[] => {
      const moment = values && momentIn(values, field)
      return moment?.kind === 'problem' ? [{ field, message: moment.message }] : []
    })
  const others = interactionProblems({ ...fieldsOf(theirs), ...wanted }, theirs.status)
  return [...moments, ...others.filter(({ field }) => !moments.some((moment) => moment.field === field))]
}
