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
  const latest = useRef({ save, discard, savesItself })
  useEffect(() => {
    latest.current = { save, discard, savesItself }
  })
  useEffect(() => {
    const form = {
      save: () => latest.current.save(),
      discard: () => latest.current.discard(),
      get savesItself() {
        return latest.current.savesItself
      },
    }
    useWorkspace.setState({ form })
    return () => useWorkspace.setState({ form: null, dirty: false })
  }, [])
  useEffect(() => useWorkspace.setState({ dirty }), [dirty])
}

/**
 * What is to be called once all of the form that is open now is saved: it counts as clean at once, before it is drawn
 * again. By then another form may have taken its place, which stays as it is.
 */
export function whenSaved(): () => void {
  const { form } = useWorkspace.getState()
  return () => {
    if (useWorkspace.getState().form === form) useWorkspace.setState({ dirty: false })
  }
}
