import type { FieldValues, Path, UseFormSetError } from 'react-hook-form'
import type { Problem } from '#desktop/bridge/channels'

/** Puts what is said of a form's own fields under them, the cursor into the first; false where nothing is. */
export function showAtFields<Values extends FieldValues>(
  { details }: Problem,
  fields: readonly Path<Values>[],
  setError: UseFormSetError<Values>,
): boolean {
  const found = fields.flatMap((field) => {
    const message = details.find((detail) => detail.field === field)?.message
    return message === undefined ? [] : [{ field, message }]
  })
  found.forEach(({ field, message }, index) => setError(field, { message }, { shouldFocus: index === 0 }))
  return found.length > 0
}
