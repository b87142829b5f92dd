import { useState } from 'react'
import { archiveAfterYears, type TenantSettings } from '#common/contract/tenants'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { useMay, useSession } from '../../app/session.ts'
import { useSync } from '../../app/sync.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { countWords } from '../../ui/date-words.ts'
import { Field } from '../../ui/Field.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'

const never = 'never'
const choices = ['1', '2', '3', '5', '10', never]

const chosen = ({ archiveAfterYears: years }: TenantSettings): string =>
  years === null ? never : String(years ?? archiveAfterYears)

/** What holds in every site, for those who may decide it; a choice is saved as it is made. */
export function OrganisationSettings() {
  const mayDecide = useMay('tenant.manage')
  const tenant = useSession((session) => session.user?.tenant)
  if (!mayDecide || !tenant) return null
  return (
    <section aria-labelledby="organisation-settings" className="mt-9 max-w-md border-t border-line pt-5">
      <h2 id="organisation-settings" className="text-lg font-semibold">
        {tenant.name}
      </h2>
      <p className="mt-0.5 mb-4 text-muted">What holds in every site.</p>
      <ArchiveAfter />
    </section>
  )
}

function ArchiveAfter() {
  const online = useSync((sync) => sync.online)
  const answer = useAnswer(`${online}`, () => ask('tenant.settings', {}).then(({ settings }) => settings))
  const [problem, setProblem] = useState<Problem | null>(null)
  const [note, setNote] = useState('')
  const { value: settings } = answer
  const save = async (choice: string) => {
    setNote('')
    setProblem(null)
    const next = { ...settings, archiveAfterYears: choice === never ? null : Number(choice) }
    try {
      await ask('tenant.changeSettings', { settings: next })
      answer.setValue(next)
      setNote('Saved')
    } catch (failure) {
      setProblem(problemOf(failure))
    }
  }
  const shown = problem ?? answer.problem
  const value = settings ? chosen(settings) : ''
  return (
    <>
      <Field
        label="Archive interactions nobody has changed for"
        hint="Done at night. Archived interactions stay findable and can be unarchived."
      >
        {(control) => (
          <select
            {...control}
            disabled={!settings || !online}
            value={value}
            onChange={(event) => void save(event.target.value)}
          >
            {[...new Set([...choices.slice(0, -1), ...(value && value !== never ? [value] : [])])].map(
              (years) => (
                <option key={years} value={years}>
                  {countWords(Number(years), 'year')}
                </option>
              ),
            )}
            <option value={never}>Never archive by itself</option>
            {!settings && <option value="">…</option>}
          </select>
        )}
      </Field>
      {shown && online && <ProblemNotice problem={shown} className="mt-3" />}
      <p role="status" aria-label="Organisation settings" className="mt-2 min-h-5 text-muted">
        {note}
      </p>
    </>
  )
}
