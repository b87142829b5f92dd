import type { LucideIcon } from 'lucide-react'
import { useScreens } from './screens.ts'
import { useSync } from './sync.ts'
import { showScreen, useWorkspace } from './workspace.ts'

export function Rail() {
  const view = useWorkspace((workspace) => workspace.view)
  const needsAttention = useSync((sync) => sync.needsAttention)
  const screens = useScreens()
  const managed = screens.filter(({ needs, isWork }) => needs && !isWork)
  const button = ({ view: screen, words, icon }: (typeof screens)[number]) => (
    <RailButton
      key={screen}
      icon={icon}
      words={words}
      on={view === screen}
      count={screen === 'sync-centre' ? needsAttention : 0}
      onClick={() => showScreen(screen)}
    />
  )
  return (
    <nav
      aria-label="Screens"
      className="flex w-(--rail) shrink-0 flex-col gap-0.5 overflow-x-hidden overflow-y-auto border-r border-line bg-bg px-2 py-2.5 max-[72rem]:w-[49px] [scrollbar-width:none]"
    >
      {screens.filter(({ needs, isOwn, isWork }) => isWork || (!needs && !isOwn)).map(button)}
      {managed.length > 0 && (
        <h2 className="mt-3.5 mb-1 px-2 text-xs font-semibold text-muted max-[72rem]:mx-1 max-[72rem]:h-px max-[72rem]:overflow-hidden max-[72rem]:bg-line max-[72rem]:text-transparent">
          Manage
        </h2>
      )}
      {managed.map(button)}
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
      className="flex h-8 shrink-0 items-center gap-2.5 rounded-md px-2 font-medium text-muted hover:bg-surface-2 hover:text-text aria-[current]:bg-surface aria-[current]:text-text aria-[current]:shadow-[0_0_0_1px_var(--line)]"
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
