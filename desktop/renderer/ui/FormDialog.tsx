import { Dialog } from 'radix-ui'
import { type ReactNode, useRef } from 'react'
import { Button } from './Button.tsx'
import { useFocusWrong } from './focus-wrong.ts'

/**
 * Something to fill in, in front of everything else. Esc and the last button close it; when it cannot be sent as it
 * is, the first field that is wrong is focused.
 */
export function FormDialog({
  title,
  intro,
  send,
  isGrave = false,
  busy,
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
  busy: boolean
  onSend: () => void
  onClose: () => void
  children: ReactNode
}) {
  const form = useRef<HTMLFormElement>(null)
  const focusWrong = useFocusWrong(form)
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content className="floating fixed top-[min(18%,8rem)] left-1/2 z-50 max-h-[80%] w-[min(28rem,calc(100vw-2rem))] -translate-x-1/2 overflow-y-auto p-5">
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
                <Button look={send === null ? 'primary' : 'quiet'}>
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
    </Dialog.Root>
  )
}
