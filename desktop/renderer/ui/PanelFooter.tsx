import type { Problem } from '#desktop/bridge/channels'
import { Button } from './Button.tsx'
import { Kbd } from './Kbd.tsx'
import { Notice, ProblemNotice } from './Notice.tsx'

/** The end of a form in a side panel: what is wrong, what happened meanwhile, and the ways out. */
export function PanelFooter({
  save = 'Save',
  busy,
  news,
  problem,
  note,
  onClose,
}: {
  /** What the button says. */
  save?: string
  busy: boolean
  /** Empty where nothing happened. */
  news: string
  problem: Omit<Problem, 'code'> | null
  /** Told beside the buttons; may be empty. */
  note: string
  onClose: () => void
}) {
  return (
    <footer className="border-t border-line px-4 py-2">
      {news && (
        <Notice tone="warn" className="mb-2">
          {news}
        </Notice>
      )}
      {problem && <ProblemNotice problem={problem} className="mb-2" />}
      <div className="flex flex-wrap items-center gap-2">
        <Button look="primary" type="submit" disabled={busy}>
          {save} <Kbd keys="mod+S" onAccent />
        </Button>
        <Button look="quiet" onClick={onClose}>
          Cancel
        </Button>
        <span role="status" aria-label="Form status" className="ml-1 text-muted">
          {note}
        </span>
      </div>
    </footer>
  )
}
