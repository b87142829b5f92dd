import { useRef, useState } from 'react'
import type { User } from '#common/contract/users'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useFormGuard } from '../../../app/form-guard.ts'
import { useSession } from '../../../app/session.ts'
import { useSync } from '../../../app/sync.ts'
import { tell } from '../../../app/workspace.ts'
import { useFocusWrong } from '../../../ui/focus-wrong.ts'
import { Notice } from '../../../ui/Notice.tsx'
import { PanelHead } from '../../../ui/SidePanel.tsx'
import { UserStatusPill } from './PeopleTable.tsx'
import { PersonAccount } from './PersonAccount.tsx'
import { PersonCard } from './PersonCard.tsx'
import { NameFields, RolesField, type SiteName, SitesField } from './PersonFields.tsx'
import { fieldNames, sorted } from './person-problem.ts'
import { asSentence, withoutErrors } from '../../../ui/field-errors.ts'
import {
  changesOf,
  isChanged,
  type PersonErrors,
  type PersonField,
  type PersonValues,
  rebase,
  wrongIn,
} from './person-values.ts'
import { PanelFooter } from '../../../ui/PanelFooter.tsx'

const valuesOf = ({ displayName, username, email, roles, sites }: User): PersonValues => ({
  displayName,
  username,
  email,
  roles: roles.filter((role) => role !== 'super_admin'),
  sites: Object.fromEntries(sites.map(({ id, role }) => [id, role])),
})

const touched = (before: PersonValues, after: PersonValues): PersonField[] => {
  const { texts, roles, sites } = changesOf(before, after)
  return [
    ...(Object.keys(texts) as PersonField[]),
    ...(roles ? (['roles'] as const) : []),
    ...(Object.keys(sites).length > 0 ? (['sites'] as const) : []),
  ]
}

/** A person, to be changed; and what can be done about their account. */
export function PersonForm({
  user: first,
  focus,
  sites,
  onChanged,
  onClose,
}: {
  user: User
  focus: boolean
  sites: readonly SiteName[]
  onChanged: () => void
  onClose: () => void
}) {
  const [user, setUser] = useState(first)
  const [saved, setSaved] = useState(() => valuesOf(first))
  const [values, setValues] = useState(saved)
  const [errors, setErrors] = useState<PersonErrors>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [news, setNews] = useState('')
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const online = useSync((sync) => sync.online)
  const isSelf = useSession((session) => session.user?.id === user.id)
  const form = useRef<HTMLFormElement>(null)
  const focusWrong = useFocusWrong(form)
  const changes = changesOf(saved, values)
  const isForgotten = user.status === 'forgotten'
  const dirty = !isForgotten && isChanged(changes)

  /** The person as they are by now, under what is typed here. */
  const reread = async (): Promise<PersonValues> => {
    const { user: now } = await ask('people.read', { id: user.id })
    const next = valuesOf(now)
    setUser(now)
    setSaved(next)
    setValues((typed) => rebase(typed, saved, next))
    onChanged()
    return next
  }
  const save = async (): Promise<boolean> => {
    setProblem(null)
    setNews('')
    setNote('')
    if (!dirty) {
      setNote('No changes to save')
      return true
    }
    const { sites: noSite, ...wrong } = wrongIn(values)
    // An admin may have none: they are administrators of all.
    if (noSite && Object.keys(saved.sites).length > 0) Object.assign(wrong, { sites: noSite })
    setErrors(wrong)
    focusWrong()
    if (Object.keys(wrong).length > 0 || busy) return false
    setBusy(true)
    try {
      await ask('people.save', {
        id: user.id,
        version: user.version,
        texts: changes.texts,
        roles: changes.roles && [...changes.roles],
        sites: Object.entries(changes.sites).map(([siteId, role]) => ({ siteId, role })),
      })
    } catch (failure) {
      await tellProblem(problemOf(failure))
      return false
    } finally {
      setBusy(false)
    }
    await reread().catch(() => undefined)
    setNote('Saved')
    return true
  }
  const tellProblem = async (failure: Problem) => {
    const found = sorted(failure)
    setErrors(found.errors)
    // Part of it may be done, or the person be another by now.
    const now = await reread().catch(() => null)
    const others = now && failure.code === 'CONFLICT' && !failure.details.length ? touched(saved, now) : []
    if (others.length > 0) {
      setNews(
        `Somebody else has just changed ${fieldNames(others)} here. What you typed is kept: look it over, then save again.`,
      )
    } else setProblem(found.problem)
  }
  /** Does something about the account at once, whatever is typed in the form. */
  const act = async <T,>(work: () => Promise<T>, words: (answer: T) => string | null) => {
    setProblem(null)
    setNews('')
    setNote('')
    try {
      const said = words(await work())
      if (said) tell(said)
    } catch (failure) {
      setProblem(asSentence(problemOf(failure)))
    }
    await reread().catch(() => undefined)
  }
  const discard = () => {
    setValues(saved)
    setErrors({})
    setProblem(null)
    setNews('')
  }
  useFormGuard(dirty, save, discard)
  const fields = {
    values,
    errors,
    onChange: (typed: Partial<PersonValues>) => {
      setValues({ ...values, ...typed })
      setErrors(withoutErrors(errors, typed))
      setNote('')
    },
  }
  const known = [
    ...sites,
    // A site that has gone from the list meanwhile.
    ...user.sites
      .filter(({ id }) => !sites.some((site) => site.id === id))
      .map((site) => ({ ...site, active: true })),
  ]
  if (isForgotten) return <PersonCard user={user} focus onClose={onClose} />
  const givesUpAdmin = isSelf && saved.roles.includes('admin') && !values.roles.includes('admin')
  return (
    <form
      ref={form}
      aria-label="Person"
      noValidate
      className="flex min-h-0 flex-1 flex-col"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <PanelHead
        title={saved.displayName}
        badge={<UserStatusPill status={user.status} />}
        onClose={onClose}
      />
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">
        {!online && (
          <Notice tone="warn" className="mb-3.5">
            People are kept on the server. Changes can be saved once you are online.
          </Notice>
        )}
        <div className="space-y-3.5">
          <NameFields {...fields} autoFocus={focus} />
          <SitesField {...fields} sites={known} />
          <RolesField {...fields} />
          {givesUpAdmin && (
            <Notice tone="warn">
              You take the rights of an admin from yourself: once saved, another admin has to give them back.
            </Notice>
          )}
        </div>
        <PersonAccount user={user} isSelf={isSelf} disabled={!online} act={act} />
      </div>
      <PanelFooter busy={busy} news={news} problem={problem} note={note} onClose={onClose} />
    </form>
  )
}
