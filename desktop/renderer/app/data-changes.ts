import { useEffect, useEffectEvent } from 'react'
import { on } from './bridge.ts'

/** During a first sync changes come thick and fast; the screen follows four times a second. */
const pause = 250

/** Calls `refresh` when local records changed, of one site or, with null, of any. */
export function useDataChanges(siteId: string | null, refresh: () => void) {
  const onChange = useEffectEvent(refresh)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let again = false
    const ended = new AbortController()
    const run = () => {
      again = timer !== undefined
      if (again) return
      // Behind what the person is waiting for, such as the word that their edit is saved.
      scheduler.postTask(onChange, { priority: 'background', signal: ended.signal }).catch(() => undefined)
      timer = setTimeout(() => {
        timer = undefined
        if (again) run()
      }, pause)
    }
    const stop = on('data.changed', ({ siteIds }) => {
      if (siteId === null || siteIds.includes(siteId)) run()
    })
    return () => {
      stop()
      ended.abort()
      clearTimeout(timer)
    }
  }, [siteId])
}
