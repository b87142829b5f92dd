import { create } from 'zustand'
import type { SyncStatus } from '#desktop/bridge/channels'
import { ask, on } from './bridge.ts'

/** The state of the queue and of the device's copy, as main last said. */
export const useSync = create<SyncStatus>(() => ({
  online: true,
  waiting: 0,
  needsAttention: 0,
  working: false,
  upToDateAt: null,
  firstSync: null,
}))

/** Follows main's sync status; answers how to stop. */
export function connectSync(): () => void {
  const stop = on('sync.changed', (status) => useSync.setState(status, true))
  void ask('sync.status', {}).then((status) => useSync.setState(status, true))
  return stop
}
