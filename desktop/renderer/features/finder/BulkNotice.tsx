import { ChevronDown, X } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/Button.tsx'
import { dismissBulk, undoBulk, useBulk } from './bulk.ts'
import { outcomeWords } from './bulk-words.ts'
import { Refusals } from './Refusals.tsx'

/** What the last change to many records did, and a way back; stays until it is dismissed or the next one. */
export function BulkNotice() {
  const { outcome, problem } = useBulk()
  const [busy, setBusy] = useState(false)
  const [open, setOpen] = useState(false)
  if (!outcome) return null
  const undo = async () => {
    setBusy(true)
    await undoBulk(outcome)
    setBusy(false)
  }
  return (
    <div role="group" aria-label="Last change" className="border-t border-line bg-surface-2 px-3.5 py-1.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span role="status">{outcomeWords(outcome)}</span>
        {outcome.refused.length > 0 && (
          <Button look="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
            Why <ChevronDown aria-hidden size={14} className={open ? 'rotate-180' : ''} />
          </Button>
        )}
        <span className="flex-1" />
        {outcome.bulkId !== null && (
          <Button disabled={busy || outcome.done === 0} onClick={() => void undo()}>
            Undo
          </Button>
        )}
        <Button look="icon" aria-label="Dismiss" onClick={dismissBulk}>
          <X aria-hidden size={15} />
        </Button>
      </div>
      {problem && (
        <p role="alert" className="pb-1 text-bad">
          {problem.message}
        </p>
      )}
      {open && outcome.refused.length > 0 && <Refusals refused={outcome.refused} className="mt-1 mb-1.5" />}
    </div>
  )
}
