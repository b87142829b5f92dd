import { useState } from 'react'
import { restorableDays } from '#common/contract/record-keeping'
import type { SiteMembership } from '#common/contract/sites'
import type { LocalInteraction } from '#desktop/bridge/channels'
import { ask } from '../../app/bridge.ts'
import { useMay } from '../../app/session.ts'
import { useSync } from '../../app/sync.ts'
import { closePanel, showScreen, startNew, tell, useWorkspace } from '../../app/workspace.ts'
import { Ask } from '../../ui/Ask.tsx'
import { Button } from '../../ui/Button.tsx'
import { Kbd } from '../../ui/Kbd.tsx'
import type { useInteractionForm } from './use-interaction-form.ts'

type Editor = ReturnType<typeof useInteractionForm>

export function FormFooter({
  editor,
  site,
  isWide,
}: {
  editor: Editor
  site: SiteMembership
  isWide: boolean
}) {
  const { record } = editor
  const mayDelete = useMay(
    'interaction.delete',
    record ? { siteId: record.siteId, createdBy: record.createdBy } : {},
  )
  const mayCreate = useMay('interaction.create')
  const saveAndNew = async () => {
    if (await editor.save()) startNew()
  }
  return (
    <footer className="border-t border-line">
      <div className={`px-4 py-2 ${isWide ? 'mx-auto w-full max-w-3xl' : ''}`}>
        <Saved editor={editor} />
        <div className="flex flex-wrap items-center gap-2">
          <Button look="primary" type="submit">
            Save {(record || isWide) && <Kbd keys="mod+S" onAccent />}
          </Button>
          {mayCreate && <Button onClick={() => void saveAndNew()}>Save & New</Button>}
          {!record && (
            <Button look="quiet" onClick={() => void editor.save('draft')}>
              Save as draft
            </Button>
          )}
          <Button look="quiet" onClick={closePanel}>
            Cancel
          </Button>
          <span className="flex-1" />
          {record && mayDelete && <DeleteButton editor={editor} record={record} site={site} />}
        </div>
      </div>
    </footer>
  )
}

/** Where the record is: an edit that could not be sent yet says so until it is. */
function Saved({ editor: { record, isDirty, note } }: { editor: Editor }) {
  const online = useSync((sync) => sync.online)
  const waits = !isDirty && record?.unsent && !record.needsAttention && !online
  const words = waits ? 'Saved on this device · waiting to be sent' : note
  return (
    <p
      role="status"
      aria-label="Form status"
      className={`flex items-center gap-2 text-sm ${words ? 'mb-1.5' : ''} ${waits ? 'text-warn' : 'text-muted'}`}
    >
      {waits && <span aria-hidden className="size-2 rounded-full bg-warn" />}
      {words}
    </p>
  )
}

function DeleteButton({
  editor,
  record,
  site,
}: {
  editor: Editor
  record: LocalInteraction
  site: SiteMembership
}) {
  const [asking, setAsking] = useState(false)
  const mayRestore = useMay('interaction.restore', { siteId: record.siteId })
  const title = record.title ?? 'No title yet'
  const wasSent = record.version !== null
  const restoring = mayRestore
    ? `You can restore it for ${restorableDays} days.`
    : `An administrator can restore it for ${restorableDays} days.`
  const remove = async () => {
    setAsking(false)
    try {
      await ask('interaction.delete', { id: record.id })
      editor.forget()
      useWorkspace.setState({ panel: null, dirty: false, isWide: false })
      tell(
        `“${title}” is deleted.${wasSent ? ` ${restoring}` : ''}`,
        wasSent && mayRestore
          ? { words: 'Deleted records', onClick: () => showScreen('deleted') }
          : undefined,
      )
    } catch (error) {
      editor.reportProblem(error)
    }
  }
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        Delete
      </Button>
      <Ask
        open={asking}
        title={`Delete “${title}”?`}
        no="Keep it"
        onNo={() => setAsking(false)}
        actions={
          <Button look="danger-solid" onClick={() => void remove()}>
            Delete
          </Button>
        }
      >
        {wasSent ? (
          <p>
            It disappears for everyone who works in {site.name}. {restoring}
          </p>
        ) : (
          <p>It has not been sent yet, so nobody can restore it.</p>
        )}
      </Ask>
    </>
  )
}
