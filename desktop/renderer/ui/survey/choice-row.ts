/** A choice of a few, with its box or button before it. */
export const choiceRow =
  'flex min-h-8 items-center gap-2.5 rounded-md border border-line-strong bg-surface px-2.5 py-1 hover:bg-surface-2 has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-focus [&>input]:outline-none'
