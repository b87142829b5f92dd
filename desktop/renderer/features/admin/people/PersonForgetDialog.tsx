import { useState } from 'react'
import type { User } from '#common/contract/users'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { Field } from '../../../ui/Field.tsx'
import { FormDialog } from '../../../ui/FormDialog.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { asSentence } from '../../../ui/field-errors.ts'

const plain = (name: string) => name.normalize().trim().replace(/\s+/g, ' ').toLowerCase()

/** What goes and what stays when a person is forgotten. Whoever means it types their name. */
export function PersonForgetDialog({
  user: { id, displayName: name },
  onForgotten,
  onClose,
}: {
  user: User
  onForgotten: () => void
  onClose: () => void
}) {
  const [typed, setTyped] = useState('')
  const [error, setError] = useState<string>()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)

  const send = async () => {
    setProblem(null)
    if (plain(typed) !== plain(name)) return setError(`Type “${name}”, as it is written here`)
    setBusy(true)
    try {
      await ask('people.forget', { id })
      onForgotten()
    } catch (failure) {
      setProblem(asSentence(problemOf(failure)))
      setBusy(false)
    }
  }
  return (
    <FormDialog
      title={`Forget ${name}?`}
      intro={
        <>
          <p>
            Their name, user name, e-mail address and everything else they can be known by is removed: here,
            in the audit, and on each device with its next contact. They are signed out and leave their sites
            and teams; views and tables that are theirs alone go too.
          </p>
          <p>
            What they wrote stays, as written by a forgotten person. So does their name where somebody typed
            it into an interaction: search for it there.
          </p>
          <p className="font-[550] text-text">
            This cannot be undone. If they are to have a copy of their data, take it first.
          </p>
        </>
      }
      send={busy ? 'Forgetting…' : 'Forget for good'}
      isGrave
      busy={busy}
      onSend={() => void send()}
      onClose={onClose}
    >
      <Field label={`To confirm, type ${name}`} error={error} className="mt-4">
        {(control) => (
          <input
            type="text"
            {...control}
            autoFocus
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value)
              setError(undefined)
            }}
          />
        )}
      </Field>
      {problem && <ProblemNotice problem={problem} className="mt-4" />}
    </FormDialog>
  )
}
