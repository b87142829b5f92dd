import type { QueueItem } from '#desktop/bridge/channels'
import { useObstacleWords } from './use-obstacle.ts'

/** Why nothing in the list has been sent yet, said once for all of it. */
export function WaitingNote({ waiting }: { waiting: readonly QueueItem[] }) {
  return (
    <p role="status" className="border-b border-line bg-warn-soft px-3.5 py-2 text-warn">
      {useObstacleWords(waiting)}
    </p>
  )
}
