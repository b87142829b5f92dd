import { useState } from 'react'
import { useForm, useWatch } from 'react-hook-form'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { showAtFields } from '../../app/field-problems.ts'
import { Button } from '../../ui/Button.tsx'
import { NewPasswordField, newPasswordProblem } from '../../ui/NewPasswordField.tsx'
import { Notice, ProblemNotice } from '../../ui/Notice.tsx'
import { PasswordField } from '../../ui/PasswordField.tsx'

interface Values {
  currentPassword: string
  newPassword: string
}
const nothing: Values = { currentPassword: '', newPassword: '' }

/** The password one has and the one that is to take its place. What was typed stays until the server has taken it. */
export function ChangePassword({
  username,
  online = true,
  autoFocus = false,
}: {
  username: string
  online?: boolean
  autoFocus?: boolean
}) {
  const [problem, setProblem] = useState<Problem | null>(null)
  const [done, setDone] = useState(false)
  const { register, handleSubmit, setError, control, reset, formState } = useForm<Values>({
    defaultValues: nothing,
    mode: 'onSubmit',
  })
  const { errors, isSubmitting } = formState
  const typed = useWatch({ control, name: 'newPassword' })

  const send = async (values: Values) => {
    setProblem(null)
    setDone(false)
    try {
      await ask('account.changePassword', values)
      reset(nothing)
      setDone(true)
    } catch (error) {
      const failure = problemOf(error)
      if (!showAtFields(failure, ['currentPassword', 'newPassword'], setError)) setProblem(failure)
    }
  }

  // Registered in the order of the fields: the first at fault gets the cursor.
  const currentInput = register('currentPassword', { required: 'Enter the password you have now' })
  const newInput = register('newPassword', {
    validate: (password) => newPasswordProblem(password, username) ?? true,
  })
  return (
    <form
      aria-label="Change password"
      noValidate
      className="max-w-sm space-y-4"
      onSubmit={(event) => void handleSubmit(send, () => setProblem(null))(event)}
    >
      {/* Tells a password manager whose password it is. */}
      <input type="text" autoComplete="username" value={username} readOnly hidden />
      <PasswordField
        label="Current password"
        autoComplete="current-password"
        autoFocus={autoFocus}
        error={errors.currentPassword?.message}
        {...currentInput}
      />
      <NewPasswordField value={typed} username={username} error={errors.newPassword?.message} {...newInput} />
      {problem && <ProblemNotice problem={problem} />}
      {done && (
        <Notice>
          Your password is changed. Everywhere else you are signed out and asked for the new one.
        </Notice>
      )}
      <Button type="submit" look="primary" disabled={isSubmitting || !online}>
        {isSubmitting ? 'Changing…' : 'Change password'}
      </Button>
    </form>
  )
}
