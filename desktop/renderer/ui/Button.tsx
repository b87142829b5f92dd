import type { ComponentProps } from 'react'

const base =
  'inline-flex shrink-0 items-center justify-center gap-1.5 whitespace-nowrap rounded-md border font-[550] disabled:opacity-50'

const looks = {
  primary: 'border-accent px-3 bg-accent text-on-accent enabled:hover:brightness-110',
  plain: 'border-line-strong px-3 bg-surface text-text enabled:hover:bg-surface-2',
  quiet: 'border-transparent px-3 text-muted enabled:hover:bg-surface-2 enabled:hover:text-text',
  danger: 'border-transparent px-3 text-bad enabled:hover:bg-bad-soft',
  'danger-solid': 'border-bad px-3 bg-bad text-surface enabled:hover:brightness-110',
  icon: 'w-[31px] border-transparent text-muted enabled:hover:bg-surface-2 enabled:hover:text-text',
  'icon-plain': 'w-[31px] border-line-strong bg-surface text-text enabled:hover:bg-surface-2',
}

const sizes = { normal: 'h-[31px]', large: 'h-9' }

export function Button({
  look = 'plain',
  size = 'normal',
  className = '',
  ...props
}: ComponentProps<'button'> & { look?: keyof typeof looks; size?: keyof typeof sizes }) {
  return <button type="button" className={`${base} ${sizes[size]} ${looks[look]} ${className}`} {...props} />
}

const textLooks = {
  accent: 'font-[550] text-accent hover:underline',
  inherit: 'font-[550] underline decoration-1 hover:decoration-2',
  faint: 'text-muted hover:underline',
}

/** Words that act: a link in the middle of text. */
export function TextButton({
  look = 'accent',
  className = '',
  ...props
}: ComponentProps<'button'> & { look?: keyof typeof textLooks }) {
  return (
    <button
      type="button"
      className={`rounded-sm underline-offset-2 ${textLooks[look]} ${className}`}
      {...props}
    />
  )
}
