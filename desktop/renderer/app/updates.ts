import { create } from 'zustand'
import type { UpdateState } from '#desktop/bridge/updates'
import { ask, on } from './bridge.ts'

/** What main last said of the version that runs and the one to come; null until it has. */
export const useUpdates = create<{ state: UpdateState | null }>(() => ({ state: null }))

const adopt = (state: UpdateState) => useUpdates.setState({ state })

/** Follows it; answers how to stop. */
export function connectUpdates(): () => void {
  const stop = on('updates.changed', adopt)
  void ask('updates.read', {}).then(adopt)
  return stop
}

export const checkForUpdates = () => void ask('updates.check', {})

/** Whatever is not saved is asked about first, as whenever the window closes. */
export const restartToUpdate = () => void ask('updates.restart', {})
