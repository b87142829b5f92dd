import { useSession } from '../../app/session.ts'
import { useSync } from '../../app/sync.ts'
import type { Obstacle } from './state-words.ts'

/** What keeps the queue from being sent now. */
export function useObstacle(): Obstacle {
  const online = useSync((sync) => sync.online)
  const mustSignIn = useSession((session) => session.mustSignIn)
  if (!online) return 'network'
  return mustSignIn ? 'sign-in' : null
}
