import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Answer, Problem } from '#desktop/bridge/channels'
import { ask, on, problemOf } from '../../app/bridge.ts'
import { useDataChanges } from '../../app/data-changes.ts'

interface Loaded<T> {
  value: T | null
  problem: Problem | null
  reload: () => Promise<void>
}

/** What `read` answers, asked anew when the queue or the copies change; the latest question counts. */
function useFresh<T>(read: () => Promise<T>, key: string): Loaded<T> {
  const [loaded, setLoaded] = useState<Omit<Loaded<T>, 'reload'>>({ value: null, problem: null })
  const asked = useRef(0)
  const reload = async () => {
    const mine = ++asked.current
    try {
      const value = await read()
      if (mine === asked.current) setLoaded({ value, problem: null })
    } catch (error) {
      if (mine === asked.current) setLoaded(({ value }) => ({ value, problem: problemOf(error) }))
    }
  }
  const refresh = useEffectEvent(() => void reload())
  useEffect(() => {
    refresh()
    return on('sync.changed', refresh)
  }, [key])
  useDataChanges(null, () => void reload())
  return { ...loaded, reload }
}

/** An edit in the queue, and one that is over: of an interaction, a visit or a photo. */
export type AnyItem = Answer<'sync.queue'>['items'][number]
export type AnyPast = Answer<'sync.past'>['items'][number]

/** Everything that has not reached the server. */
export const useQueue = (): Loaded<AnyItem[]> =>
  useFresh(() => ask('sync.queue', {}).then(({ items }) => items), 'queue')

const step = 200
const most = 2000

/** What is over, the latest first; `showMore` reaches further back. Nothing is read while it is not `wanted`. */
export function usePast(wanted: boolean) {
  const [limit, setLimit] = useState(step)
  const past = useFresh<Answer<'sync.past'> | null>(
    () => (wanted ? ask('sync.past', { limit }) : Promise.resolve(null)),
    `${wanted} ${limit}`,
  )
  const more = Boolean(past.value?.more) && limit < most
  const loaded = past.value?.items.length ?? 0
  return {
    items: past.value?.items ?? null,
    problem: past.problem,
    reload: past.reload,
    showMore: () => more && loaded >= limit && setLimit(Math.min(most, limit + step)),
  }
}
