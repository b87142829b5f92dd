import type { Problem } from '#desktop/bridge/channels'

export type FieldErrors<Field extends string> = Partial<Record<Field, string>>

/** What is said of these fields, whose names begin with `prefix` at the server. */
export const errorsAt = <Field extends string>(
  { details }: Problem,
  fields: readonly Field[],
  prefix = '',
): FieldErrors<Field> =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const message = details.find((detail) => detail.field === prefix + field)?.message
      return message === undefined ? [] : [[field, message]]
    }),
  ) as FieldErrors<Field>

/** What was said of a field no longer holds once it is changed. */
export const withoutErrors = <Errors extends object>(errors: Errors, changes: object): Errors =>
  Object.fromEntries(Object.entries(errors).filter(([field]) => !(field in changes))) as Errors

export const isSaid = (errors: object): boolean => Object.keys(errors).length > 0

/** Where there is no field to put it beside, what is wrong is said in its place. */
export const asSentence = (problem: Problem): Problem => {
  const [detail] = problem.details
  return detail && problem.details.length === 1
    ? { ...problem, message: detail.message, details: [] }
    : problem
}
