import { LogIn } from 'lucide-react'
import { useRef, useState } from 'react'
import { isSlug, type Tenant } from '#common/contract/tenants'
import type { Problem, Request } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useFormGuard } from '../../../app/form-guard.ts'
import { enterTenant, useSession } from '../../../app/session.ts'
import { useSync } from '../../../app/sync.ts'
import { tell, whenClean } from '../../../app/workspace.ts'
import { Ask } from '../../../ui/Ask.tsx'
import { Button } from '../../../ui/Button.tsx'
import { countWords, momentWords, readerZone } from '../../../ui/date-words.ts'
import { Field } from '../../../ui/Field.tsx'
import { useFocusWrong } from '../../../ui/focus-wrong.ts'
import { Kbd } from '../../../ui/Kbd.tsx'
import { Notice, ProblemNotice } from '../../../ui/Notice.tsx'
import { SidePanel, PanelHead } from '../../../ui/SidePanel.tsx'
import { asSentence, errorsAt, type FieldErrors, isSaid, withoutErrors } from '../../../ui/field-errors.ts'
import { TenantStatePill } from './OrganisationsTable.tsx'

type Changes = Omit<Request<'tenants.update'>, 'id' | 'version'>

/** One organisation: what it is called, whether its people may sign in, and the way in for who looks after it. */
export function OrganisationPanel({
  tenant,
  focus,
  onChanged,
  onClose,
}: {
  tenant: Tenant
  focus: boolean
  /** Has the list read again; with null the organisation too, which somebody else may have changed. */
  onChanged: (changed: Tenant | null) => Promise<void>
  onClose: () => void
}) {
  const online = useSync((sync) => sync.online)
  return (
    <SidePanel label="Organisation">
      <PanelHead title={tenant.name} badge={<TenantStatePill status={tenant.status} />} onClose={onClose} />
      <div className="min-h-0 flex-1 overflow-y-auto p-4">
        {!online && (
          <Notice tone="warn" className="mb-3.5">
            Organisations are kept on the server. Changes can be saved once you are online.
          </Notice>
        )}
        <OrganisationForm tenant={tenant} focus={focus} online={online} onChanged={onChanged} />
        <Entrance tenant={tenant} online={online} />
        <Standing tenant={tenant} online={online} onChanged={onChanged} />
      </div>
    </SidePanel>
  )
}

const valuesOf = ({ name, slug }: Tenant) => ({ name, slug })
type Values = ReturnType<typeof valuesOf>
type Errors = FieldErrors<keyof Values>

/** What is wrong before the server is asked. */
const wrongIn = ({ name, slug }: Values): Errors => ({
  ...(name === '' && { name: 'Is required' }),
  ...(!isSlug(slug) && { slug: 'Use lower-case letters, digits and single hyphens' }),
})

function OrganisationForm({
  tenant,
  focus,
  online,
  onChanged,
}: {
  tenant: Tenant
  focus: boolean
  online: boolean
  onChanged: (changed: Tenant | null) => Promise<void>
}) {
  const [saved, setSaved] = useState(() => valuesOf(tenant))
  const [values, setValues] = useState(saved)
  const [errors, setErrors] = useState<Errors>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [news, setNews] = useState('')
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const focusWrong = useFocusWrong(form)
  const typed: Values = { name: values.name.trim(), slug: values.slug.trim() }
  const changed = (Object.keys(typed) as (keyof Values)[]).filter((field) => typed[field] !== saved[field])
  const dirty = changed.length > 0

  // What somebody else has changed meanwhile lies under what is typed here.
  const now = valuesOf(tenant)
  if (now.name !== saved.name || now.slug !== saved.slug) {
    setSaved(now)
    setValues({ ...now, ...Object.fromEntries(changed.map((field) => [field, values[field]])) })
  }
  const change = (next: Partial<Values>) => {
    setValues({ ...values, ...next })
    setErrors(withoutErrors(errors, next))
    setNote('')
  }
  const save = async () => {
    if (!dirty) {
      setNote('No changes to save')
      return true
    }
    setProblem(null)
    setNews('')
    setNote('')
    focusWrong()
    const wrong = wrongIn(typed)
    setErrors(wrong)
    if (isSaid(wrong) || busy) return false
    setBusy(true)
    const changes: Changes = Object.fromEntries(changed.map((field) => [field, typed[field]]))
    try {
      const { tenant: after } = await ask('tenants.update', {
        id: tenant.id,
        version: tenant.version,
        ...changes,
      })
      await onChanged(after)
      setNote('Saved')
      return true
    } catch (failure) {
      const found = problemOf(failure)
      // First, so that saving again goes by how it is now.
      if (found.code !== 'SERVICE_UNAVAILABLE') await onChanged(null)
      const onFields = errorsAt(found, ['name', 'slug'])
      if (isSaid(onFields)) setErrors(onFields)
      else if (found.code === 'CONFLICT')
        setNews('Somebody else has just changed it. What you typed is kept: look it over, then save again.')
      else setProblem(asSentence(found))
      return false
    } finally {
      setBusy(false)
    }
  }
  useFormGuard(dirty, save, () => {
    setValues(saved)
    setErrors({})
  })
  return (
    <form
      ref={form}
      aria-label="Organisation"
      noValidate
      className="space-y-3.5"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <Field label="Name" error={errors.name}>
        {(control) => (
          <input
            type="text"
            {...control}
            autoFocus={focus}
            autoComplete="off"
            maxLength={100}
            value={values.name}
            onChange={(event) => change({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label="Short name" error={errors.slug} hint="No other organisation has the same.">
        {(control) => (
          <input
            type="text"
            {...control}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={60}
            value={values.slug}
            onChange={(event) => change({ slug: event.target.value })}
          />
        )}
      </Field>
      {news && <Notice tone="warn">{news}</Notice>}
      {problem && <ProblemNotice problem={problem} />}
      <div className="flex items-center gap-3">
        <Button look="primary" type="submit" disabled={!online}>
          Save <Kbd keys="mod+S" onAccent />
        </Button>
        <span role="status" aria-label="Form status" className="text-muted">
          {note}
        </span>
      </div>
    </form>
  )
}

function Section({ id, title, children }: { id: string; title: string; children: React.ReactNode }) {
  return (
    <section aria-labelledby={id} className="mt-5 border-t border-line pt-4">
      <h3 id={id} className="font-semibold">
        {title}
      </h3>
      {children}
    </section>
  )
}

/** Into the organisation, whose admin screens then take the place of this one. */
function Entrance({ tenant: { id, name }, online }: { tenant: Tenant; online: boolean }) {
  const isIn = useSession(({ entered }) => entered?.id === id)
  const [problem, setProblem] = useState<Problem | null>(null)
  const enter = () =>
    whenClean(() => {
      setProblem(null)
      enterTenant(id).catch((error: unknown) => setProblem(problemOf(error)))
    })
  return (
    <Section id="organisation-entrance" title="Act in it">
      <p className="mt-1 text-muted">
        {isIn
          ? `You act in ${name} now.`
          : 'You look after its people, sites and settings as an admin of it; its records stay closed to you. That you entered is in its audit and in the one of the platform.'}
      </p>
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      {!isIn && (
        <Button className="mt-3" disabled={!online} onClick={enter}>
          <LogIn aria-hidden size={14} /> Enter
        </Button>
      )}
    </Section>
  )
}

/** Whether its people may sign in; both ways are asked first. */
function Standing({
  tenant,
  online,
  onChanged,
}: {
  tenant: Tenant
  online: boolean
  onChanged: (changed: Tenant | null) => Promise<void>
}) {
  const { id, name, status, version, users, sites, createdAt } = tenant
  const isActive = status === 'active'
  const [asking, setAsking] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const facts: [string, string][] = [
    ['People', `${countWords(users, 'person', 'people')} who can sign in`],
    ['Sites', `${countWords(sites, 'site')} in use`],
    ['Added', momentWords(createdAt, readerZone())],
  ]
  const go = async () => {
    setAsking(false)
    setProblem(null)
    setBusy(true)
    try {
      const changes: Changes = { status: isActive ? 'suspended' : 'active' }
      const { tenant: after } = await ask('tenants.update', { id, version, ...changes })
      tell(isActive ? `${name} is suspended.` : `${name} goes on: its people can sign in again.`)
      await onChanged(after)
    } catch (failure) {
      const found = problemOf(failure)
      setProblem(
        found.code === 'CONFLICT'
          ? { ...found, message: 'Somebody else has just changed it. Look it over, then try again.' }
          : asSentence(found),
      )
      if (found.code !== 'SERVICE_UNAVAILABLE') await onChanged(null)
    }
    setBusy(false)
  }
  return (
    <Section id="organisation-standing" title="About">
      <dl className="mt-1.5 grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1">
        {facts.map(([label, words]) => (
          <div key={label} className="contents">
            <dt className="text-muted">{label}</dt>
            <dd className="tabular-nums">{words}</dd>
          </div>
        ))}
      </dl>
      {!isActive && (
        <p className="mt-2 text-muted">Nobody who belongs to it can sign in. Nothing of it is deleted.</p>
      )}
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
      <Button
        look={isActive ? 'danger' : 'plain'}
        className={isActive ? 'mt-3 -ml-3' : 'mt-3'}
        disabled={!online || busy}
        onClick={() => setAsking(true)}
      >
        {isActive ? 'Suspend…' : 'Resume…'}
      </Button>
      <Ask
        open={asking}
        title={isActive ? `Suspend ${name}?` : `Resume ${name}?`}
        no="Cancel"
        onNo={() => setAsking(false)}
        actions={
          <Button look={isActive ? 'danger-solid' : 'primary'} onClick={() => void go()}>
            {isActive ? 'Suspend' : 'Resume'}
          </Button>
        }
      >
        {isActive ? (
          <p>
            Everybody who belongs to it is signed out with their next request and cannot sign in. Nothing is
            deleted: what is on their devices stays there, and what they have not sent waits until you resume
            it.
          </p>
        ) : (
          <p>Its people can sign in again, and what waits on their devices is sent.</p>
        )}
      </Ask>
    </Section>
  )
}
