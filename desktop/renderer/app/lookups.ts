import { useEffect, useState } from 'react'
import type { Answer } from '#desktop/bridge/channels'
import { ask } from './bridge.ts'

export type Lookups = Answer<'lookups.read'>

const none: Lookups = { types: [], leads: [], people: {} }

/** What can be chosen in a site, read anew each time it is about to be offered; empty until it is there, and in no site. */
export function useLookups(siteId: string | null): Lookups {
  const [lookups, setLookups] = useState(none)
  useEffect(() => {
    if (siteId === null) return
    let current = true
    ask('lookups.read', { siteId }).then(
      (found) => current && setLookups(found),
      () => current && setLookups(none),
    )
    return () => {
      current = false
    }
  }, [siteId])
  return lookups
}
