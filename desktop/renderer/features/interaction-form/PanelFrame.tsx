import { Maximize2, Minimize2, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { closePanel, useWorkspace, widenPanel } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'

export function PanelFrame({
  title,
  badge,
  actions,
  children,
}: {
  title: string
  badge?: ReactNode
  actions?: ReactNode
  children: ReactNode
}) {
  const isWide = useWorkspace((workspace) => workspace.isWide)
  const Heading = isWide ? 'h1' : 'h2'
  return (
    <>
      <header className="flex h-[47px] shrink-0 items-center gap-1 border-b border-line pr-2 pl-4">
        <Heading className="mr-1 min-w-0 flex-1 truncate font-semibold" title={title}>
          {title}
        </Heading>
        {badge}
        {actions}
        <Button
          look="icon"
          aria-label={isWide ? 'Show beside the list' : 'Show on the full page'}
          title={isWide ? 'Show beside the list' : 'Show on the full page'}
          className="max-[56rem]:hidden"
          onClick={() => widenPanel(!isWide)}
        >
          {isWide ? <Minimize2 aria-hidden size={14} /> : <Maximize2 aria-hidden size={14} />}
        </Button>
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
