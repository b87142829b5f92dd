import { useCallback, useEffect, useMemo, useRef } from 'react'

/**
 * Does something once the person has paused for `milliseconds`: a later call replaces an earlier one, and `flush` or
 * the end of the component does it at once.
 */
export function usePause(milliseconds: number) {
  const pending = useRef<{ timer: ReturnType<typeof setTimeout>; work: () => void }>(undefined)
  const cancel = useCallback(() => {
    clearTimeout(pending.current?.timer)
    pending.current = undefined
  }, [])
  const flush = useCallback(() => {
    const work = pending.current?.work
    cancel()
    work?.()
  }, [cancel])
  const after = useCallback(
    (work: () => void) => {
      cancel()
      pending.current = { work, timer: setTimeout(flush, milliseconds) }
    },
    [cancel, flush, milliseconds],
  )
  useEffect(() => flush, [flush])
  return useMemo(() => ({ after, flush, cancel }), [after, flush, cancel])
}
