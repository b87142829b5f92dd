import { X } from 'lucide-react'
import type { Crash } from '#desktop/bridge/support'
import { useSession } from '../../app/session.ts'
import { dismissCrash, showSupport, useSupport } from '../../app/support.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { clockWords, readerZone } from '../../ui/date-words.ts'

const words: Record<Crash['what'], string> = {
  app: 'Fieldbook ended without being closed last time.',
  window: 'The window of Fieldbook had stopped and was opened anew.',
  graphics: 'The part of Fieldbook that draws had stopped and was started again.',
  storage: 'The storage of Fieldbook had stopped and was started again.',
  spreadsheets: 'The part of Fieldbook that works with spreadsheets had stopped.',
  process: 'A part of Fieldbook had stopped.',
  fault: 'Something in Fieldbook failed.',
}

/** Says after a crash that there was one, and what can be handed on. */
export function CrashNotice() {
  const crash = useSupport((support) => support.crash)
  const keepsData = useSession((session) => session.keepsData)
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 bottom-16 z-30 flex justify-center px-4"
    >
      {crash && (
        <div className="floating pointer-events-auto flex max-w-2xl items-center gap-3 py-1 pr-1 pl-3.5">
          <span className="min-w-0" title={`${crash.reason}, at ${clockWords(crash.at, readerZone())}`}>
            {words[crash.what]} {keepsData && 'What you saved is safe.'}
          </span>
          <TextButton
            className="shrink-0"
            onClick={() => {
              dismissCrash()
              showSupport()
            }}
          >
            Support…
          </TextButton>
          <Button look="icon" aria-label="Dismiss crash notice" onClick={dismissCrash}>
            <X aria-hidden size={14} />
          </Button>
        </div>
      )}
    </div>
  )
}
