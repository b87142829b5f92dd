import { Check, Circle } from 'lucide-react'
import type { ComponentProps } from 'react'
import { brokenPasswordRules, type PasswordRule, passwordRules } from '#common/rules/password-policy'
import { PasswordField } from './PasswordField.tsx'

/** Said only to whom they concern: most passwords keep them without a thought. */
const quiet: readonly PasswordRule[] = ['bytes', 'uncommon', 'name']

/** A password to choose, with the rules it has to keep, each marked as it is met while one types. */
export function NewPasswordField({
  label = 'New password',
  value,
  username,
  ...field
}: Omit<ComponentProps<typeof PasswordField>, 'label' | 'autoComplete' | 'hint'> & {
  label?: string
  /** What is typed so far. */
  value: string
  username?: string | undefined
}) {
  const broken = brokenPasswordRules(value, username)
  const rules = (Object.keys(passwordRules) as PasswordRule[]).filter(
    (rule) => !quiet.includes(rule) || (value !== '' && broken.includes(rule)),
  )
  return (
    <PasswordField
      {...field}
      label={label}
      autoComplete="new-password"
      hint={
        <ul aria-label="What it needs" className="mt-1.5 space-y-1">
          {rules.map((rule) => {
            const met = !broken.includes(rule)
            return (
              <li key={rule} className={`flex items-center gap-1.5 ${met ? 'text-good' : ''}`}>
                {met ? <Check aria-hidden size={13} /> : <Circle aria-hidden size={13} className="p-0.5" />}
                <span>
                  {passwordRules[rule]}
                  <span className="sr-only">{met ? ', done' : ', still needed'}</span>
                </span>
              </li>
            )
          })}
        </ul>
      }
    />
  )
}

/** Why a password cannot be chosen, before the server is asked; undefined where it may. */
export function newPasswordProblem(password: string, username?: string): string | undefined {
  if (password === '') return 'Enter a new password'
  return brokenPasswordRules(password, username).length > 0
    ? 'It does not meet every point below yet'
    : undefined
}
