import { useRef, useState } from 'react'
import {
  archiveAfterYears,
  mostOfflineDays,
  mostPasswordMaxAgeDays,
  offlineDays,
  passwordMaxAgeDays,
  type TenantSettings,
} from '#common/contract/tenants'
import type { Problem } from '#desktop/bridge/channels'
import { Failed, Loading } from '../../../app/AdminScreen.tsx'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useMay, useSession } from '../../../app/session.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { countWords, numberWords } from '../../../ui/date-words.ts'
import { Field } from '../../../ui/Field.tsx'
import { Notice, ProblemNotice } from '../../../ui/Notice.tsx'
import { asSentence } from '../../../ui/field-errors.ts'

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
      <Settings />
    </section>
  )
}

function Settings() {
  const online = useSync((sync) => sync.online)
  // Where there is a site, its own settings stand above these and say so.
  const saysOffline = useSession(({ siteId }) => siteId === null) && !online
  const { value, problem, reload, setValue } = useAnswer(`${online}`, () =>
    ask('tenant.settings', {}).then(({ settings }) => settings),
  )
  if (!value)
    return problem ? (
      <Failed problem={problem} title="The settings could not be read" onRetry={() => void reload()} />
    ) : (
      <Loading words="Reading the settings" />
    )
  return (
    <>
      {saysOffline && (
        <Notice tone="warn" className="mb-4">
          Settings are kept on the server. They can be changed once you are online.
        </Notice>
      )}
      {problem && problem.code !== 'SERVICE_UNAVAILABLE' && (
        <ProblemNotice problem={problem} className="mb-4" />
      )}
      <Fields settings={value} disabled={!online} onSaved={setValue} onFailed={reload} />
    </>
  )
}

function Fields({
  settings,
  disabled,
  onSaved,
  onFailed,
}: {
  settings: TenantSettings
  disabled: boolean
  onSaved: (settings: TenantSettings) => void
  /** Has them read again: a change may have arrived although its answer did not. */
  onFailed: () => Promise<void>
}) {
  const [failed, setFailed] = useState<{ name: Name; value: number | null; problem: Problem } | null>(null)
  const [note, setNote] = useState('')
  const turn = useRef(Promise.resolve())
  /** One after the other, so that what was chosen last is what stays. */
  const saverOf = (name: Name, label: string) => (value: number | null) => {
    setNote('')
    setFailed(null)
    const send = async () => {
      try {
        onSaved((await ask('tenant.changeSettings', { settings: { [name]: value } })).settings)
        setNote('Saved')
      } catch (failure) {
        const { message, ...problem } = asSentence(problemOf(failure))
        await onFailed()
        setNote('')
        setFailed({ name, value, problem: { ...problem, message: `“${label}” is not saved. ${message}` } })
      }
    }
    turn.current = turn.current.then(send)
    return turn.current
  }
  const fieldOf = (name: Name, label: string) => ({ settings, disabled, label, save: saverOf(name, label) })
  return (
    <div className="space-y-4">
      <ArchiveAfter {...fieldOf('archiveAfterYears', 'Archive interactions nobody has changed for')} />
      <DaysField
        {...fieldOf('passwordMaxAgeDays', 'Passwords have to be changed after so many days')}
        name="passwordMaxAgeDays"
        hint="Whoever signs in with an older one chooses another first; with 0 passwords last for ever. Devices that stay signed in go on as they are."
        usual={passwordMaxAgeDays}
        least={0}
        most={mostPasswordMaxAgeDays}
        remedy={`Enter whole days, from 0 for never to ${numberWords(mostPasswordMaxAgeDays)}`}
      />
      <DaysField
        {...fieldOf('offlineDays', 'Devices open without the server for so many days')}
        name="offlineDays"
        hint="After that they ask to sign in before they show anything. What was not sent is kept on them. They hear of a change while they are online."
        usual={offlineDays}
        least={1}
        most={mostOfflineDays}
        remedy={`Enter whole days, from 1 to ${mostOfflineDays}`}
      />
      {failed && settings[failed.name] !== failed.value && <ProblemNotice problem={failed.problem} />}
      <p role="status" aria-label="Organisation settings" className="min-h-5 text-muted">
        {note}
      </p>
    </div>
  )
}

interface FieldProps {
  settings: TenantSettings
  disabled: boolean
  label: string
  /** Fulfils once it is saved or could not be. */
  save: (value: number | null) => Promise<void>
}

/** What stands in a field of which `saved` is saved: what was put there until that is saved, or could not be. */
function useChoice(saved: string, save: (text: string) => Promise<void>) {
  const [typed, type] = useState<string | null>(null)
  const sent = useRef<string | null>(null)
  const send = async (text: string) => {
    // On its way already, when somebody leaves the field after Enter.
    if (text === (sent.current ?? saved)) return
    sent.current = text
    await save(text)
    if (sent.current === text) sent.current = null
    type((now) => (now?.trim() === text ? null : now))
  }
  return { value: typed ?? saved, type, send }
}

const never = 'never'
const choices = ['1', '2', '3', '5', '10']

const chosen = ({ archiveAfterYears: years }: TenantSettings): string =>
  years === null ? never : String(years ?? archiveAfterYears)

function ArchiveAfter({ settings, disabled, label, save }: FieldProps) {
  const { value, type, send } = useChoice(chosen(settings), (years) =>
    save(years === never ? null : Number(years)),
  )
  return (
    <Field label={label} hint="Done at night. Archived interactions stay findable and can be unarchived.">
      {(control) => (
        <select
          {...control}
          disabled={disabled}
          value={value}
          onChange={({ target }) => {
            type(target.value)
            void send(target.value)
          }}
        >
          {[...new Set([...choices, ...(value === never ? [] : [value])])].map((years) => (
            <option key={years} value={years}>
              {countWords(Number(years), 'year')}
            </option>
          ))}
          <option value={never}>Never archive by itself</option>
        </select>
      )}
    </Field>
  )
}

/** Days; what is left out is as the product has it. */
interface DaysProps extends FieldProps {
  name: 'passwordMaxAgeDays' | 'offlineDays'
  hint: string
  usual: number
  least: number
  most: number
  /** What is said of a number that cannot be. */
  remedy: string
}

/** Taken with Enter and on leaving the field; what is no number of days is said there and stays. */
function DaysField({ settings, disabled, label, save, name, hint, usual, least, most, remedy }: DaysProps) {
  const saved = String(settings[name] ?? usual)
  const { value, type, send } = useChoice(saved, (days) => save(Number(days)))
  const [wrong, setWrong] = useState<string>()
  const take = () => {
    const days = value.trim()
    const isDays = /^\d{1,6}$/.test(days) && Number(days) >= least && Number(days) <= most
    setWrong(isDays ? undefined : remedy)
    if (isDays) void send(days)
  }
  return (
    <Field label={label} hint={hint} error={wrong}>
      {(control) => (
        <input
          type="text"
          {...control}
          className={`${control.className} w-28 tabular-nums`}
          inputMode="numeric"
          autoComplete="off"
          maxLength={6}
          disabled={disabled}
          value={value}
          onChange={({ target }) => type(target.value)}
          onBlur={take}
          onKeyDown={(event) => {
            if (event.key === 'Enter') take()
            if (event.key !== 'Escape' || value === saved) return
            event.preventDefault()
            type(null)
            setWrong(undefined)
          }}
        />
      )}
    </Field>
  )
}
