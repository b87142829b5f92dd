/** Where a question stands on the page. */
export const questionPlace = (id: string) => `question-${id}`

/** Brings a question into sight and the keyboard to what it is answered with; false where it is not on the page. */
export function focusQuestion(id: string): boolean {
  const place = document.getElementById(questionPlace(id))
  if (!place) return false
  place.scrollIntoView({ block: 'nearest' })
  const control = place.querySelector<HTMLElement>(
    ':is(input, textarea, button):enabled:is(:checked, :not([type=radio]))',
  )
  ;(control ?? place.querySelector<HTMLElement>('input:enabled') ?? place).focus()
  return true
}
