import { X } from 'lucide-react'
import type { KeyboardEvent, ReactNode } from 'react'
import { Button } from './Button.tsx'

/** A screen whose list has a panel beside it, which Esc closes. */
export function WithPanel({
  isOpen,
  onClose,
  children,
}: {
  isOpen: boolean
  onClose: () => void
  children: ReactNode
}) {
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement
    // Dialogs, lists that are open and a search that has something in it have their own use for it.
    const isTaken =
      event.defaultPrevented ||
      !event.currentTarget.contains(target) ||
      target.matches('select:open, [type=search]:not(:placeholder-shown)')
    if (event.key !== 'Escape' || !isOpen || isTaken) return
    event.preventDefault()
    onClose()
  }
  return (
    <div className="flex min-w-0 flex-1" onKeyDown={onKeyDown}>
      {children}
    </div>
  )
}

const panelId = 'side-panel'

/** Into the panel that is open: what opening it once more from its list does. */
export const focusPanel = () =>
  document.getElementById(panelId)?.querySelector<HTMLElement>('input:enabled, button:enabled')?.focus()

/** Something that is looked after, beside the list of its kind; over it in a narrow window. */
export const SidePanel = ({ label, children }: { label: string; children: ReactNode }) => (
  <aside
    id={panelId}
    aria-label={label}
    className="z-10 flex w-(--panel) shrink-0 flex-col border-l border-line bg-surface max-[56rem]:absolute max-[56rem]:inset-y-0 max-[56rem]:right-0 max-[56rem]:w-[min(100%,var(--panel))] max-[56rem]:shadow-float"
  >
    {children}
  </aside>
)

export const PanelHead = ({
  title,
  badge,
  focus = false,
  onClose,
}: {
  title: string
  badge?: ReactNode
  focus?: boolean
  onClose: () => void
}) => (
  <header className="flex h-[47px] shrink-0 items-center gap-2 border-b border-line pr-2 pl-4">
    <h2 className="min-w-0 flex-1 truncate font-semibold" title={title}>
      {title}
    </h2>
    {badge}
    <Button look="icon" aria-label="Close" title="Close (Esc)" autoFocus={focus} onClick={onClose}>
      <X aria-hidden size={16} />
    </Button>
  </header>
)

export const PanelLoading = () => (
  <div role="status" aria-label="Opening" className="space-y-5 p-4">
    {['w-full', 'w-full', 'w-2/3', 'w-full'].map((width, index) => (
      <div key={index} className="space-y-2">
        <div className="skeleton h-2.5 w-16" />
        <div className={`skeleton h-8 ${width}`} />
      </div>
    ))}
  </div>
)
