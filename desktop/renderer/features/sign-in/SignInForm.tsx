import { useState } from 'react'
import { useForm } from 'react-hook-form'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { useManaged } from '../../app/managed.ts'
import { signIn, useSession } from '../../app/session.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { Checkbox } from '../../ui/Checkbox.tsx'
import { Field } from '../../ui/Field.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { PasswordField } from '../../ui/PasswordField.tsx'
import { SetByIt } from '../../ui/SetByIt.tsx'
import { ProviderSignIn } from './ProviderSignIn.tsx'

interface Values {
  server: string
  username: string
  password: string
  keepSignedIn: boolean
}

/** Whether anybody may register an organisation there; not where nobody answers, or nobody is asked. */
function useRegistration(server: string | null): boolean {
  const { value, problem } = useAnswer(`${server}`, async () => ({
    server,
    open: server !== null && (await ask('registration.read', { server })).open,
  }))
  return problem === null && value?.server === server && value.open
}

/** User name and password; with `username` given it is that person who signs in again. */
export function SignInForm({
  server,
  username,
  typedName = '',
  mayChangeServer,
  keepsData,
  onDone,
  onForgot,
  onRegister,
}: {
  server: string
  username?: string | undefined
  /** What somebody had typed there before. */
  typedName?: string
  mayChangeServer: boolean
  keepsData: boolean
  onDone?: () => void
  /** The person wants another password, with what they have typed so far. */
  onForgot?: (typed: { server: string; username: string }, hasCode: boolean) => void
  /** The person wants to register an organisation, with what they have typed so far. */
  onRegister?: (typed: { server: string; username: string }) => void
}) {
  const userId = useSession(({ user }) => user?.id ?? null)
  const isSetServer = useManaged('serverAddress') !== undefined
  const byProviderOnly = useManaged('signInWith') === 'provider'
  const mayStay = useManaged('keepSignedIn') !== false
  const [problem, setProblem] = useState<Problem | null>(null)
  const [changing, setChanging] = useState(server === '' && !isSetServer)
  // The address as it was when its field was left: nobody asks a server of half a name.
  const [settled, setSettled] = useState(server)
  const isOpen = useRegistration(mayChangeServer ? settled : null)
  const hasName = Boolean(username ?? typedName)
  const { register, handleSubmit, setError, setFocus, getValues, resetField, formState } = useForm<Values>({
    defaultValues: {
      server,
      username: username ?? typedName,
      password: '',
      keepSignedIn: keepsData && mayStay,
    },
    mode: 'onSubmit',
  })
  const { errors, isSubmitting } = formState

  const send = async (values: Values) => {
    setProblem(null)
    try {
      await signIn({
        ...(mayChangeServer && { server: values.server.trim() }),
        username: values.username.trim(),
        password: values.password,
        keepSignedIn: values.keepSignedIn,
      })
      onDone?.()
    } catch (error) {
      const failure = problemOf(error)
      const fields = failure.details.filter(({ field }) => field in values)
      for (const { field, message } of fields) setError(field as keyof Values, { message })
      if (fields.some(({ field }) => field === 'server')) setChanging(true)
      if (fields.length > 0) return
      setProblem(failure)
      if (failure.code !== 'AUTHENTICATION_ERROR') return
      resetField('password')
      setFocus('password')
    }
  }

  // Registered in the order of the fields: the first at fault gets the cursor.
  const usernameInput = register('username', {
    validate: (text) => text.trim() !== '' || 'Enter your user name or e-mail',
  })
  const passwordInput = register('password', { required: 'Enter your password' })

  return (
    <form
      aria-label="Sign in"
      noValidate
      className="mt-5 space-y-4"
      onSubmit={(event) => void handleSubmit(send, () => setProblem(null))(event)}
    >
      {!byProviderOnly && (
        <>
          <Field label="User name or e-mail" error={errors.username?.message}>
            {(control) => (
              <input
                type="text"
                {...control}
                autoFocus={!hasName}
                autoComplete="username"
                autoCapitalize="none"
                spellCheck={false}
                maxLength={254}
                readOnly={Boolean(username)}
                {...usernameInput}
              />
            )}
          </Field>
          <PasswordField
            label="Password"
            autoComplete="current-password"
            error={errors.password?.message}
            autoFocus={hasName}
            {...passwordInput}
          />
        </>
      )}
      <div>
        <Checkbox {...register('keepSignedIn')} disabled={!keepsData || !mayStay}>
          Keep me signed in on this device
        </Checkbox>
        {!keepsData && (
          <p className="mt-1 pl-[23px] text-sm text-muted">
            Not on this computer: it offers no keychain to keep the key in.
          </p>
        )}
        {keepsData && !mayStay && <SetByIt className="mt-1 pl-[23px]" />}
      </div>
      {problem && <ProblemNotice problem={problem} />}
      {!byProviderOnly && (
        <Button type="submit" look="primary" size="large" className="w-full" disabled={isSubmitting}>
          {isSubmitting ? 'Signing in…' : 'Sign in'}
        </Button>
      )}
      {onForgot && !byProviderOnly && (
        <p className="flex flex-wrap justify-center gap-x-4 gap-y-1 text-sm">
          <TextButton onClick={() => onForgot(getValues(), false)}>Forgot your password?</TextButton>
          <TextButton onClick={() => onForgot(getValues(), true)}>I have a code</TextButton>
        </p>
      )}
      <ProviderSignIn
        server={mayChangeServer ? settled : null}
        userId={mayChangeServer ? null : userId}
        keepSignedIn={() => getValues('keepSignedIn')}
        isOnly={byProviderOnly}
        onDone={onDone}
      />
      {mayChangeServer && onRegister && isOpen && (
        <p className="flex flex-wrap items-center justify-center gap-x-2 text-sm text-muted">
          <span>New here?</span>
          <TextButton onClick={() => onRegister(getValues())}>Register your organisation</TextButton>
        </p>
      )}
      {mayChangeServer && isSetServer && (
        <p className="flex flex-wrap items-center justify-center gap-x-2 border-t border-line pt-4 text-sm text-muted">
          <span className="truncate">Server: {server.replace(/^https:\/\//, '')}</span>
          <SetByIt />
        </p>
      )}
      {mayChangeServer &&
        !isSetServer &&
        (changing ? (
          <Field label="Server address" error={errors.server?.message} hint="Your IT department knows it.">
            {(control) => (
              <input
                type="text"
                {...control}
                autoComplete="off"
                spellCheck={false}
                maxLength={500}
                placeholder="https://fieldbook.example.org"
                {...register('server', {
                  onBlur: () => setSettled(getValues('server').trim()),
                  validate: (text) => text.trim() !== '' || 'Enter the address of the server',
                })}
              />
            )}
          </Field>
        ) : (
          <p className="flex items-center justify-center gap-2 border-t border-line pt-4 text-sm text-muted">
            <span className="truncate">Server: {server.replace(/^https:\/\//, '')}</span>
            <TextButton
              aria-label="Change server"
              onClick={() => {
                setChanging(true)
                requestAnimationFrame(() => setFocus('server'))
              }}
            >
              Change
            </TextButton>
          </p>
        ))}
    </form>
  )
}
