import type { ComponentProps } from 'react'
import { dayWords } from './date-words.ts'

/**
 * A date, written as everywhere in the app while it is only read; with the cursor in it, it is the platform's own
 * field, in the order of the person's region and with its calendar.
 */
export function DateInput({
  value,
  empty = 'Choose a date',
  className = '',
  ...props
}: ComponentProps<'input'> & {
  value: string
  /** What it says while there is no date. */
  empty?: string
}) {
  return (
    <span className={`date-input relative grid min-w-0 items-center ${className}`}>
      <input
        type="date"
        min="1900-01-01"
        max="2999-12-31"
        value={value}
        className="w-full min-w-0 bg-transparent py-0 outline-none"
        {...props}
      />
      <span
        aria-hidden
        className={`date-words pointer-events-none absolute inset-x-0 truncate ${value ? '' : 'no-date text-muted'}`}
      >
        {value ? dayWords(value) : empty}
      </span>
    </span>
  )
}
