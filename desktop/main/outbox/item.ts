import type { QueueItem } from '#desktop/bridge/channels'
import type { Entry, EntryState } from './entry.ts'

/** What the person is told; an edit the server has is over, and no longer here. */
const shownStates: Record<Exclude<EntryState, 'applied'>, QueueItem['state']> = {
  waiting: 'waiting',
  resending: 'waiting',
  conflict: 'conflict',
  rejected: 'rejected',
  blocked: 'blocked',
  unreadable: 'unreadable',
}

const unreadable = {
  message: 'This change was written by a newer version of Fieldbook, or is damaged. It is kept as it is.',
  details: [],
}

/** An edit as Sync centre shows it; null once the server has it. */
export function toItem(entry: Entry, siteName: string | null): QueueItem | null {
  const { mutationId, entityId, siteId, op, title, savedAt, state, mutation, conflict, problem } = entry
  if (state === 'applied') return null
  return {
    mutationId,
    entityId,
    siteId,
    siteName,
    mayBeSent: entry.sent,
    op,
    title,
    savedAt,
    state: shownStates[state],
    base: mutation?.base ?? {},
    patch: mutation?.patch ?? {},
    conflict,
    problem: state === 'unreadable' ? unreadable : problem,
  }
}
