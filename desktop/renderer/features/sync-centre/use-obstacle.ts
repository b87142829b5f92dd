import { useSession } from '../../app/session.ts'
import { useSync } from '../../app/sync.ts'
import { clockWords, readerZone } from '../../ui/date-words.ts'
import type { AnyItem } from './use-queue.ts'

/** What keeps the queue from being sent now. */
export type Obstacle = 'network' | 'sign-in' | null

export function useObstacle(): Obstacle {
  const online = useSync((sync) => sync.online)
  const mustSignIn = useSession((session) => session.mustSignIn)
  if (mustSignIn) return 'sign-in'
  return online ? null : 'network'
}

/** Why what waits has not been sent yet, and what happens next; one the server has failed at says so itself. */
export function useObstacleWords(waiting: readonly AnyItem[]): string {
  const obstacle = useObstacle()
  const { offlineSince, working } = useSync()
  if (obstacle === 'sign-in') return 'Waiting for you to sign in again; then it goes by itself.'
  const [first] = waiting
  if (obstacle === null && first?.problem && waiting.every(({ problem }) => problem !== null))
    return first.problem.message
  if (obstacle === null) return working ? 'Being sent now.' : 'It is sent in a moment.'
  const since = offlineSince ? `Offline since ${clockWords(offlineSince, readerZone())}. ` : 'Offline. '
  return `${since}It is tried again every minute at least; what waits then goes by itself.`
}
