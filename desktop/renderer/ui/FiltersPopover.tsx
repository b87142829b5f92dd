import { ListFilter } from 'lucide-react'
import { Popover } from 'radix-ui'
import type { ReactNode, RefObject } from 'react'
import { Button } from './Button.tsx'

/** The button that says how many conditions are in force, and the place where they are chosen. */
export function FiltersPopover({
  trigger,
  label = 'Filters',
  count,
  canClear = count > 0,
  onClear,
  align,
  className,
  open,
  onOpenChange,
  children,
}: {
  trigger: RefObject<HTMLButtonElement | null>
  label?: ReactNode
  count: number
  canClear?: boolean
  onClear: () => void
  align: 'start' | 'end'
  /** How wide it is. */
  className: string
  open?: boolean
  onOpenChange?: (open: boolean) => void
  children: ReactNode
}) {
  const state = { ...(open !== undefined && { open }), ...(onOpenChange && { onOpenChange }) }
  return (
    <Popover.Root {...state}>
      <Popover.Trigger asChild>
        <Button ref={trigger} title="Filters">
          <ListFilter aria-hidden size={14} /> {label}
          {count > 0 && (
            <span className="rounded-full bg-accent-soft px-1.5 text-sm text-accent">{count}</span>
          )}
        </Button>
      </Popover.Trigger>
      {/* In the page's landmark, where a screen reader looks for it. */}
      <Popover.Portal container={document.querySelector('main')}>
        <Popover.Content
          aria-label="Filters"
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className={`floating z-30 flex max-h-[var(--radix-popover-content-available-height)] flex-col ${className}`}
        >
          <div className="grid gap-x-5 gap-y-3.5 overflow-y-auto p-4 sm:grid-cols-2">{children}</div>
          <div className="flex justify-between border-t border-line px-4 py-2.5">
            <Button look="quiet" className="-ml-3" onClick={onClear} disabled={!canClear}>
              Clear all
            </Button>
            <Popover.Close asChild>
              <Button look="primary">Done</Button>
            </Popover.Close>
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
