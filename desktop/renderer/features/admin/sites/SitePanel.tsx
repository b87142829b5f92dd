import { useRef, useState } from 'react'
import type { Site } from '#common/contract/sites'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useFormGuard } from '../../../app/form-guard.ts'
import { useMay } from '../../../app/session.ts'
import { useSync } from '../../../app/sync.ts'
import { tell } from '../../../app/workspace.ts'
import { Ask } from '../../../ui/Ask.tsx'
import { Button } from '../../../ui/Button.tsx'
import { asSentence } from '../../../ui/field-errors.ts'
import { useFocusWrong } from '../../../ui/focus-wrong.ts'
import { Kbd } from '../../../ui/Kbd.tsx'
import { Notice, ProblemNotice } from '../../../ui/Notice.tsx'
import { SidePanel, PanelHead } from '../../../ui/SidePanel.tsx'
import { SiteFields, type SiteValues } from './SiteFields.tsx'
import { SitePeople } from './SitePeople.tsx'
import { SiteStatePill } from './SitesTable.tsx'

/** One site: what it is called, for those who may say so, and who works in it. */
export function SitePanel({
  site,
  focus,
  onChanged,
  onClose,
}: {
  site: Site
  focus: boolean
  /** Has the list read again. */
  onChanged: () => Promise<void>
  onClose: () => void
}) {
  const online = useSync((sync) => sync.online)
  const mayUpdate = useMay('site.update')
  return (
    <SidePanel label="Site">
      <PanelHead
        title={site.name}
        badge={<SiteStatePill active={site.active} />}
        focus={focus && !mayUpdate}
        onClose={onClose}
      />
      <div className="min-h-0 flex-1 overflow-y-auto p-4">
        {!online && (
          <Notice tone="warn" className="mb-3.5">
            Sites are kept on the server. Changes can be saved once you are online.
          </Notice>
        )}
        {mayUpdate ? (
          <SiteForm site={site} focus={focus} onChanged={onChanged} />
        ) : (
          site.description && <p className="mb-5 whitespace-pre-line select-text">{site.description}</p>
        )}
        <SitePeople site={site} onChanged={() => void onChanged()} />
      </div>
    </SidePanel>
  )
}

const valuesOf = ({ name, description }: Site): SiteValues => ({ name, description: description ?? '' })

function SiteForm({
  site,
  focus,
  onChanged,
}: {
  site: Site
  focus: boolean
  onChanged: () => Promise<void>
}) {
  const [saved, setSaved] = useState(() => valuesOf(site))
  const [values, setValues] = useState(saved)
  const [error, setError] = useState<string | undefined>()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [news, setNews] = useState('')
  const [note, setNote] = useState('')
  const [asking, setAsking] = useState(false)
  const online = useSync((sync) => sync.online)
  const form = useRef<HTMLFormElement>(null)
  const focusWrong = useFocusWrong(form)
  const name = values.name.trim()
  const description = values.description.trim()
  const renames = name !== saved.name
  const describes = description !== saved.description
  const dirty = renames || describes

  // What somebody else has changed meanwhile lies under what is typed here.
  const now = valuesOf(site)
  if (now.name !== saved.name || now.description !== saved.description) {
    setSaved(now)
    setValues({
      name: renames ? values.name : now.name,
      description: describes ? values.description : now.description,
    })
  }
  const update = async (changes: { name?: string; description?: string | null; active?: boolean }) => {
    setProblem(null)
    setNews('')
    setNote('')
    try {
      await ask('sites.update', { id: site.id, version: site.version, ...changes })
      await onChanged()
      return true
    } catch (failure) {
      const found = problemOf(failure)
      const onField = found.details.find(({ field }) => field === 'name')
      if (onField) setError(onField.message)
      else if (found.code === 'CONFLICT') {
        setNews(
          'Somebody else has just changed this site. What you typed is kept: look it over, then save again.',
        )
      } else setProblem(asSentence(found))
      if (found.code !== 'SERVICE_UNAVAILABLE') await onChanged()
      return false
    }
  }
  const save = async () => {
    if (!dirty) {
      setNote('No changes to save')
      return true
    }
    focusWrong()
    setError(name === '' ? 'Is required' : undefined)
    if (name === '') return false
    const done = await update({
      ...(renames && { name }),
      ...(describes && { description: description || null }),
    })
    if (done) setNote('Saved')
    return done
  }
  useFormGuard(dirty, save, () => {
    setValues(saved)
    setError(undefined)
  })
  return (
    <form
      ref={form}
      aria-label="Site"
      noValidate
      className="mb-5 space-y-3.5 border-b border-line pb-4"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <SiteFields
        values={values}
        error={error}
        autoFocus={focus}
        onChange={(changes) => {
          setValues({ ...values, ...changes })
          setNote('')
          if ('name' in changes) setError(undefined)
        }}
      />
      {news && <Notice tone="warn">{news}</Notice>}
      {problem && <ProblemNotice problem={problem} />}
      <div className="flex flex-wrap items-center gap-2">
        <Button look="primary" type="submit">
          Save <Kbd keys="mod+S" onAccent />
        </Button>
        <span role="status" aria-label="Form status" className="text-muted">
          {note}
        </span>
        <span className="flex-1" />
        <Button look={site.active ? 'danger' : 'plain'} disabled={!online} onClick={() => setAsking(true)}>
          {site.active ? 'Take out of use…' : 'Use again…'}
        </Button>
      </div>
      <UseQuestion
        site={site}
        open={asking}
        onNo={() => setAsking(false)}
        onYes={async () => {
          setAsking(false)
          const words = site.active ? 'is out of use.' : 'is in use again.'
          if (await update({ active: !site.active })) tell(`${site.name} ${words}`)
        }}
      />
    </form>
  )
}

function UseQuestion({
  site: { name, active },
  open,
  onNo,
  onYes,
}: {
  site: Site
  open: boolean
  onNo: () => void
  onYes: () => Promise<void>
}) {
  return (
    <Ask
      open={open}
      title={active ? `Take ${name} out of use?` : `Use ${name} again?`}
      no="Cancel"
      onNo={onNo}
      actions={
        <Button look={active ? 'danger-solid' : 'primary'} onClick={() => void onYes()}>
          {active ? 'Take out of use' : 'Use again'}
        </Button>
      }
    >
      {active ? (
        <p>
          Nobody can work in it any more, and devices put its records away at their next contact with the
          server. The records stay on the server; the site can be used again.
        </p>
      ) : (
        <p>Those who belonged to it find it among their sites again, with all its records.</p>
      )}
    </Ask>
  )
}
