import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

/** What stands where rows would, when there are none: why, and what to do. An urgent one is announced at once. */
export function State({
  icon: Icon,
  title,
  urgent = false,
  children,
}: {
  icon: LucideIcon
  title: string
  urgent?: boolean
  children?: ReactNode
}) {
  return (
    <div
      role={urgent ? 'alert' : 'status'}
      className="flex min-h-64 flex-1 flex-col items-center justify-center gap-1 p-6 pb-16 text-center text-muted"
    >
      <span className="mb-2 grid size-11 place-items-center rounded-full bg-surface-2">
        <Icon aria-hidden size={22} className={urgent ? 'text-bad' : ''} />
      </span>
      <h2 className="text-lg font-semibold text-text">{title}</h2>
      <div className="flex max-w-80 flex-col items-center gap-1 text-balance">{children}</div>
    </div>
  )
}
