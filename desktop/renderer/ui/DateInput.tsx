import type { ComponentProps } from 'react'
import { dayWords } from './date-words.ts'

/**
 * A date, written as everywhere in the app while it is only read; with the cursor in it, it is the platform's own
 * field, in the order of the person's region and with its calendar.
 */
export function DateInput({ value, className = '', ...props }: ComponentProps<'input'> & { value: string }) {
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
      {value && (
        <span aria-hidden className="date-words pointer-events-none absolute inset-x-0 truncate">
          {dayWords(value)}
        </span>
      )}
    </span>
  )
}
