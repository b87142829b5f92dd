import { useRef, useState } from 'react'
import type { SiteMembership, SiteSettings } from '#common/contract/sites'
import { isTimeZone } from '#common/rules/time-zone'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useFormGuard } from '../../../app/form-guard.ts'
import { pageSizes } from '../../../app/finder.ts'
import { useSync } from '../../../app/sync.ts'
import { useWorkspace } from '../../../app/workspace.ts'
import { Button } from '../../../ui/Button.tsx'
import { Combobox } from '../../../ui/Combobox.tsx'
import { Field } from '../../../ui/Field.tsx'
import { Kbd } from '../../../ui/Kbd.tsx'
import { Notice, ProblemNotice } from '../../../ui/Notice.tsx'
import { timeZones } from '../../../ui/time-zones.ts'
import { AdminScreen } from '../../../app/AdminScreen.tsx'
import { OrganisationSettings } from '../organisations/OrganisationSettings.tsx'

interface Values {
  timezone: string
  pageSize: string
}

const valuesOf = ({ timezone = '', pageSize }: SiteSettings): Values => ({
  timezone,
  pageSize: pageSize === undefined ? '' : String(pageSize),
})

const settingsOf = ({ timezone, pageSize }: Values): SiteSettings => ({
  ...(timezone.trim() && { timezone: timezone.trim() }),
  ...(pageSize && { pageSize: Number(pageSize) }),
})

const differs = (a: Values, b: Values) => a.timezone.trim() !== b.timezone || a.pageSize !== b.pageSize

/** What holds for everyone who works in the site. */
export function SiteSettingsScreen({ site }: { site: SiteMembership }) {
  const online = useSync((sync) => sync.online)
  const [saved, setSaved] = useState(() => valuesOf(site.settings ?? {}))
  const [values, setValues] = useState(saved)
  const [error, setError] = useState<string | undefined>()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [note, setNote] = useState('')
  const dirty = differs(values, saved)
  const zone = useRef<HTMLInputElement>(null)

  const change = (next: Partial<Values>) => {
    setValues({ ...values, ...next })
    setNote('')
    if ('timezone' in next) setError(undefined)
  }
  const save = async () => {
    if (!dirty) {
      setNote('No changes to save')
      return true
    }
    setProblem(null)
    if (values.timezone.trim() && !isTimeZone(values.timezone.trim())) {
      setError('Must be a time zone such as Europe/Berlin')
      zone.current?.focus()
      return false
    }
    try {
      const settings = settingsOf(values)
      await ask('site.settings', { siteId: site.id, settings })
      setSaved(valuesOf(settings))
      setValues(valuesOf(settings))
      setNote('Saved for everyone')
      useWorkspace.setState({ dirty: false })
      return true
    } catch (failure) {
      setProblem(problemOf(failure))
      return false
    }
  }
  useFormGuard(dirty, save, () => setValues(saved))

  return (
    <AdminScreen title="Site settings" about={`What holds for everyone who works in ${site.name}.`}>
      <form
        aria-label="Site settings"
        noValidate
        className="max-w-md space-y-4"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {!online && (
          <Notice tone="warn">Settings are kept on the server. They can be saved once you are online.</Notice>
        )}
        <Field
          label="Time zone of new interactions"
          error={error}
          hint="Left empty, each computer’s own is used."
        >
          {(control) => (
            <Combobox
              {...control}
              ref={zone}
              value={values.timezone}
              onChange={(timezone) => change({ timezone })}
              suggestions={timeZones}
            />
          )}
        </Field>
        <Field
          label="Rows per page in Finder"
          hint="For people who have not chosen a page size of their own."
        >
          {(control) => (
            <select
              {...control}
              value={values.pageSize}
              onChange={(event) => change({ pageSize: event.target.value })}
            >
              <option value="">As the app has it (25)</option>
              {[...new Set([...pageSizes.map(String), ...(saved.pageSize ? [saved.pageSize] : [])])].map(
                (size) => (
                  <option key={size} value={size}>
                    {size}
                  </option>
                ),
              )}
            </select>
          )}
        </Field>
        {problem && <ProblemNotice problem={problem} />}
        <div className="flex items-center gap-3">
          <Button look="primary" type="submit">
            Save <Kbd keys="mod+S" onAccent />
          </Button>
          <span role="status" aria-label="Form status" className="text-muted">
            {note}
          </span>
        </div>
      </form>
      <OrganisationSettings />
    </AdminScreen>
  )
}
