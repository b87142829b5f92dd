import { X } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../ui/Button.tsx'
import { restartToUpdate, useUpdates } from './updates.ts'

/** A new version is here; it comes with the next start, now or whenever that is. */
export function UpdateBar() {
  const next = useUpdates(({ state }) => (state?.phase === 'ready' ? state.next : null))
  const [later, setLater] = useState<string | null>(null)
  if (!next || next === later) return null
  return (
    <div
      role="status"
      className="flex flex-wrap items-center justify-center gap-x-3 gap-y-1 border-b border-line bg-surface-2 px-4 py-1"
    >
      <span>An update is ready: restart to finish.</span>
      <Button onClick={restartToUpdate}>Restart</Button>
      <Button look="icon" aria-label="Later" onClick={() => setLater(next)}>
        <X aria-hidden size={14} />
      </Button>
    </div>
  )
}
