import { AppError } from '#common/contract/errors'
import type { InteractionFields, Status } from '#common/contract/interactions'
import { interactionFields, interactionProblems } from '#common/rules/interaction-rules'

/** The fields a person fills in, without what surrounds them in a record. */
export const fieldsOf = (from: InteractionFields): InteractionFields =>
  Object.fromEntries(interactionFields.map((field) => [field, from[field]])) as InteractionFields

/** Throws VALIDATION_ERROR, field by field, unless these make a valid record; `from` is its status before. */
export function assertValid(fields: InteractionFields, from: Status | null): void {
  const details = interactionProblems(fieldsOf(fields), from)
  if (details.length > 0)
    throw new AppError('VALIDATION_ERROR', 'Some fields need your attention.', { details })
}
