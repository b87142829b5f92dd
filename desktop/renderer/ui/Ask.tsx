import { AlertDialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { Button } from './Button.tsx'
import { useFocusBack } from './focus-back.ts'

interface Question {
  title: string
  children: ReactNode
  actions: ReactNode
  no: string
  onNo: () => void
}

/** A question that has to be answered first. Esc and the last button mean “no”. */
export const Ask = ({ open, ...question }: Question & { open: boolean }) => open && <OpenAsk {...question} />

function OpenAsk({ title, children, actions, no, onNo }: Question) {
  const giveBack = useFocusBack()
  return (
    <AlertDialog.Root open onOpenChange={(next) => !next && onNo()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <AlertDialog.Content
          className="floating fixed top-[28%] left-1/2 z-50 w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 p-5"
          onCloseAutoFocus={giveBack}
          // Radix gives Esc to the layer that was on top when it last rendered, so that one pressed at once may miss this.
          onKeyDown={(event) => event.key === 'Escape' && onNo()}
        >
          <AlertDialog.Title className="text-lg font-semibold text-balance break-words">
            {title}
          </AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="mt-1.5 space-y-2 text-muted">{children}</div>
          </AlertDialog.Description>
          <div className="mt-5 flex flex-wrap justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button look="quiet">{no}</Button>
            </AlertDialog.Cancel>
            {actions}
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
