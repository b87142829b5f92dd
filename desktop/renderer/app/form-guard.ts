import { useEffect, useRef } from 'react'
import { useWorkspace } from './workspace.ts'

/**
 * Makes a screen's form the one that Ctrl+S saves, and that is asked about when something else is to take its place
 * with unsaved changes in it, unless it saves itself. `save` answers false when something is wrong, which the form then
 * shows.
 */
export function useFormGuard(
  dirty: boolean,
  save: () => Promise<boolean>,
  discard: () => void,
  { savesItself = false } = {},
) {
  const latest = useRef({ save, discard })
  useEffect(() => {
    latest.current = { save, discard }
  })
  useEffect(() => {
    const form = { save: () => latest.current.save(), discard: () => latest.current.discard(), savesItself }
    useWorkspace.setState({ form })
    return () => useWorkspace.setState({ form: null, dirty: false })
  }, [savesItself])
  useEffect(() => useWorkspace.setState({ dirty }), [dirty])
}
