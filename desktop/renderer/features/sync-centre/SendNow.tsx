import { RefreshCw } from 'lucide-react'
import { ask } from '../../app/bridge.ts'
import { useSync } from '../../app/sync.ts'
import { Button } from '../../ui/Button.tsx'
import { useObstacle } from './use-obstacle.ts'

/** Sends and fetches at once, without waiting for the next turn. */
export function SendNow() {
  const working = useSync((sync) => sync.working)
  const obstacle = useObstacle()
  return (
    <Button
      look="quiet"
      disabled={working || obstacle === 'sign-in'}
      onClick={() => void ask('sync.now', {}).catch(() => undefined)}
    >
      <RefreshCw aria-hidden size={14} className={working ? 'animate-spin' : ''} />
      {obstacle === 'network' ? 'Try now' : 'Sync now'}
    </Button>
  )
}
