import { Eye, EyeOff } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { useForm } from 'react-hook-form'
import type { Problem } from '#desktop/bridge/channels'
import { problemOf } from '../../app/bridge.ts'
import { signIn } from '../../app/session.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { Checkbox } from '../../ui/Checkbox.tsx'
import { Field } from '../../ui/Field.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'

interface Values {
  server: string
  username: string
  password: string
  keepSignedIn: boolean
}

/** User name and password; with `username` given it is that person who signs in again. */
export function SignInForm({
  server,
  username,
  mayChangeServer,
  keepsData,
  onDone,
}: {
  server: string
  username?: string | undefined
  mayChangeServer: boolean
  keepsData: boolean
  onDone?: () => void
}) {
  const [problem, setProblem] = useState<Problem | null>(null)
  const [changing, setChanging] = useState(server === '')
  const { register, handleSubmit, setError, setFocus, resetField, formState } = useForm<Values>({
    defaultValues: { server, username: username ?? '', password: '', keepSignedIn: keepsData },
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
      <Field label="User name or e-mail" error={errors.username?.message}>
        {(control) => (
          <input
            type="text"
            {...control}
            autoFocus={!username}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={254}
            readOnly={Boolean(username)}
            {...usernameInput}
          />
        )}
      </Field>
      <PasswordField error={errors.password?.message} autoFocus={Boolean(username)} input={passwordInput} />
      <div>
        <Checkbox {...register('keepSignedIn')} disabled={!keepsData}>
          Keep me signed in on this device
        </Checkbox>
        {!keepsData && (
          <p className="mt-1 pl-[23px] text-sm text-muted">
            Not on this computer: it offers no keychain to keep the key in.
          </p>
        )}
      </div>
      {problem && <ProblemNotice problem={problem} />}
      <Button type="submit" look="primary" size="large" className="w-full" disabled={isSubmitting}>
        {isSubmitting ? 'Signing in…' : 'Sign in'}
      </Button>
      {mayChangeServer &&
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

function PasswordField({
  error,
  autoFocus,
  input,
}: {
  error: string | undefined
  autoFocus: boolean
  input: React.ComponentProps<'input'>
}) {
  const [shown, setShown] = useState(false)
  const [capsLock, setCapsLock] = useState(false)
  const watchCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'))
  return (
    <Field label="Password" error={error} hint={capsLock && <span role="status">Caps Lock is on.</span>}>
      {({ className, ...control }) => (
        <div className="relative">
          <input
            type={shown ? 'text' : 'password'}
            {...control}
            className={`${className} pr-9`}
            autoComplete="current-password"
            spellCheck={false}
            maxLength={200}
            autoFocus={autoFocus}
            onKeyDown={watchCapsLock}
            onKeyUp={watchCapsLock}
            {...input}
          />
          <button
            type="button"
            aria-label={shown ? 'Hide password' : 'Show password'}
            aria-pressed={shown}
            className="absolute inset-y-0 right-0 grid w-9 place-items-center rounded-md text-muted hover:text-text"
            onClick={() => setShown(!shown)}
          >
            {shown ? <EyeOff aria-hidden size={15} /> : <Eye aria-hidden size={15} />}
          </button>
        </div>
      )}
    </Field>
  )
}
