import { DropdownMenu } from 'radix-ui'
import { type ComponentProps, type ReactNode, useState } from 'react'

/** A menu under a button. */
export function Menu({
  trigger,
  label,
  align = 'start',
  children,
}: {
  trigger: ReactNode
  label: string
  align?: 'start' | 'end'
  children: ReactNode
}) {
  const [open, setOpen] = useState(false)
  return (
    <DropdownMenu.Root modal={false} open={open} onOpenChange={setOpen}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      {/* Inside the landmark of the page, not beside it. */}
      <DropdownMenu.Portal container={document.querySelector('main')}>
        <DropdownMenu.Content
          aria-label={label}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="floating z-40 max-h-[var(--radix-dropdown-menu-content-available-height)] min-w-52 overflow-y-auto p-1"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

const item =
  'flex min-h-[30px] items-center gap-2 rounded-sm px-2 py-1 outline-none data-[disabled]:text-muted data-[highlighted]:bg-surface-2'

export function MenuItem({ className = '', ...props }: ComponentProps<typeof DropdownMenu.Item>) {
  return <DropdownMenu.Item className={`${item} ${className}`} {...props} />
}

export function MenuRadioItem({ className = '', ...props }: ComponentProps<typeof DropdownMenu.RadioItem>) {
  return <DropdownMenu.RadioItem className={`${item} ${className}`} {...props} />
}

export const MenuRadioGroup = DropdownMenu.RadioGroup
export const MenuItemIndicator = DropdownMenu.ItemIndicator
export const MenuSeparator = () => <DropdownMenu.Separator className="my-1 h-px bg-line" />
