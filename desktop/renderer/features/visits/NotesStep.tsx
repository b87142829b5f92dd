import { Button } from '../../ui/Button.tsx'
import { Field } from '../../ui/Field.tsx'
import { StepPage } from './VisitFrame.tsx'

const mostNotes = 20_000

/** What is being written to be added to the notes. */
interface AddedNotes {
  more: string
  onChange: (more: string) => void
  onAdd: () => void
}

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
export function FinishedNotes({ notes, adding }: { notes: string; adding?: AddedNotes }) {
  return (
    <StepPage>
      {notes.trim() ? (
        <p className="break-words whitespace-pre-line select-text">{notes}</p>
      ) : (
        <p className="text-muted">There are no notes.</p>
      )}
      {adding && (
        <div className="mt-5 border-t border-line pt-4">
          <Field label="Add to the notes">
            {({ className, ...control }) => (
              <textarea
                {...control}
                className={`${className} block`}
                rows={4}
                maxLength={Math.max(0, mostNotes - notes.length - 1)}
                value={adding.more}
                onChange={({ target }) => adding.onChange(target.value)}
              />
            )}
          </Field>
          <Button className="mt-2" disabled={adding.more.trim() === ''} onClick={adding.onAdd}>
            Add
          </Button>
        </div>
      )}
    </StepPage>
  )
}
