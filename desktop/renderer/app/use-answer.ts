import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Problem } from '#desktop/bridge/channels'
import { problemOf } from './bridge.ts'

/**
 * What `read` answers, asked anew whenever `key` changes and by `reload`; the latest question counts. The last answer
 * stays while another is asked for, and beside a problem.
 */
export function useAnswer<T>(key: string, read: () => Promise<T>) {
  const [state, setState] = useState<{ value: T | null; problem: Problem | null }>({
    value: null,
    problem: null,
  })
  const asked = useRef(0)
  const reload = async () => {
    const mine = ++asked.current
    try {
      const value = await read()
      if (mine === asked.current) setState({ value, problem: null })
    } catch (error) {
      if (mine === asked.current) setState(({ value }) => ({ value, problem: problemOf(error) }))
    }
  }
  const refresh = useEffectEvent(() => void reload())
  useEffect(() => refresh(), [key])
  return { ...state, reload, setValue: (value: T) => setState({ value, problem: null }) }
}
