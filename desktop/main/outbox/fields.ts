import { createHash } from 'node:crypto'
import { AppError } from '#common/contract/errors'
import type { InteractionFields, Status } from '#common/contract/interactions'
import { fieldsOf, fieldsText, interactionProblems } from '#common/rules/interaction-rules'

/** Throws VALIDATION_ERROR, field by field, unless these make a valid record; `from` is its status before. */
export function assertValid(fields: InteractionFields, from: Status | null): void {
  const details = interactionProblems(fieldsOf(fields), from)
  if (details.length > 0)
    throw new AppError('VALIDATION_ERROR', 'Some fields need your attention.', { details })
}

/** Says what somebody saw without repeating it. */
export const digestOf = (fields: InteractionFields): string =>
  createHash('sha256').update(fieldsText(fields)).digest('hex')
