import { Eye, EyeOff } from 'lucide-react'
import { type ComponentProps, type KeyboardEvent, type ReactNode, useState } from 'react'
import { Field } from './Field.tsx'

/** A password to type, hidden until the person wants to see it; says when Caps Lock is on. */
export function PasswordField({
  label,
  error,
  hint,
  ...input
}: ComponentProps<'input'> & {
  label: string
  error?: string | undefined
  hint?: ReactNode
  autoComplete: 'current-password' | 'new-password'
}) {
  const [shown, setShown] = useState(false)
  const [capsLock, setCapsLock] = useState(false)
  const watchCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'))
  const notes = (capsLock || hint) && (
    <>
      {capsLock && <p role="status">Caps Lock is on.</p>}
      {hint}
    </>
  )
  return (
    <Field label={label} error={error} hint={notes}>
      {({ className, ...control }) => (
        <div className="relative">
          <input
            type={shown ? 'text' : 'password'}
            {...control}
            className={`${className} pr-9`}
            spellCheck={false}
            autoCapitalize="none"
            maxLength={200}
            onKeyDown={watchCapsLock}
            onKeyUp={watchCapsLock}
            {...input}
          />
          <button
            type="button"
            aria-label={`${shown ? 'Hide' : 'Show'} ${label.toLowerCase()}`}
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
