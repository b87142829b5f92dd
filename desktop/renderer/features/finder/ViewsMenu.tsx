import { Check, ChevronDown, Users } from 'lucide-react'
import { type Ref, useEffect, useState } from 'react'
import type { View } from '#common/contract/views'
import type { SiteMembership } from '#common/contract/sites'
import type { Problem } from '#desktop/bridge/channels'
import { problemOf } from '../../app/bridge.ts'
import { useFinder } from '../../app/finder.ts'
import { useMay, useSession } from '../../app/session.ts'
import { deleteView, mayChangeView, saveView, useFollowViews, useViews } from '../../app/views.ts'
import { Ask } from '../../ui/Ask.tsx'
import { Button } from '../../ui/Button.tsx'
import { Checkbox } from '../../ui/Checkbox.tsx'
import { Field } from '../../ui/Field.tsx'
import { FormDialog } from '../../ui/FormDialog.tsx'
import {
  Menu,
  MenuItem,
  MenuItemIndicator,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
} from '../../ui/Menu.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { useSavingView } from './saving-view.ts'
import { isChanged, showView, viewInput } from './view-state.ts'

/** The saved views of the site: which one is in force, whether it is changed, and all that can be done with them. */
export function ViewsMenu({ site }: { site: SiteMembership }) {
  useFollowViews(site.id)
  const known = useViews((all) => all.views)
  const views = known ?? []
  const view = useFinder((finder) => finder.view)
  const changed = useFinder(isChanged)
  const me = useSession(({ user }) => user?.id)
  const mayShare = useMay('view.share')
  const [deleting, setDeleting] = useState<View | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const saving = useSavingView((state) => state.saving)
  const startSaving = (next: typeof saving) => useSavingView.setState({ saving: next })
  useFollowView(known)

  const carryOut = (work: Promise<unknown>) =>
    void work.catch((error: unknown) => setProblem(problemOf(error)))
  const keep = async (kept: View, name: string, shared: boolean, fresh: boolean) => {
    const input = fresh
      ? viewInput(name, shared)
      : { name, shared, filter: kept.filter, sort: kept.sort, columns: kept.columns }
    const saved = await saveView(site.id, input, kept.id)
    if (fresh) showView(saved)
    else if (useFinder.getState().view?.id === saved.id) useFinder.setState({ view: saved })
  }
  const remove = async (doomed: View) => {
    setDeleting(null)
    await deleteView(doomed)
    if (useFinder.getState().view?.id === doomed.id) showView(null)
  }
  const mayChange = view !== null && mayChangeView(view)
  const mine = views.filter(({ ownerId }) => ownerId === me)
  const others = views.filter(({ ownerId }) => ownerId !== me)
  return (
    <>
      <Menu label="Views" trigger={<ViewButton name={view?.name ?? 'All interactions'} changed={changed} />}>
        <MenuRadioGroup
          value={view?.id ?? ''}
          onValueChange={(id) => showView(views.find((each) => each.id === id) ?? null)}
        >
          <ViewItem id="" name="All interactions" />
          {mine.length > 0 && <Heading>Yours</Heading>}
          {mine.map(({ id, name, shared }) => (
            <ViewItem key={id} id={id} name={name} shared={shared} />
          ))}
          {others.length > 0 && <Heading>Shared with the site</Heading>}
          {others.map(({ id, name, shared }) => (
            <ViewItem key={id} id={id} name={name} shared={shared} />
          ))}
        </MenuRadioGroup>
        <MenuSeparator />
        {view && changed && mayChange && (
          <MenuItem onSelect={() => carryOut(keep(view, view.name, view.shared, true))}>
            <Indent />
            Save changes
          </MenuItem>
        )}
        {view && changed && (
          <MenuItem onSelect={() => showView(view)}>
            <Indent />
            Drop the changes
          </MenuItem>
        )}
        <MenuItem onSelect={() => startSaving('new')}>
          <Indent />
          Save as…
        </MenuItem>
        {mayChange && (
          <MenuItem onSelect={() => startSaving(view)}>
            <Indent />
            Rename…
          </MenuItem>
        )}
        {mayChange && view.ownerId === me && (view.shared || mayShare) && (
          <MenuItem onSelect={() => carryOut(keep(view, view.name, !view.shared, false))}>
            <Indent />
            {view.shared ? 'Stop sharing' : `Share with ${site.name}`}
          </MenuItem>
        )}
        {mayChange && (
          <MenuItem className="text-bad" onSelect={() => setDeleting(view)}>
            <Indent />
            Delete…
          </MenuItem>
        )}
      </Menu>
      {saving && (
        <NameDialog
          siteName={site.name}
          view={saving === 'new' ? null : saving}
          mayShare={mayShare}
          onClose={() => startSaving(null)}
          onSave={async (name, shared) => {
            if (saving === 'new') showView(await saveView(site.id, viewInput(name, shared)))
            else await keep(saving, name, saving.shared, false)
          }}
        />
      )}
      <Ask
        open={deleting !== null}
        title={`Delete the view “${deleting?.name}”?`}
        no="Keep it"
        onNo={() => setDeleting(null)}
        actions={
          <Button look="danger-solid" onClick={() => deleting && carryOut(remove(deleting))}>
            Delete
          </Button>
        }
      >
        <p>
          {deleting?.shared
            ? `It disappears for everyone who works in ${site.name}. The records stay.`
            : 'The records stay.'}
        </p>
      </Ask>
      <Ask
        open={problem !== null}
        title="The view could not be changed"
        no="Close"
        onNo={() => setProblem(null)}
        actions={null}
      >
        {problem && <ProblemNotice problem={problem} />}
      </Ask>
    </>
  )
}

/** Somebody else changed or deleted the view in force: what was not changed here follows. */
function useFollowView(views: readonly View[] | null) {
  useEffect(() => {
    const finder = useFinder.getState()
    const { view } = finder
    if (!view || !views) return
    const now = views.find(({ id }) => id === view.id)
    if (!now) useFinder.setState({ view: null })
    else if (now.updatedAt !== view.updatedAt || now.name !== view.name) {
      if (isChanged(finder)) useFinder.setState({ view: now })
      else showView(now)
    }
  }, [views])
}

function ViewButton({
  name,
  changed,
  ref,
  ...props
}: {
  name: string
  changed: boolean
  ref?: Ref<HTMLButtonElement>
}) {
  return (
    <button
      type="button"
      ref={ref}
      className="flex h-[29px] max-w-56 min-w-0 items-center gap-1.5 rounded-md px-2 font-[550] text-muted hover:bg-surface-2 hover:text-text data-[state=open]:bg-surface-2"
      {...props}
    >
      <span className="sr-only">View: </span>
      <span className="truncate">{name}</span>
      {changed && <span className="shrink-0 text-sm text-warn">changed</span>}
      <ChevronDown aria-hidden size={14} className="shrink-0" />
    </button>
  )
}

const Indent = () => <span className="w-4 shrink-0" />

const Heading = ({ children }: { children: string }) => (
  <div className="px-2 pt-2 pb-0.5 text-xs font-semibold text-muted">{children}</div>
)

function ViewItem({ id, name, shared = false }: { id: string; name: string; shared?: boolean }) {
  return (
    <MenuRadioItem value={id} textValue={name}>
      <span className="grid w-4 shrink-0 place-items-center text-accent">
        <MenuItemIndicator>
          <Check aria-hidden size={14} />
        </MenuItemIndicator>
      </span>
      <span className="max-w-64 min-w-0 flex-1 truncate">{name}</span>
      {shared && <Users role="img" aria-label="shared" size={13} className="shrink-0 text-muted" />}
    </MenuRadioItem>
  )
}

function NameDialog({
  siteName,
  view,
  mayShare,
  onSave,
  onClose,
}: {
  siteName: string
  view: View | null
  mayShare: boolean
  /** Rejects with a ProblemError where it was not saved. */
  onSave: (name: string, shared: boolean) => Promise<void>
  onClose: () => void
}) {
  const [name, setName] = useState(view?.name ?? '')
  const [shared, setShared] = useState(false)
  const [error, setError] = useState<string>()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const send = async () => {
    if (!name.trim()) return setError('Give it a name')
    setBusy(true)
    await onSave(name.trim(), shared).then(onClose, (failure: unknown) => setProblem(problemOf(failure)))
    setBusy(false)
  }
  return (
    <FormDialog
      title={view ? 'Rename the view' : 'Save as a view'}
      intro={view ? null : <p>Search, filters, order and columns as they are now, under a name.</p>}
      send={view ? 'Rename' : 'Save view'}
      busy={busy}
      onSend={() => void send()}
      onClose={onClose}
    >
      <Field label="Name" error={error} className="mt-4">
        {(control) => (
          <input
            type="text"
            {...control}
            maxLength={100}
            autoComplete="off"
            value={name}
            onChange={(event) => {
              setName(event.target.value)
              setError(undefined)
            }}
          />
        )}
      </Field>
      {!view && mayShare && (
        <Checkbox className="mt-3" checked={shared} onChange={(event) => setShared(event.target.checked)}>
          Share with everyone who works in {siteName}
        </Checkbox>
      )}
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
    </FormDialog>
  )
}
