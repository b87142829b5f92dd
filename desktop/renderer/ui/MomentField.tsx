import { type Ref, useId } from 'react'
import { DateInput } from './DateInput.tsx'
import { FieldNotes } from './Field.tsx'
import type { Moment, MomentParts, Twice } from './moment.ts'
import { TimeInput } from './TimeInput.tsx'

const offset = (instant: string, zone: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'shortOffset' })
    .formatToParts(new Date(instant))
    .find((part) => part.type === 'timeZoneName')?.value

/** A date and a time in one box; where the clock shows the time twice it asks which of the two. */
export function MomentField({
  label,
  error,
  parts,
  moment,
  zone,
  onChange,
  onBlur,
  ref,
}: {
  label: string
  error?: string | undefined
  parts: MomentParts
  /** What the parts mean in `zone`. */
  moment: Moment
  zone: string
  onChange: (change: Partial<MomentParts>) => void
  onBlur?: (() => void) | undefined
  /** The date, which is focused when something is wrong. */
  ref?: Ref<HTMLInputElement> | undefined
}) {
  const id = useId()
  const shared = {
    'aria-invalid': Boolean(error),
    'aria-describedby': error ? `${id}-error` : undefined,
    onBlur: () => onBlur?.(),
  }
  return (
    <div role="group" aria-labelledby={`${id}-label`} className="min-w-0">
      <span id={`${id}-label`} className="mb-1 block font-[550]">
        {label}
      </span>
      <div className="control flex items-center gap-2">
        <DateInput
          ref={ref}
          aria-label={`${label} date`}
          className="flex-1"
          value={parts.date}
          onChange={(event) => onChange({ date: event.target.value })}
          {...shared}
        />
        <TimeInput
          aria-label={`${label} time`}
          className="w-10 shrink-0"
          value={parts.time}
          onWrite={(time) => onChange({ time })}
          {...shared}
        />
      </div>
      <FieldNotes id={id} error={error} />
      {moment.kind === 'moment' && moment.twice && (
        <WhichTurn
          twice={moment.twice}
          zone={zone}
          turn={parts.turn}
          onChoose={(turn) => onChange({ turn })}
        />
      )}
    </div>
  )
}

const turns = { earlier: 'The first', later: 'The second' }

function WhichTurn({
  twice,
  zone,
  turn,
  onChoose,
}: {
  twice: Twice
  zone: string
  turn: MomentParts['turn']
  onChoose: (turn: MomentParts['turn']) => void
}) {
  const name = useId()
  return (
    <fieldset className="mt-1.5 rounded-md bg-warn-soft px-2.5 py-2 text-sm text-warn">
      <legend className="float-left pb-1">{twice.words}</legend>
      {(['earlier', 'later'] as const).map((each, index) => (
        <label key={each} className="clear-left mt-1 flex items-center gap-2">
          <input
            type="radio"
            name={name}
            value={each}
            className="accent-current"
            checked={turn === each}
            onChange={() => onChoose(each)}
          />
          {turns[each]} ({offset(twice.moments[index]!, zone)})
        </label>
      ))}
    </fieldset>
  )
}
