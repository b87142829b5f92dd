import { Eye, EyeOff } from 'lucide-react'
import type { ReactNode, Ref } from 'react'
import { Field } from './Field.tsx'

/** Something secret to type; without `onShow` it has no button of its own and follows another's. */
export function SecretField({
  label,
  value,
  onChange,
  error,
  hint,
  shown,
  onShow,
  autoFocus = false,
  ref,
}: {
  label: string
  value: string
  onChange: (value: string) => void
  error?: string | undefined
  hint?: ReactNode
  shown: boolean
  onShow?: (shown: boolean) => void
  autoFocus?: boolean
  ref?: Ref<HTMLInputElement>
}) {
  return (
    <Field label={label} error={error} hint={hint} className="mt-4">
      {({ className, ...control }) => (
        <div className="relative">
          <input
            type={shown ? 'text' : 'password'}
            {...control}
            ref={ref}
            className={`${className} ${onShow ? 'pr-9' : ''}`}
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            autoFocus={autoFocus}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          {onShow && (
            <button
              type="button"
              aria-label={`${shown ? 'Hide' : 'Show'} ${label.toLowerCase()}`}
              aria-pressed={shown}
              className="absolute inset-y-0 right-0 grid w-9 place-items-center rounded-md text-muted hover:text-text"
              onClick={() => onShow(!shown)}
            >
              {shown ? <EyeOff aria-hidden size={15} /> : <Eye aria-hidden size={15} />}
            </button>
          )}
        </div>
      )}
    </Field>
  )
}
