import { type ComponentProps, useId } from 'react'
import { FieldNotes } from './Field.tsx'
import type { MomentParts } from './moment.ts'

type InputProps = ComponentProps<'input'>

const input = 'min-w-0 bg-transparent py-0 outline-none'

const offset = (instant: string, zone: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'shortOffset' })
    .formatToParts(new Date(instant))
    .find((part) => part.type === 'timeZoneName')?.value

/** A date and a time in one box; where the clock shows the time twice it asks which of the two. */
export function MomentField({
  label,
  error,
  dateInput,
  timeInput,
  twice,
}: {
  label: string
  error?: string | undefined
  dateInput: InputProps
  timeInput: InputProps
  /** `turn` is the chosen one, where the form does not keep that itself. */
  twice: { moments: [string, string]; zone: string; input: InputProps; turn?: MomentParts['turn'] } | null
}) {
  const id = useId()
  const shared = { 'aria-invalid': Boolean(error), 'aria-describedby': error ? `${id}-error` : undefined }
  return (
    <div role="group" aria-labelledby={`${id}-label`}>
      <span id={`${id}-label`} className="mb-1 block font-[550]">
        {label}
      </span>
      <div className="control flex items-center gap-1.5 pr-1">
        <input
          type="date"
          aria-label={`${label} date`}
          min="1900-01-01"
          max="2999-12-31"
          className={input}
          {...shared}
          {...dateInput}
        />
        <input
          type="time"
          aria-label={`${label} time`}
          className={`${input} [&::-webkit-calendar-picker-indicator]:hidden`}
          {...shared}
          {...timeInput}
        />
      </div>
      <FieldNotes id={id} error={error} />
      {twice && (
        <fieldset className="mt-1.5 rounded-md bg-warn-soft px-2.5 py-2 text-sm text-warn">
          <legend className="sr-only">Which of the two?</legend>
          <p aria-hidden>The clocks go back: this time comes twice.</p>
          {(['earlier', 'later'] as const).map((turn, index) => (
            <label key={turn} className="mt-1 flex items-center gap-2">
              <input
                type="radio"
                value={turn}
                className="accent-current"
                {...(twice.turn && { checked: twice.turn === turn })}
                {...twice.input}
              />
              {turn === 'earlier' ? 'The first' : 'The second'}, {offset(twice.moments[index]!, twice.zone)}
            </label>
          ))}
        </fieldset>
      )}
    </div>
  )
}
