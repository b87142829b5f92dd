import { create } from 'zustand'
import type { SyncStatus } from '#desktop/bridge/channels'
import { ask, on } from './bridge.ts'

/** What main says, and since when the server has been out of reach as far as this window has seen. */
type Sync = SyncStatus & { offlineSince: string | null }

/** The state of the queue and of the device's copy, as main last said. */
export const useSync = create<Sync>(() => ({
  online: true,
  readOnly: false,
  waiting: 0,
  needsAttention: 0,
  reasons: 0,
  working: false,
  upToDateAt: null,
  firstSync: null,
  offlineSince: null,
}))

const adopt = (status: SyncStatus) =>
  useSync.setState(
    ({ offlineSince }) => ({
      ...status,
      offlineSince: status.online ? null : (offlineSince ?? new Date().toISOString()),
    }),
    true,
  )

/** Follows main's sync status; answers how to stop. */
export function connectSync(): () => void {
  const stop = on('sync.changed', adopt)
  void ask('sync.status', {}).then(adopt)
  return stop
}

/** The copy on this device is not whole yet, so nothing can be counted for good. */
export const useIsFetching = () =>
  useSync(({ firstSync, upToDateAt }) => firstSync !== null || upToDateAt === null)
