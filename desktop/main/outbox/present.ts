import type { Interaction } from '#common/contract/interactions'
import { emptyFields } from '#common/rules/interaction-rules'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { type Entry, needsAttention } from './entry.ts'

/**
 * A record as the person sees it: the server's copy with the edits of the queue put on top, oldest first. Stopped
 * edits stay on screen, marked, until the person settles them. Null when there is nothing to show: a deletion is on
 * its way, or neither a copy nor the edit that creates the record is there.
 */
export function present(
  record: Interaction | null,
  chain: readonly Entry[],
  userId: string,
): LocalInteraction | null {
  let shown: LocalInteraction | null = record && { ...record, unsent: false, needsAttention: false }
  for (const { op, mutation, siteId, entityId, savedAt, state } of chain) {
    if (state === 'resending') continue
    if (op === 'delete') {
      if (state === 'waiting' || state === 'applied') shown = null
      continue
    }
    if (!mutation) continue
    const touched = { updatedBy: userId, updatedAt: savedAt }
    if (shown) {
      shown = { ...shown, ...mutation.patch, ...touched }
    } else if (op === 'create') {
      const made = { id: entityId, siteId, version: null, createdBy: userId, createdAt: savedAt }
      shown = { ...emptyFields, ...mutation.patch, ...made, ...touched, unsent: true, needsAttention: false }
    }
  }
  return (
    shown && {
      ...shown,
      unsent: chain.some(({ state }) => state !== 'applied' && state !== 'resending'),
      needsAttention: chain.some(needsAttention),
    }
  )
}
