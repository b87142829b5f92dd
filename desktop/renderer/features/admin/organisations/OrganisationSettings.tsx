import { useState } from 'react'
import {
  archiveAfterYears,
  mostOfflineDays,
  mostPasswordMaxAgeDays,
  offlineDays,
  passwordMaxAgeDays,
  type TenantSettings,
} from '#common/contract/tenants'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useMay, useSession } from '../../../app/session.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { countWords, numberWords } from '../../../ui/date-words.ts'
import { Field } from '../../../ui/Field.tsx'
import { ProblemNotice } from '../../../ui/Notice.tsx'

type Name = keyof TenantSettings

/** What holds in every site, for those who may decide it. */
export function OrganisationSettings() {
  const mayDecide = useMay('tenant.manage')
  const tenant = useSession((session) => session.user?.tenant)
  if (!mayDecide || !tenant) return null
  return (
    <section aria-labelledby="organisation-settings" className="mt-9 max-w-md border-t border-line pt-5">
      <h2 id="organisation-settings" className="text-lg font-semibold">
        {tenant.name}
      </h2>
      <p className="mt-0.5 mb-4 text-muted">What holds in every site. Each is saved as you choose it.</p>
      <Fields />
    </section>
  )
}

interface FieldProps {
  /** Null while they are not known. */
  settings: TenantSettings | null
  disabled: boolean
  error: string | undefined
  save: (changes: TenantSettings) => void
}

function Fields() {
  const online = useSync((sync) => sync.online)
  const answer = useAnswer(`${online}`, () => ask('tenant.settings', {}).then(({ settings }) => settings))
  const [problem, setProblem] = useState<Problem | null>(null)
  const [note, setNote] = useState('')
  const { value: settings } = answer
  const save = async (changes: TenantSettings) => {
    setNote('')
    setProblem(null)
    try {
      // As they are now: somebody else may have decided another one meanwhile.
      const next = { ...(await ask('tenant.settings', {})).settings, ...changes }
      await ask('tenant.changeSettings', { settings: next })
      answer.setValue(next)
      setNote('Saved')
    } catch (failure) {
      setProblem(problemOf(failure))
    }
  }
  const errorOf = (name: Name) => problem?.details.find(({ field }) => field === name)?.message
  const names: Name[] = ['archiveAfterYears', 'passwordMaxAgeDays', 'offlineDays']
  const shown = problem && names.some(errorOf) ? null : (problem ?? answer.problem)
  const common = {
    settings,
    disabled: !settings || !online,
    save: (changes: TenantSettings) => void save(changes),
  }
  return (
    <div className="space-y-4">
      <ArchiveAfter {...common} error={errorOf('archiveAfterYears')} />
      <DaysField
        {...common}
        name="passwordMaxAgeDays"
        label="Passwords have to be changed after so many days"
        hint="Whoever signs in with an older one chooses another first; with 0 passwords last for ever. Devices that stay signed in go on as they are."
        usual={passwordMaxAgeDays}
        least={0}
        most={mostPasswordMaxAgeDays}
        remedy={`Enter whole days, from 0 for never to ${numberWords(mostPasswordMaxAgeDays)}`}
        error={errorOf('passwordMaxAgeDays')}
      />
      <DaysField
        {...common}
        name="offlineDays"
        label="Devices open without the server for so many days"
        hint="After that they ask to sign in before they show anything. What was not sent is kept on them. They hear of a change while they are online."
        usual={offlineDays}
        least={1}
        most={mostOfflineDays}
        remedy={`Enter whole days, from 1 to ${mostOfflineDays}`}
        error={errorOf('offlineDays')}
      />
      {shown && online && <ProblemNotice problem={shown} />}
      <p role="status" aria-label="Organisation settings" className="min-h-5 text-muted">
        {note}
      </p>
    </div>
  )
}

const never = 'never'
const choices = ['1', '2', '3', '5', '10']

const chosen = ({ archiveAfterYears: years }: TenantSettings): string =>
  years === null ? never : String(years ?? archiveAfterYears)

function ArchiveAfter({ settings, disabled, error, save }: FieldProps) {
  const value = settings ? chosen(settings) : ''
  return (
    <Field
      label="Archive interactions nobody has changed for"
      hint="Done at night. Archived interactions stay findable and can be unarchived."
      error={error}
    >
      {(control) => (
        <select
          {...control}
          disabled={disabled}
          value={value}
          onChange={({ target }) =>
            save({ archiveAfterYears: target.value === never ? null : Number(target.value) })
          }
        >
          {[...new Set([...choices, ...(value && value !== never ? [value] : [])])].map((years) => (
            <option key={years} value={years}>
              {countWords(Number(years), 'year')}
            </option>
          ))}
          <option value={never}>Never archive by itself</option>
          {!settings && <option value="">…</option>}
        </select>
      )}
    </Field>
  )
}

/** Days; what is left out is as the product has it. */
interface DaysProps extends FieldProps {
  name: 'passwordMaxAgeDays' | 'offlineDays'
  label: string
  hint: string
  usual: number
  least: number
  most: number
  /** What is said of a number that cannot be. */
  remedy: string
}

/** Taken with Enter and on leaving the field; what is no number of days is said there and stays. */
function DaysField({
  settings,
  disabled,
  error,
  save,
  name,
  label,
  hint,
  usual,
  least,
  most,
  remedy,
}: DaysProps) {
  const saved = settings ? String(settings[name] ?? usual) : ''
  const [typed, setTyped] = useState(saved)
  const [shown, setShown] = useState(saved)
  if (shown !== saved) {
    setShown(saved)
    setTyped(saved)
  }
  const [wrong, setWrong] = useState<string>()
  const take = () => {
    const text = typed.trim()
    if (text === saved) return setWrong(undefined)
    if (!/^\d{1,6}$/.test(text) || Number(text) < least || Number(text) > most) return setWrong(remedy)
    setWrong(undefined)
    save({ [name]: Number(text) })
  }
  return (
    <Field label={label} hint={hint} error={wrong ?? error}>
      {(control) => (
        <input
          type="text"
          {...control}
          className={`${control.className} w-28 tabular-nums`}
          inputMode="numeric"
          autoComplete="off"
          maxLength={6}
          disabled={disabled}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          onBlur={take}
          onKeyDown={(event) => {
            if (event.key === 'Enter') take()
            if (event.key !== 'Escape' || typed === saved) return
            event.preventDefault()
            setTyped(saved)
            setWrong(undefined)
          }}
        />
      )}
    </Field>
  )
}
