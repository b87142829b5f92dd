import { useState } from 'react'
import { Button } from '../../ui/Button.tsx'
import { Field } from '../../ui/Field.tsx'
import { StepPage } from './VisitFrame.tsx'

const mostNotes = 20_000

/** Free words about a visit that goes on. */
export const NotesStep = ({
  notes,
  onChange,
  onLeave,
}: {
  notes: string
  onChange: (notes: string) => void
  onLeave: () => void
}) => (
  <StepPage>
    <Field label="Notes" hint="They are part of the visit, and are found in the Finder.">
      {({ className, ...control }) => (
        <textarea
          {...control}
          className={`${className} block`}
          rows={12}
          maxLength={mostNotes}
          value={notes}
          onChange={({ target }) => onChange(target.value)}
          onBlur={onLeave}
        />
      )}
    </Field>
  </StepPage>
)

/** The notes of a visit that is over; its agent can add to them, and change nothing. */
export function FinishedNotes({ notes, onAdd }: { notes: string; onAdd?: (more: string) => void }) {
  const [more, setMore] = useState('')
  const add = () => {
    onAdd?.(more.trim())
    setMore('')
  }
  return (
    <StepPage>
      {notes.trim() ? (
        <p className="break-words whitespace-pre-line select-text">{notes}</p>
      ) : (
        <p className="text-muted">There are no notes.</p>
      )}
      {onAdd && (
        <div className="mt-5 border-t border-line pt-4">
          <Field label="Add to the notes">
            {({ className, ...control }) => (
              <textarea
                {...control}
                className={`${className} block`}
                rows={4}
                maxLength={Math.max(0, mostNotes - notes.length - 1)}
                value={more}
                onChange={({ target }) => setMore(target.value)}
              />
            )}
          </Field>
          <Button className="mt-2" disabled={more.trim() === ''} onClick={add}>
            Add
          </Button>
        </div>
      )}
    </StepPage>
  )
}
