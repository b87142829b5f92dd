import type { ComponentProps } from 'react'

export function Checkbox({ children, className = '', ...props }: ComponentProps<'input'>) {
  return (
    <label className={`flex items-center gap-2 ${className}`}>
      <input type="checkbox" className="size-[15px] shrink-0 accent-accent" {...props} />
      <span className="min-w-0 truncate">{children}</span>
    </label>
  )
}
