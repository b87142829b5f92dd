import { useState } from 'react'
import type { Problem } from '#desktop/bridge/channels'
import { problemOf } from '../../app/bridge.ts'

/** Carries out a decision and shows what came in its way. */
export function useAction(onDone: () => void) {
  const [problem, setProblem] = useState<Problem | null>(null)
  const act = async (work: () => Promise<unknown>) => {
    setProblem(null)
    try {
      await work()
      onDone()
    } catch (error) {
      setProblem(problemOf(error))
    }
  }
  return { act, problem }
}
