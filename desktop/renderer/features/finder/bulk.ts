import { create } from 'zustand'
import type { BulkChange, Refusal } from '#common/contract/record-keeping'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { choose, useFinder } from '../../app/finder.ts'

export type BulkKind = BulkChange['kind']

/** A change to many records that happened, or that was taken back. */
export interface BulkOutcome {
  /** Null once it is taken back. */
  bulkId: string | null
  kind: BulkKind
  done: number
  refused: readonly Refusal[]
}

interface Bulk {
  /** What is being decided, and for which records. */
  asking: { kind: BulkKind; ids: readonly string[] } | null
  /** The last one; stays until it is dismissed or the next one. */
  outcome: BulkOutcome | null
  /** Why it could not be taken back. */
  problem: Problem | null
}

export const useBulk = create<Bulk>(() => ({ asking: null, outcome: null, problem: null }))

const set = useBulk.setState

export const startBulk = (kind: BulkKind) => set({ asking: { kind, ids: [...useFinder.getState().chosen] } })

export const stopBulk = () => set({ asking: null })

/** Rejects with a ProblemError where nothing was changed. */
export async function applyBulk(siteId: string, ids: readonly string[], change: BulkChange) {
  const { bulkId, done, refused } = await ask('bulk.apply', { siteId, ids: [...ids], change })
  set({ asking: null, outcome: { bulkId, kind: change.kind, done, refused }, problem: null })
  choose(new Set())
}

export async function undoBulk({ bulkId, kind }: BulkOutcome) {
  if (bulkId === null) return
  try {
    const { done, refused } = await ask('bulk.undo', { bulkId })
    set({ outcome: { bulkId: null, kind, done, refused }, problem: null })
  } catch (error) {
    set({ problem: problemOf(error) })
  }
}

export const dismissBulk = () => set({ outcome: null, problem: null })
