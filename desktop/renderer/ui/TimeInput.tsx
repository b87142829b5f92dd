import type { ComponentProps } from 'react'
import { clockTime } from './clock-time.ts'

/** A time of day on a 24-hour clock: 9, 930, 9:30 and 09.30 are all taken, and shown as 09:30 once it is left. */
export function TimeInput({
  value,
  onWrite,
  onBlur,
  onKeyDown,
  className = '',
  ...props
}: ComponentProps<'input'> & { value: string; onWrite: (time: string) => void }) {
  const settle = () => {
    const time = clockTime(value)
    if (time && time !== value) onWrite(time)
  }
  return (
    <input
      type="text"
      inputMode="numeric"
      autoComplete="off"
      spellCheck={false}
      maxLength={8}
      placeholder="hh:mm"
      value={value}
      className={`min-w-0 bg-transparent py-0 tabular-nums outline-none ${className}`}
      onChange={(event) => onWrite(event.target.value)}
      onFocus={(event) => event.target.select()}
      onBlur={(event) => {
        settle()
        onBlur?.(event)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') settle()
        onKeyDown?.(event)
      }}
      {...props}
    />
  )
}
