import { type RefObject, useEffect, useRef } from 'react'

/**
 * Puts the cursor into the first field that is wrong, once after each call of what it returns: when that is known
 * already, or when the server has answered.
 */
export function useFocusWrong(form: RefObject<HTMLElement | null>): () => void {
  const sent = useRef(false)
  useEffect(() => {
    const wrong = sent.current && form.current?.querySelector<HTMLElement>('[aria-invalid=true]')
    if (!wrong) return
    sent.current = false
    wrong.focus()
    // With its name above it.
    wrong.parentElement?.scrollIntoView({ block: 'nearest' })
  })
  return () => {
    sent.current = true
  }
}
