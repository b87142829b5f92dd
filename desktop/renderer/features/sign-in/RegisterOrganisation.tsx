import { useState } from 'react'
import { useForm, useWatch } from 'react-hook-form'
import { v7 as uuidv7 } from 'uuid'
import { isEmail } from '#common/contract/users'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { showAtFields } from '../../app/field-problems.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { Field } from '../../ui/Field.tsx'
import { NewPasswordField, newPasswordProblem } from '../../ui/NewPasswordField.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'

interface Values {
  tenant: { name: string }
  admin: { displayName: string; username: string; email: string; password: string }
}
const nothing: Values = {
  tenant: { name: '' },
  admin: { displayName: '', username: '', email: '', password: '' },
}
const fields = [
  'tenant.name',
  'admin.displayName',
  'admin.username',
  'admin.email',
  'admin.password',
] as const

/** What was typed so far. */
export interface Draft {
  /** The same whenever it is sent, so that nothing is registered twice. */
  id: string
  values: Values
  /** What was sent first of all to which no answer came. */
  unanswered: Values | null
}
export const newDraft = (): Draft => ({ id: uuidv7(), values: nothing, unanswered: null })

const trimmed = ({ tenant, admin }: Values): Values => ({
  tenant: { name: tenant.name.trim() },
  admin: {
    displayName: admin.displayName.trim(),
    username: admin.username.trim(),
    email: admin.email.trim(),
    password: admin.password,
  },
})

/** Makes an organisation of its own, and whoever does its first admin. What was typed stays until it is registered. */
export function RegisterOrganisation({
  server,
  draft,
  onBack,
  onRegistered,
}: {
  /** As typed; left out, the one that is set. */
  server: string | undefined
  draft: Draft
  onBack: (draft: Draft) => void
  /** `isAsSent`: what there is now came of what was sent last, and of nothing that was sent before it. */
  onRegistered: (registered: { name: string; username: string; isAsSent: boolean }) => void
}) {
  const [unanswered, setUnanswered] = useState(draft.unanswered)
  const [problem, setProblem] = useState<Problem | null>(null)
  const { register, handleSubmit, setError, getValues, control, formState } = useForm<Values>({
    defaultValues: draft.values,
    mode: 'onSubmit',
  })
  const { errors, isSubmitting } = formState
  const [password, username] = useWatch({ control, name: ['admin.password', 'admin.username'] })

  const registered = ({ tenant, admin }: Values, last: Values) =>
    onRegistered({
      name: tenant.name,
      username: admin.username,
      isAsSent: admin.username === last.admin.username && admin.password === last.admin.password,
    })
  const send = async (values: Values) => {
    setProblem(null)
    const sent = trimmed(values)
    try {
      await ask('registration.send', {
        ...(server !== undefined && { server: server.trim() }),
        tenant: { id: draft.id, ...sent.tenant },
        admin: sent.admin,
      })
      registered(sent, sent)
    } catch (error) {
      const failure = problemOf(error)
      // Nobody else can have this id: it arrived the first time, whose answer was lost.
      if (failure.details.some(({ field }) => field === 'id')) return registered(unanswered ?? sent, sent)
      if (failure.code === 'SERVICE_UNAVAILABLE') setUnanswered(unanswered ?? sent)
      if (!showAtFields(failure, fields, setError)) setProblem(failure)
    }
  }

  // Registered in the order of the fields: the first at fault gets the cursor.
  const required = (words: string) => (text: string) => text.trim() !== '' || words
  const nameInput = register('tenant.name', { validate: required('Enter the name of your organisation') })
  const displayNameInput = register('admin.displayName', { validate: required('Enter your name') })
  const usernameInput = register('admin.username', {
    validate: {
      given: required('Choose a user name'),
      bare: (text) => !/[@\s]/.test(text.trim()) || 'Choose one without spaces and without @',
    },
  })
  const emailInput = register('admin.email', {
    validate: (text) => isEmail(text.trim()) || 'Enter an e-mail address such as ana@example.org',
  })
  const passwordInput = register('admin.password', {
    validate: (text) => newPasswordProblem(text, username.trim()) ?? true,
  })
  return (
    <Card
      title="Register your organisation"
      below={
        <p className="mt-4 text-center text-sm">
          <TextButton onClick={() => onBack({ ...draft, values: getValues(), unanswered })}>
            Back to sign in
          </TextButton>
        </p>
      }
    >
      <p className="mt-1.5 text-muted">
        You become its first admin: you add its people and its sites, and decide who may do what.
      </p>
      <form
        aria-label="Register your organisation"
        noValidate
        className="mt-5 space-y-4"
        onSubmit={(event) => void handleSubmit(send, () => setProblem(null))(event)}
      >
        <Field label="Organisation" error={errors.tenant?.name?.message}>
          {(control) => (
            <input
              type="text"
              {...control}
              autoFocus
              autoComplete="organization"
              maxLength={100}
              {...nameInput}
            />
          )}
        </Field>
        <Field label="Your name" error={errors.admin?.displayName?.message}>
          {(control) => (
            <input type="text" {...control} autoComplete="name" maxLength={100} {...displayNameInput} />
          )}
        </Field>
        <Field
          label="User name"
          error={errors.admin?.username?.message}
          hint="You sign in with it, or with your e-mail."
        >
          {(control) => (
            <input
              type="text"
              {...control}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={64}
              {...usernameInput}
            />
          )}
        </Field>
        <Field label="E-mail" error={errors.admin?.email?.message}>
          {(control) => (
            <input
              type="email"
              {...control}
              autoComplete="email"
              spellCheck={false}
              maxLength={254}
              {...emailInput}
            />
          )}
        </Field>
        <NewPasswordField
          label="Password"
          value={password}
          username={username.trim()}
          error={errors.admin?.password?.message}
          {...passwordInput}
        />
        {problem && <ProblemNotice problem={problem} />}
        <Button type="submit" look="primary" size="large" className="w-full" disabled={isSubmitting}>
          {isSubmitting ? 'Registering…' : 'Register'}
        </Button>
      </form>
    </Card>
  )
}
