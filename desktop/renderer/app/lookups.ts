import { useEffect, useState } from 'react'
import type { Answer } from '#desktop/bridge/channels'
import { ask } from './bridge.ts'
import { useSync } from './sync.ts'

export type Lookups = Answer<'lookups.read'>

const none: Lookups = { types: [], leads: [], people: {} }

/**
 * What can be chosen in a site, and who is who; empty until it is there, and in no site. Read anew whenever the device
 * has heard from the server, with whom people and types come and go.
 */
export function useLookups(siteId: string | null): Lookups {
  const [lookups, setLookups] = useState(none)
  const heardAt = useSync(({ upToDateAt }) => upToDateAt)
  useEffect(() => {
    if (siteId === null) return
    let current = true
    const show = (found: Lookups) => {
      // The same is left as it is: lists are drawn anew for another.
      if (current) setLookups((shown) => (JSON.stringify(shown) === JSON.stringify(found) ? shown : found))
    }
    ask('lookups.read', { siteId }).then(show, () => show(none))
    return () => {
      current = false
    }
  }, [siteId, heardAt])
  return lookups
}
