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
    const run = () => {
      again = timer !== undefined
      if (again) return
      onChange()
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
      clearTimeout(timer)
    }
  }, [siteId])
}
