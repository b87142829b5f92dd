import { useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { tell } from '../../../app/workspace.ts'
import { FormDialog } from '../../../ui/FormDialog.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'
import { SiteFields, type SiteValues } from './SiteFields.tsx'

/** Adds a site, to which people can be given then. */
export function SiteAddDialog({
  onClose,
  onAdded,
}: {
  onClose: () => void
  onAdded: (id: string) => Promise<void>
}) {
  // The same when it is sent again, so that it is not added twice.
  const [id] = useState(() => uuidv7())
  const [values, setValues] = useState<SiteValues>({ name: '', description: '' })
  const [error, setError] = useState<string | undefined>()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const send = async () => {
    setProblem(null)
    const name = values.name.trim()
    setError(name === '' ? 'Is required' : undefined)
    if (name === '') return
    setBusy(true)
    try {
      await ask('sites.add', { id, name, description: values.description.trim() || null })
      tell(`${name} is added. Give it to the people who work in it.`)
      await onAdded(id)
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
      title="Add a site"
      intro={<p>Admins are in it from the start; others are added to it.</p>}
      send="Add"
      busy={busy}
      unsaved={values.name.trim() || values.description.trim() ? 'The site is not added yet.' : null}
      onSend={() => void send()}
      onClose={onClose}
    >
      <div className="mt-4 space-y-3.5">
        <SiteFields
          values={values}
          error={error}
          autoFocus
          onChange={(changes) => {
            setValues({ ...values, ...changes })
            if ('name' in changes) setError(undefined)
          }}
        />
        {problem && <ProblemNotice problem={problem} />}
      </div>
    </FormDialog>
  )
}
