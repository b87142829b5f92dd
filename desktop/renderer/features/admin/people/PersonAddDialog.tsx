import { useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { tell } from '../../../app/workspace.ts'
import { FormDialog } from '../../../ui/FormDialog.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { NameFields, RolesField, type SiteName, SitesField } from './PersonFields.tsx'
import { withoutErrors } from '../../../ui/field-errors.ts'
import { sorted } from './person-problem.ts'
import { changesOf, isChanged, newPerson, type PersonErrors, wrongIn } from './person-values.ts'

/** Adds somebody, who is invited by mail to choose a password. */
export function PersonAddDialog({
  sites,
  onClose,
  onAdded,
}: {
  sites: readonly SiteName[]
  onClose: () => void
  onAdded: (id: string) => void
}) {
  // The same when it is sent again, so that nobody is added twice.
  const [id] = useState(() => uuidv7())
  const [values, setValues] = useState(newPerson)
  const [errors, setErrors] = useState<PersonErrors>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)

  const send = async () => {
    setProblem(null)
    const wrong = wrongIn(values)
    setErrors(wrong)
    if (Object.keys(wrong).length > 0) return
    setBusy(true)
    const displayName = values.displayName.trim()
    const email = values.email.trim()
    try {
      await ask('people.add', {
        id,
        displayName,
        username: values.username.trim(),
        email,
        roles: [...values.roles],
        sites: Object.entries(values.sites).map(([siteId, role]) => ({ siteId, role })),
      })
      tell(`${displayName} is added. An invitation is on its way to ${email}.`)
      onAdded(id)
    } catch (failure) {
      const found = sorted(problemOf(failure))
      setErrors(found.errors)
      setProblem(found.problem)
      setBusy(false)
    }
  }
  const fields = {
    values,
    errors,
    onChange: (changes: Partial<typeof values>) => {
      setValues({ ...values, ...changes })
      setErrors(withoutErrors(errors, changes))
    },
  }
  return (
    <FormDialog
      title="Add a person"
      intro={<p>A mail lets them choose a password and sign in.</p>}
      send="Add and invite"
      busy={busy}
      onSend={() => void send()}
      unsaved={isChanged(changesOf(newPerson, values)) ? 'This person is not added yet.' : null}
      onClose={onClose}
    >
      <div className="mt-4 space-y-3.5">
        <NameFields {...fields} autoFocus />
        <SitesField {...fields} sites={sites} />
        <RolesField {...fields} />
        {problem && <ProblemNotice problem={problem} />}
      </div>
    </FormDialog>
  )
}
