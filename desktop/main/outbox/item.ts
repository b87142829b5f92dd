import type { QueueItem } from '#desktop/bridge/channels'
import type { Entry } from './entry.ts'

const unreadable = {
  message: 'This change was written by a newer version of Fieldbook, or is damaged. It is kept as it is.',
  details: [],
}

/** An edit as Sync centre shows it; null once the server has it. */
export function toItem(entry: Entry): QueueItem | null {
  const { mutationId, entityId, siteId, op, title, savedAt, state, mutation, conflict, problem } = entry
  if (state === 'applied') return null
  return {
    mutationId,
    entityId,
    siteId,
    op,
    title,
    savedAt,
    state: state === 'unreadable' ? 'rejected' : state,
    base: mutation?.base ?? {},
    patch: mutation?.patch ?? {},
    conflict,
    problem: state === 'unreadable' ? unreadable : problem,
  }
}
