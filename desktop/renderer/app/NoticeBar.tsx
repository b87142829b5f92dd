import { X } from 'lucide-react'
import { useState } from 'react'
import type { SessionState } from '#desktop/bridge/channels'
import { Button } from '../ui/Button.tsx'

/** What main wants the person to know; gone once they have read it, until there is something else. */
export function NoticeBar({ session }: { session: SessionState }) {
  const [read, setRead] = useState<string | null>(null)
  const words = session.notice
  if (!words || words === read) return null
  return (
    <div
      role="status"
      className="flex items-center justify-center gap-3 border-b border-line bg-surface-2 px-4"
    >
      <span>{words}</span>
      <Button look="icon" aria-label="Dismiss notice" onClick={() => setRead(words)}>
        <X aria-hidden size={14} />
      </Button>
    </div>
  )
}
