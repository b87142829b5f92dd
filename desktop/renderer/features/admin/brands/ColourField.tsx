import { useId } from 'react'
import { FieldNotes } from '../../../ui/Field.tsx'
import { brandColours, colourOf, contrastWithWhite } from './brand-colours.ts'

/** A few colours to choose from, and any other by its number. */
export function ColourField({
  value,
  error,
  onChange,
}: {
  value: string
  error: string | undefined
  onChange: (value: string) => void
}) {
  const id = useId()
  const colour = colourOf(value)
  const isPale = colour !== null && contrastWithWhite(colour) < 4.5
  return (
    <fieldset>
      <legend className="mb-1 font-[550]">Colour</legend>
      <div className="flex flex-wrap gap-1.5">
        {brandColours.map(([each, words]) => (
          <label
            key={each}
            title={words}
            className="relative grid size-7 place-items-center rounded-md has-checked:outline-2 has-checked:outline-offset-2 has-checked:outline-accent has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus"
            style={{ background: each }}
          >
            <input
              type="radio"
              name={id}
              aria-label={words}
              className="absolute inset-0 m-0 opacity-0"
              checked={colour === each}
              onChange={() => onChange(each)}
            />
          </label>
        ))}
      </div>
      <div className="mt-2.5 flex items-center gap-2">
        <span
          aria-hidden
          className="size-8 shrink-0 rounded-md border border-line-strong"
          style={{ background: colour ?? 'transparent' }}
        />
        <input
          type="text"
          className="control w-28 font-[550] tabular-nums"
          aria-label="Colour as a number"
          aria-invalid={Boolean(error)}
          aria-describedby={[error && `${id}-error`, `${id}-hint`].filter(Boolean).join(' ')}
          autoComplete="off"
          spellCheck={false}
          maxLength={20}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onBlur={() => colour && onChange(colour)}
        />
      </div>
      <FieldNotes
        id={id}
        error={error}
        hint={
          isPale
            ? 'White words on this colour are hard to read: on shelf photos its share stands on it.'
            : 'Its blocks on shelf photos and its bars have this colour.'
        }
      />
    </fieldset>
  )
}
