import { useState } from 'react'
import type { SessionUser } from '#common/contract/auth'
import { isEmail } from '#common/contract/users'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { tell } from '../../app/workspace.ts'
import { Field } from '../../ui/Field.tsx'
import { FormDialog } from '../../ui/FormDialog.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'

type Errors = { displayName?: string | undefined; email?: string | undefined }

/** What one may change of who one is; the rest is an administrator's to decide. */
export function ProfileDialog({ user, onClose }: { user: SessionUser; onClose: () => void }) {
  const [displayName, setDisplayName] = useState(user.displayName)
  const [email, setEmail] = useState(user.email)
  const [errors, setErrors] = useState<Errors>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)

  const send = async () => {
    const wanted = { displayName: displayName.trim(), email: email.trim() }
    const wrong: Errors = {
      displayName: wanted.displayName === '' ? 'Enter your name' : undefined,
      email: isEmail(wanted.email) ? undefined : 'Enter an e-mail address',
    }
    setProblem(null)
    setErrors(wrong)
    if (wrong.displayName ?? wrong.email) return
    const changes = {
      ...(wanted.displayName !== user.displayName && { displayName: wanted.displayName }),
      ...(wanted.email !== user.email && { email: wanted.email }),
    }
    if (Object.keys(changes).length === 0) return onClose()
    setBusy(true)
    try {
      await ask('account.saveProfile', changes)
      tell('Your profile is saved.')
      onClose()
    } catch (error) {
      const failure = problemOf(error)
      const at = (name: keyof Errors) => failure.details.find(({ field }) => field === name)?.message
      const found = { displayName: at('displayName'), email: at('email') }
      setErrors(found)
      if (!found.displayName && !found.email) setProblem(failure)
      setBusy(false)
    }
  }
  const isChanged = displayName.trim() !== user.displayName || email.trim() !== user.email
  return (
    <FormDialog
      title="Edit your profile"
      intro={<p>Your name is what others see beside what you write. Mail for you goes to the address.</p>}
      send={busy ? 'Saving…' : 'Save'}
      busy={busy}
      unsaved={isChanged ? 'Your profile is not saved yet.' : null}
      onSend={() => void send()}
      onClose={onClose}
    >
      <Field label="Name" error={errors.displayName} className="mt-4">
        {(control) => (
          <input
            type="text"
            {...control}
            autoFocus
            autoComplete="name"
            maxLength={100}
            value={displayName}
            onChange={(event) => setDisplayName(event.target.value)}
          />
        )}
      </Field>
      <Field label="E-mail" error={errors.email} className="mt-4">
        {(control) => (
          <input
            type="email"
            {...control}
            autoComplete="email"
            spellCheck={false}
            maxLength={254}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      {problem && <ProblemNotice problem={problem} className="mt-4" />}
    </FormDialog>
  )
}
