import { Dialog } from 'radix-ui'
import { useRef } from 'react'
import type { UpdateState } from '#desktop/bridge/updates'
import { showOverlay, useOverlay } from '../../app/overlay.ts'
import { checkForUpdates, restartToUpdate, useUpdates } from '../../app/updates.ts'
import { Button } from '../../ui/Button.tsx'
import { momentWords, readerZone } from '../../ui/date-words.ts'
import { useFocusBack } from '../../ui/focus-back.ts'
import { Logo } from '../../ui/Logo.tsx'

/** Which version runs, and whether there is another. */
export function About() {
  const isOpen = useOverlay((overlay) => overlay.open === 'about')
  const state = useUpdates((updates) => updates.state)
  return isOpen && state && <OpenAbout state={state} />
}

function OpenAbout({ state }: { state: UpdateState }) {
  const giveBack = useFocusBack()
  const close = useRef<HTMLButtonElement>(null)
  const { version, phase, checkedAt } = state
  const isBusy = phase === 'checking' || phase === 'fetching'
  return (
    <Dialog.Root open onOpenChange={(next) => !next && showOverlay(null)}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            close.current?.focus()
          }}
          onCloseAutoFocus={giveBack}
          className="floating fixed top-[28%] left-1/2 z-50 w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 p-5"
        >
          <Dialog.Title className="flex items-center gap-2 text-lg font-semibold">
            <Logo /> About Fieldbook
          </Dialog.Title>
          <dl className="mt-3 grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1.5">
            <dt className="text-muted">Version</dt>
            <dd className="select-text">{version}</dd>
            {phase !== 'off' && <dt className="text-muted">Last checked</dt>}
            {phase !== 'off' && <dd>{checkedAt ? momentWords(checkedAt, readerZone()) : 'Not yet'}</dd>}
          </dl>
          <p role="status" aria-label="Updates" className="mt-3 text-muted empty:hidden">
            {wordsOf(state)}
          </p>
          <div className="mt-5 flex flex-wrap justify-end gap-2">
            {phase === 'ready' && <Button onClick={restartToUpdate}>Restart to finish</Button>}
            {phase !== 'off' && phase !== 'ready' && (
              <Button disabled={isBusy} onClick={checkForUpdates}>
                Check for updates
              </Button>
            )}
            <Dialog.Close asChild>
              <Button look="primary" ref={close}>
                Close
              </Button>
            </Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function wordsOf({ phase, next, checkedAt, words }: UpdateState): string | null {
  switch (phase) {
    case 'off':
    case 'failed':
      return words
    case 'idle':
      return checkedAt && 'This is the latest version for this computer.'
    case 'checking':
      return 'Looking for updates…'
    case 'fetching':
      return `Fetching version ${next}. Go on working; nothing changes before the next start.`
    case 'ready':
      return `Version ${next} is ready, and there after the next start.`
  }
}
