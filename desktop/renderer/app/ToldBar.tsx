import { X } from 'lucide-react'
import { Button, TextButton } from '../ui/Button.tsx'
import { hideTold, useWorkspace } from './workspace.ts'

/** What just happened, over the bottom of the screen; it stays until it is read or the person goes on. */
export function ToldBar() {
  const told = useWorkspace((workspace) => workspace.told)
  return (
    <div
      role="status"
      className="pointer-events-none absolute inset-x-0 bottom-16 z-20 flex justify-center px-4"
    >
      {told && (
        <div className="floating pointer-events-auto flex max-w-xl items-center gap-3 py-1 pr-1 pl-3.5">
          <span className="min-w-0">{told.words}</span>
          {told.action && (
            <TextButton
              className="shrink-0"
              onClick={() => {
                hideTold()
                told.action?.onClick()
              }}
            >
              {told.action.words}
            </TextButton>
          )}
          <Button look="icon" aria-label="Dismiss" onClick={() => hideTold()}>
            <X aria-hidden size={14} />
          </Button>
        </div>
      )}
    </div>
  )
}
