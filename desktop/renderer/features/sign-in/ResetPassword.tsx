import { type ComponentProps, type ComponentType, useState } from 'react'
import { useForm, useWatch } from 'react-hook-form'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { showAtFields } from '../../app/field-problems.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { Field } from '../../ui/Field.tsx'
import { NewPasswordField, newPasswordProblem } from '../../ui/NewPasswordField.tsx'
import { Notice, ProblemNotice } from '../../ui/Notice.tsx'

interface Values {
  account: string
  token: string
  password: string
}

/** A line break or space that came along with a code is none of it. */
const bare = (code: string) => code.replace(/\s/g, '')

/**
 * To another password by mail: first who it is for, then the code of the mail and the password. The answer to the
 * first is the same whether or not there is such an account. What was typed stays, from one to the other and back.
 */
export function ResetPassword({
  server,
  account,
  startWith,
  frame: Frame = Card,
  onBack,
}: {
  /** As typed; left out, the one that is set. */
  server: string | undefined
  account: string
  startWith: 'account' | 'code'
  /** What it stands in. */
  frame?: ComponentType<ComponentProps<typeof Card>>
  onBack: (outcome: { account: string; changed: boolean }) => void
}) {
  const [step, setStep] = useState(startWith)
  const [sentTo, setSentTo] = useState<string | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const { register, handleSubmit, setError, getValues, control, clearErrors, formState } = useForm<Values>({
    defaultValues: { account, token: '', password: '' },
    mode: 'onSubmit',
  })
  const { errors, isSubmitting } = formState
  const [typedAccount, password] = useWatch({ control, name: ['account', 'password'] })
  const name = typedAccount.trim()
  const at = server !== undefined && { server: server.trim() }
  const show = (next: typeof step) => {
    setProblem(null)
    clearErrors()
    setStep(next)
  }
  const failed = (error: unknown, fields: readonly (keyof Values)[]) => {
    const failure = problemOf(error)
    if (!showAtFields(failure, fields, setError)) setProblem(failure)
  }
  const submit = (work: (values: Values) => Promise<void>) => (event: React.SyntheticEvent) =>
    void handleSubmit(work, () => setProblem(null))(event)

  const sendCode = async ({ account }: Values) => {
    setProblem(null)
    try {
      await ask('account.forgotPassword', { ...at, account: account.trim() })
      setSentTo(account.trim())
      show('code')
    } catch (error) {
      failed(error, ['account'])
    }
  }
  const setPassword = async ({ account, token, password }: Values) => {
    setProblem(null)
    try {
      await ask('account.resetPassword', { ...at, token: bare(token), password })
      onBack({ account: account.trim(), changed: true })
    } catch (error) {
      failed(error, ['token', 'password'])
    }
  }
  const back = (
    <p className="mt-4 text-center text-sm">
      <TextButton onClick={() => onBack({ account: getValues('account').trim(), changed: false })}>
        Back to sign in
      </TextButton>
    </p>
  )

  if (step === 'account') {
    const input = register('account', {
      validate: (text) => text.trim() !== '' || 'Enter your user name or e-mail',
    })
    return (
      <Frame title="Forgot your password?" below={back}>
        <p className="mt-1.5 text-muted">
          Say who you are. A code is mailed to the address of your account, and with it you choose another
          password.
        </p>
        <form
          key="account"
          aria-label="Forgot your password"
          noValidate
          className="mt-5 space-y-4"
          onSubmit={submit(sendCode)}
        >
          <Field label="User name or e-mail" error={errors.account?.message}>
            {(control) => (
              <input
                type="text"
                {...control}
                autoFocus
                autoComplete="username"
                autoCapitalize="none"
                spellCheck={false}
                maxLength={254}
                {...input}
              />
            )}
          </Field>
          {problem && <ProblemNotice problem={problem} />}
          <Button type="submit" look="primary" size="large" className="w-full" disabled={isSubmitting}>
            {isSubmitting ? 'Sending…' : 'Send me a code'}
          </Button>
          <p className="text-center text-sm">
            <TextButton onClick={() => show('code')}>I have a code</TextButton>
          </p>
        </form>
      </Frame>
    )
  }

  const codeInput = register('token', {
    validate: (code) => bare(code) !== '' || 'Enter the code from the mail',
  })
  const username = name.includes('@') ? undefined : name
  const passwordInput = register('password', {
    validate: (password) => newPasswordProblem(password, username) ?? true,
  })
  return (
    <Frame title="Choose a new password" below={back}>
      {sentTo === null ? (
        <p className="mt-1.5 text-muted">
          With the code of the mail you got: an invitation, or one for a forgotten password.
        </p>
      ) : (
        <Notice className="mt-3">
          If there is an account for “{sentTo}”, a mail with a code is on its way to its address. Look into
          the spam folder too.
        </Notice>
      )}
      <form
        key="code"
        aria-label="Choose a new password"
        noValidate
        className="mt-5 space-y-4"
        onSubmit={submit(setPassword)}
      >
        <input type="text" autoComplete="username" value={name} readOnly hidden />
        <Field label="Code from the mail" error={errors.token?.message}>
          {(control) => (
            <input
              type="text"
              {...control}
              className={`${control.className} font-mono`}
              autoFocus
              autoComplete="one-time-code"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={300}
              {...codeInput}
            />
          )}
        </Field>
        <NewPasswordField
          value={password}
          username={username}
          error={errors.password?.message}
          {...passwordInput}
        />
        {problem && <ProblemNotice problem={problem} />}
        <Button type="submit" look="primary" size="large" className="w-full" disabled={isSubmitting}>
          {isSubmitting ? 'Setting…' : 'Set the password'}
        </Button>
        <p className="text-center text-sm">
          <TextButton onClick={() => show('account')}>
            {sentTo === null ? 'I have no code' : 'Send another code'}
          </TextButton>
        </p>
      </form>
    </Frame>
  )
}
