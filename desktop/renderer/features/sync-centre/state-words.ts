import type { QueueItem } from '#desktop/bridge/channels'
import { momentWords, readerZone } from '../../ui/date-words.ts'

/** When the person saved the edit. */
export const savedWords = (item: QueueItem) => momentWords(item.savedAt, readerZone())

/** What the queue waits for before it can be sent. */
export type Obstacle = 'network' | 'sign-in' | null

const waitingWords = {
  network: 'Waiting for the network',
  'sign-in': 'Waiting for you to sign in again',
  none: 'Being sent',
}

/** Why an edit is where it is, in a line; `people` are names by id. */
export function stateWords(
  item: QueueItem,
  obstacle: Obstacle,
  people: Record<string, string>,
): { short: string; bad: boolean } {
  const who = people[item.conflict?.theirs?.updatedBy ?? ''] ?? 'somebody else'
  switch (item.state) {
    case 'waiting':
      return { short: waitingWords[obstacle ?? 'none'], bad: false }
    case 'conflict':
      if (!item.conflict?.theirs) return { short: 'Deleted by somebody else meanwhile', bad: true }
      return { short: `${item.op === 'delete' ? 'Changed meanwhile' : 'Also changed'} by ${who}`, bad: true }
    case 'rejected':
      return { short: item.problem?.message ?? 'The server did not accept it', bad: true }
    case 'blocked':
      return { short: 'Waits for an earlier edit', bad: false }
  }
}
