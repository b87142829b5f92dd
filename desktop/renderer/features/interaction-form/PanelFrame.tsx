import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { closePanel } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'

export function PanelFrame({
  title,
  badge,
  children,
}: {
  title: string
  badge?: ReactNode
  children: ReactNode
}) {
  return (
    <>
      <header className="flex h-[47px] shrink-0 items-center gap-2 border-b border-line pr-2 pl-4">
        <h2 className="min-w-0 flex-1 truncate font-semibold" title={title}>
          {title}
        </h2>
        {badge}
        <Button look="icon" aria-label="Close" title="Close (Esc)" onClick={closePanel}>
          <X aria-hidden size={16} />
        </Button>
      </header>
      {children}
    </>
  )
}

export function Missing() {
  return (
    <PanelFrame title="Deleted">
      <p role="status" className="p-4 text-muted">
        This interaction is no longer there: it has been deleted, or you no longer have access to it.
      </p>
    </PanelFrame>
  )
}
