import { createStore, type StoreApi } from 'zustand'
import type { WholeVisit } from '#common/contract/visits'
import type { Problem } from '#desktop/bridge/channels'
import type { OpenVisit } from '#desktop/bridge/field'
import { ask, problemOf } from '../../app/bridge.ts'

/** A visit as it is: one's own from this device, that of somebody else from the server. */
interface ReadVisit {
  own: OpenVisit | null
  others: WholeVisit | null
  problem: Problem | null
}

export interface VisitReading {
  store: StoreApi<ReadVisit>
  /** Resolves once what is shown is as it was at the call, or newer; a failure is shown. */
  reload: () => Promise<void>
}

export function createReading(id: string): VisitReading {
  const store = createStore<ReadVisit>(() => ({ own: null, others: null, problem: null }))
  let asked = 0
  let shown = 0
  const read = async (): Promise<Partial<ReadVisit>> => {
    const { open: own } = await ask('visits.open', { id })
    if (own) return { own, others: null, problem: null }
    const answer = await ask('visits.read', { id }).catch(problemOf)
    // One that is not on this device any more is nobody's to go on with, whatever the server says.
    return 'code' in answer ? { own, problem: answer } : { own, others: answer, problem: null }
  }
  return {
    store,
    async reload() {
      const mine = ++asked
      const found = await read().catch((error: unknown) => ({ problem: problemOf(error) }))
      if (mine < shown) return
      shown = mine
      store.setState(found)
    },
  }
}
