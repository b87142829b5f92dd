import { Archive, Copy, FolderOpen, Pencil, RefreshCw, Trash2 } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { useState } from 'react'
import type { SiteMembership } from '#common/contract/sites'
import { actionsOf, fieldsOf } from '#common/rules/interaction-rules'
import type { LocalInteraction, Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { useMay } from '../../app/session.ts'
import { duplicate, openRecord, useWorkspace } from '../../app/workspace.ts'
import { Ask } from '../../ui/Ask.tsx'
import { Button } from '../../ui/Button.tsx'
import { MenuItem, MenuSeparator } from '../../ui/Menu.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { useRowMenu } from './row-menu.ts'

const close = () => useRowMenu.setState({ record: null })

/** What can be done with a record of the list, where its button, the pointer or the keyboard asked. */
export function RowMenu({ site }: { site: SiteMembership }) {
  const { record, at } = useRowMenu()
  const [deleting, setDeleting] = useState<LocalInteraction | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [shown, setShown] = useState(record)
  if (record && record !== shown) setShown(record)
  const carryOut = (work: Promise<unknown>) =>
    void work.catch((error: unknown) => setProblem(problemOf(error)))

  const remove = async (doomed: LocalInteraction) => {
    setDeleting(null)
    await ask('interaction.delete', { id: doomed.id })
    const { panel, dirty } = useWorkspace.getState()
    if (panel?.id === doomed.id && !dirty) useWorkspace.setState({ panel: null })
  }
  return (
    <>
      <DropdownMenu.Root modal={false} open={record !== null} onOpenChange={(open) => !open && close()}>
        <DropdownMenu.Trigger asChild>
          <span
            aria-hidden
            tabIndex={-1}
            className="pointer-events-none fixed size-0"
            style={at}
            onFocus={(event) => {
              event.currentTarget.blur()
              useWorkspace.getState().focusList?.()
            }}
          />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal container={document.querySelector('main')}>
          <DropdownMenu.Content
            aria-label={`Actions for ${shown?.title ?? 'No title yet'}`}
            align="start"
            collisionPadding={8}
            className="floating z-40 min-w-52 p-1"
            onCloseAutoFocus={(event) => {
              event.preventDefault()
              if (document.activeElement === document.body) useWorkspace.getState().focusList?.()
            }}
          >
            {shown && <Items record={shown} onDelete={() => setDeleting(shown)} carryOut={carryOut} />}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <Ask
        open={deleting !== null}
        title={`Delete “${(deleting ?? shown)?.title ?? 'No title yet'}”?`}
        no="Keep it"
        onNo={() => setDeleting(null)}
        actions={
          <Button look="danger-solid" onClick={() => deleting && carryOut(remove(deleting))}>
            Delete
          </Button>
        }
      >
        <p>It disappears for everyone who works in {site.name}.</p>
      </Ask>
      <Ask
        open={problem !== null}
        title="That did not work"
        no="Close"
        onNo={() => setProblem(null)}
        actions={null}
      >
        {problem && <ProblemNotice problem={problem} />}
      </Ask>
    </>
  )
}

function Items({
  record,
  onDelete,
  carryOut,
}: {
  record: LocalInteraction
  onDelete: () => void
  carryOut: (work: Promise<unknown>) => void
}) {
  const target = { siteId: record.siteId, createdBy: record.createdBy }
  const mayCreate = useMay('interaction.create')
  const mayUpdate = useMay('interaction.update', target)
  const mayDelete = useMay('interaction.delete', target)
  const fields = fieldsOf(record)
  return (
    <>
      <MenuItem onSelect={() => openRecord(record.id, { focus: false })}>
        <FolderOpen aria-hidden size={14} className="text-muted" /> Open
      </MenuItem>
      {mayUpdate && (
        <MenuItem onSelect={() => openRecord(record.id, { focus: true })}>
          <Pencil aria-hidden size={14} className="text-muted" /> Edit
        </MenuItem>
      )}
      {mayCreate && (
        <MenuItem onSelect={() => duplicate(fields)}>
          <Copy aria-hidden size={14} className="text-muted" /> Duplicate
        </MenuItem>
      )}
      {mayUpdate && <MenuSeparator />}
      {mayUpdate &&
        actionsOf(record.status).map(({ to, words }) => (
          <MenuItem
            key={to}
            onSelect={() =>
              carryOut(
                ask('interaction.save', {
                  id: record.id,
                  siteId: record.siteId,
                  opened: fields,
                  fields: { ...fields, status: to },
                }),
              )
            }
          >
            {to === 'archived' || record.status === 'archived' ? (
              <Archive aria-hidden size={14} className="text-muted" />
            ) : (
              <RefreshCw aria-hidden size={14} className="text-muted" />
            )}
            {words}
          </MenuItem>
        ))}
      {mayDelete && (
        <>
          <MenuSeparator />
          <MenuItem className="text-bad" onSelect={onDelete}>
            <Trash2 aria-hidden size={14} /> Delete…
          </MenuItem>
        </>
      )}
    </>
  )
}
