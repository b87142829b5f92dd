import { ArrowDownUp, type LucideIcon, Rows3 } from 'lucide-react'
import { useSync } from './sync.ts'
import { showFinder, showSyncCentre, useWorkspace } from './workspace.ts'

export function Rail() {
  const view = useWorkspace((workspace) => workspace.view)
  const needsAttention = useSync((sync) => sync.needsAttention)
  return (
    <nav
      aria-label="Screens"
      className="flex w-(--rail) shrink-0 flex-col gap-0.5 border-r border-line bg-bg px-2 py-2.5 max-[72rem]:w-[49px]"
    >
      <RailButton icon={Rows3} words="Finder" on={view === 'finder'} onClick={showFinder} />
      <RailButton
        icon={ArrowDownUp}
        words="Sync centre"
        on={view === 'sync-centre'}
        count={needsAttention}
        onClick={() => showSyncCentre()}
      />
    </nav>
  )
}

function RailButton({
  icon: Icon,
  words,
  on,
  count = 0,
  onClick,
}: {
  icon: LucideIcon
  words: string
  on: boolean
  count?: number
  onClick: () => void
}) {
  return (
    <button
      type="button"
      aria-current={on ? 'page' : undefined}
      title={words}
      className="flex h-8 items-center gap-2.5 rounded-md px-2 font-medium text-muted hover:bg-surface-2 hover:text-text aria-[current]:bg-surface aria-[current]:text-text aria-[current]:shadow-[0_0_0_1px_var(--line)]"
      onClick={onClick}
    >
      <Icon aria-hidden size={16} className={`shrink-0 ${on ? 'text-accent' : 'text-faint'}`} />
      <span className="truncate max-[72rem]:sr-only">{words}</span>
      {count > 0 && (
        <span className="ml-auto rounded-full bg-bad-soft px-1.5 text-sm text-bad max-[72rem]:sr-only">
          {count}
        </span>
      )}
    </button>
  )
}
