import { PenOff } from 'lucide-react'
import { useSync } from './sync.ts'

/** Says, as long as it lasts, that the server takes nothing: no reason to stop working. */
export function ReadOnlyBar() {
  const readOnly = useSync((status) => status.online && status.readOnly)
  return (
    <div role="status" aria-label="Server">
      {readOnly && (
        <div className="flex items-center justify-center gap-3 border-b border-line bg-warn-soft px-4 py-1.5 text-warn">
          <PenOff aria-hidden size={15} className="shrink-0" />
          <p className="min-w-0">
            The server only reads at the moment. You can go on working; what you save is kept here and sent
            later.
          </p>
        </div>
      )}
    </div>
  )
}
