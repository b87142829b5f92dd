import { Dialog } from 'radix-ui'
import { type ReactNode, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { Ask } from './Ask.tsx'
import { Button } from './Button.tsx'
import { useFocusBack } from './focus-back.ts'
import { useFocusWrong } from './focus-wrong.ts'
import { useUnsavedDialog } from './unsaved-dialog.ts'

/**
 * Something to fill in, in front of everything else. Esc and the last button close it; when it cannot be sent as it
 * is, the first field that is wrong is focused. Where something is typed that closing would lose, it asks first; while
 * that is being sent, closing waits for the answer.
 */
export function FormDialog({
  title,
  intro,
  send,
  isGrave = false,
  isWide = false,
  busy,
  unsaved = null,
  onSend,
  onClose,
  children,
}: {
  title: string
  intro: ReactNode
  /** What the button that sends it says; null when there is nothing left to send. */
  send: string | null
  /** What it does cannot be taken back. */
  isGrave?: boolean
  /** It has a table in it. */
  isWide?: boolean
  busy: boolean
  /** What closing would mean, in a sentence (“The site is not added yet.”); null while nothing is typed. */
  unsaved?: string | null
  onSend: () => void
  onClose: () => void
  children: ReactNode
}) {
  const form = useRef<HTMLFormElement>(null)
  const focusWrong = useFocusWrong(form)
  const giveBack = useFocusBack()
  const sending = busy && unsaved !== null
  const [leaving, setLeaving] = useState<(() => void) | null>(null)
  useUnsavedDialog(unsaved !== null, (then) => setLeaving(() => then))
  const close = () => {
    if (sending) return
    if (unsaved === null) onClose()
    else setLeaving(() => () => undefined)
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          className={`floating fixed top-[min(18%,8rem)] left-1/2 z-50 max-h-[80%] -translate-x-1/2 overflow-y-auto p-5 ${
            isWide ? 'w-[min(44rem,calc(100vw-2rem))]' : 'w-[min(28rem,calc(100vw-2rem))]'
          }`}
          onCloseAutoFocus={giveBack}
        >
          <Dialog.Title className="text-lg font-semibold">{title}</Dialog.Title>
          <Dialog.Description asChild>
            <div className="mt-1.5 space-y-2 text-muted">{intro}</div>
          </Dialog.Description>
          <form
            ref={form}
            noValidate
            onSubmit={(event) => {
              event.preventDefault()
              if (busy) return
              focusWrong()
              onSend()
            }}
          >
            {children}
            <div className="sticky -bottom-5 -mx-5 -mb-5 flex flex-wrap justify-end gap-2 bg-surface px-5 pt-5 pb-5">
              <Dialog.Close asChild>
                <Button look={send === null ? 'primary' : 'quiet'} disabled={sending}>
                  {send === null ? 'Close' : 'Cancel'}
                </Button>
              </Dialog.Close>
              {send !== null && (
                <Button look={isGrave ? 'danger-solid' : 'primary'} type="submit" disabled={busy}>
                  {send}
                </Button>
              )}
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
      <Ask
        open={leaving !== null && !sending}
        title="Discard what you typed?"
        no="Keep editing"
        onNo={() => setLeaving(null)}
        actions={
          <Button
            look="danger-solid"
            onClick={() => {
              // What was asked for asks again while the dialog is there.
              flushSync(onClose)
              leaving?.()
            }}
          >
            Discard
          </Button>
        }
      >
        <p>{unsaved}</p>
      </Ask>
    </Dialog.Root>
  )
}
