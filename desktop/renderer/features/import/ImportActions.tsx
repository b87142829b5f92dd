import { FileDown } from 'lucide-react'
import { type ComponentProps, type ReactNode, useState } from 'react'
import type { Import } from '#common/contract/imports'
import { ask, problemOf } from '../../app/bridge.ts'
import { hideTold, tell } from '../../app/workspace.ts'
import { Ask } from '../../ui/Ask.tsx'
import { Button } from '../../ui/Button.tsx'
import { countWords } from '../../ui/date-words.ts'
import { undo, useImport } from './import-work.ts'

type Look = ComponentProps<typeof Button>['look']

/** Saves the rows that were left out, with reasons; nothing where there are none. */
export function ReportButton({ found, look = 'plain' }: { found: Import; look?: Look }) {
  const [busy, setBusy] = useState(false)
  const { state, checked, result } = found
  const counts = state === 'checked' ? checked : result
  if (state === 'undone' || state === 'undoing' || !counts || counts.bad === 0) return null
  const save = async () => {
    setBusy(true)
    hideTold()
    try {
      const { saved } = await ask('import.report', { siteId: found.siteId, id: found.id })
      if (saved) tell('The error report is saved. Mend its rows and import it, or the file once more.')
    } catch (error) {
      useImport.setState({ problem: problemOf(error) })
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button
      look={look}
      disabled={busy}
      aria-label={look === 'quiet' ? `Save error report of ${found.fileName}…` : undefined}
      onClick={() => void save()}
    >
      <FileDown aria-hidden size={14} /> {look === 'quiet' ? 'Error report…' : 'Save error report…'}
    </Button>
  )
}

/** Takes a run back, after asking. */
export function UndoButton({
  found,
  look = 'plain',
  children,
}: {
  found: Import
  look?: Look
  children: ReactNode
}) {
  const [asking, setAsking] = useState(false)
  const { created = 0, updated = 0 } = found.result ?? {}
  return (
    <>
      <Button
        look={look}
        aria-label={look === 'quiet' ? `Undo the import of ${found.fileName}…` : undefined}
        onClick={() => setAsking(true)}
      >
        {children}
      </Button>
      <Ask
        open={asking}
        title={`Undo the import of “${found.fileName}”?`}
        no="Keep it"
        onNo={() => setAsking(false)}
        actions={
          <Button
            look="danger-solid"
            onClick={() => {
              setAsking(false)
              void undo(found.id)
            }}
          >
            Undo
          </Button>
        }
      >
        <p>
          {[
            created > 0 && `${countWords(created, 'new record')} will be deleted`,
            updated > 0 && `${countWords(updated, 'changed record')} will be as before`,
          ]
            .filter(Boolean)
            .join(', and ')}
          . Records that somebody has edited since stay as they are.
        </p>
      </Ask>
    </>
  )
}
