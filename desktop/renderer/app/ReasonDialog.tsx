import { useState } from 'react'
import type { Problem } from '#desktop/bridge/channels'
import { Field } from '../ui/Field.tsx'
import { FormDialog } from '../ui/FormDialog.tsx'
import { ProblemNotice } from '../ui/Notice.tsx'
import { problemOf } from './bridge.ts'

/** What people say most of why a visit was not made. */
const usualReasons = [
  'The shop was closed',
  'Nobody there to speak to',
  'On leave or ill',
  'Ran out of time',
  'Could not get there',
]

/** Why a visit of a call cycle was not made, or will not be. */
export function ReasonDialog({
  title,
  shopName,
  reason: before,
  onSave,
  onClose,
}: {
  title: string
  shopName: string
  /** What was said already. */
  reason: string | null
  /** Null takes it back. Rejects where it was not kept. */
  onSave: (reason: string | null) => Promise<unknown>
  onClose: () => void
}) {
  const [reason, setReason] = useState(before ?? '')
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const save = async () => {
    setProblem(null)
    setBusy(true)
    try {
      await onSave(reason.trim() || null)
      onClose()
    } catch (error) {
      setProblem(problemOf(error))
      setBusy(false)
    }
  }
  return (
    <FormDialog
      title={title}
      intro={<p>{shopName}</p>}
      send="Save"
      busy={busy}
      onSend={() => void save()}
      onClose={onClose}
    >
      <div className="mt-4 space-y-3.5">
        <Field label="Reason" hint={before === null ? null : 'Leave it empty to take the reason back.'}>
          {(control) => (
            <input
              type="text"
              {...control}
              autoFocus
              maxLength={300}
              autoComplete="off"
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <div role="group" aria-label="Usual reasons" className="flex flex-wrap gap-1.5">
          {usualReasons.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={reason === each}
              className="rounded-full border border-line px-2.5 py-0.5 text-sm text-muted hover:bg-surface-2 aria-pressed:border-transparent aria-pressed:bg-accent-soft aria-pressed:text-accent"
              onClick={() => setReason(each)}
            >
              {each}
            </button>
          ))}
        </div>
        {problem && <ProblemNotice problem={problem} />}
      </div>
    </FormDialog>
  )
}
