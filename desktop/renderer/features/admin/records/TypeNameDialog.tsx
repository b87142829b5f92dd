import { useState } from 'react'
import type { ManagedType } from '#common/contract/interaction-types'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { Field } from '../../../ui/Field.tsx'
import { FormDialog } from '../../../ui/FormDialog.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'

/** Names a new type, or one that no record has anew. */
export function TypeNameDialog({
  type,
  onClose,
  onDone,
}: {
  type: ManagedType | null
  onClose: () => void
  onDone: () => void
}) {
  const [name, setName] = useState(type?.name ?? '')
  const [error, setError] = useState<string | undefined>()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)

  const send = async () => {
    const wanted = name.trim()
    setProblem(null)
    const wrong =
      wanted === '' ? 'Is required' : wanted.includes(',') ? 'Must not contain a comma' : undefined
    setError(wrong)
    if (wrong) return
    setBusy(true)
    try {
      await (type ? ask('types.update', { id: type.id, name: wanted }) : ask('types.add', { name: wanted }))
      onDone()
    } catch (failure) {
      const found = problemOf(failure)
      const onField = found.details.find(({ field }) => field === 'name')
      if (onField) setError(onField.message)
      else setProblem(found)
      setBusy(false)
    }
  }
  return (
    <FormDialog
      title={type ? `Rename “${type.name}”` : 'Add a type'}
      intro={
        <p>{type ? 'No interaction has it yet, so nothing else changes.' : 'It comes last in the list.'}</p>
      }
      send={type ? 'Rename' : 'Add'}
      busy={busy}
      unsaved={name.trim() === (type?.name ?? '') ? null : 'The name is not saved yet.'}
      onSend={() => void send()}
      onClose={onClose}
    >
      <Field label="Name" error={error} className="mt-4">
        {(control) => (
          <input
            type="text"
            {...control}
            autoFocus
            autoComplete="off"
            maxLength={50}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
    </FormDialog>
  )
}
