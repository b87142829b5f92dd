import { useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import type { Tenant } from '#common/contract/tenants'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { tell } from '../../../app/workspace.ts'
import { Field } from '../../../ui/Field.tsx'
import { FormDialog } from '../../../ui/FormDialog.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { NameFields } from '../people/PersonFields.tsx'
import { newPerson, type PersonErrors, wrongIn } from '../people/person-values.ts'
import { errorsAt, type FieldErrors, isSaid, withoutErrors } from '../../../ui/field-errors.ts'

const parts = ['displayName', 'username', 'email'] as const
const start = { name: '', site: 'Head office' }
const fields = ['name', 'site'] as const

/** Adds an organisation with its first admin, who is invited by mail to choose a password. */
export function OrganisationAddDialog({
  onClose,
  onAdded,
}: {
  onClose: () => void
  onAdded: (tenant: Tenant) => void
}) {
  // The same when it is sent again, so that nothing is added twice.
  const [ids] = useState(() => ({ tenant: uuidv7(), admin: uuidv7() }))
  const [values, setValues] = useState(start)
  const [admin, setAdmin] = useState(newPerson)
  const [errors, setErrors] = useState<FieldErrors<keyof typeof start>>({})
  const [adminErrors, setAdminErrors] = useState<PersonErrors>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const name = values.name.trim()
  const site = values.site.trim()
  const isTyped = name !== '' || site !== start.site || parts.some((part) => admin[part].trim() !== '')

  const send = async () => {
    setProblem(null)
    const wrong = {
      ...(name === '' && { name: 'Is required' }),
      ...(site === '' && { site: 'Is required' }),
    }
    const { sites: _, ...adminWrong } = wrongIn(admin)
    setErrors(wrong)
    setAdminErrors(adminWrong)
    if (isSaid({ ...wrong, ...adminWrong })) return
    setBusy(true)
    const [displayName, username, email] = parts.map((part) => admin[part].trim()) as [string, string, string]
    try {
      const { tenant } = await ask('tenants.add', {
        id: ids.tenant,
        name,
        site,
        admin: { id: ids.admin, displayName, username, email },
      })
      tell(`${name} is added. An invitation is on its way to ${email}.`)
      onAdded(tenant)
    } catch (failure) {
      const found = problemOf(failure)
      const own = errorsAt(found, fields)
      const theirs = errorsAt(found, parts, 'admin.')
      setErrors(own)
      setAdminErrors(theirs)
      if (!isSaid({ ...own, ...theirs })) setProblem(found)
      setBusy(false)
    }
  }
  const change = (next: Partial<typeof start>) => {
    setValues({ ...values, ...next })
    setErrors(withoutErrors(errors, next))
  }
  return (
    <FormDialog
      title="Add an organisation"
      intro={<p>It starts with one site, the standard types and one admin, who adds everybody else.</p>}
      send="Add and invite"
      busy={busy}
      onSend={() => void send()}
      unsaved={isTyped ? 'The organisation is not added yet.' : null}
      onClose={onClose}
    >
      <div className="mt-4 space-y-3.5">
        <Field label="Organisation" error={errors.name}>
          {(control) => (
            <input
              type="text"
              {...control}
              autoFocus
              autoComplete="off"
              maxLength={100}
              value={values.name}
              onChange={(event) => change({ name: event.target.value })}
            />
          )}
        </Field>
        <Field label="First site" error={errors.site}>
          {(control) => (
            <input
              type="text"
              {...control}
              autoComplete="off"
              maxLength={100}
              value={values.site}
              onChange={(event) => change({ site: event.target.value })}
            />
          )}
        </Field>
        <fieldset className="space-y-3.5 border-t border-line pt-3.5">
          <legend className="sr-only">First admin</legend>
          <p aria-hidden className="font-semibold">
            First admin
          </p>
          <NameFields
            values={admin}
            errors={adminErrors}
            emailHint="An invitation is sent to it."
            onChange={(changes) => {
              setAdmin({ ...admin, ...changes })
              setAdminErrors(withoutErrors(adminErrors, changes))
            }}
          />
        </fieldset>
        {problem && <ProblemNotice problem={problem} />}
      </div>
    </FormDialog>
  )
}
