import { Dialog } from 'radix-ui'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { SessionState } from '#desktop/bridge/channels'
import { showSignInAgain, useSignInAgain } from '../../app/sign-in-again.ts'
import { Button } from '../../ui/Button.tsx'
import { Notice } from '../../ui/Notice.tsx'
import { dialogHoldsWork } from '../../ui/unsaved-dialog.ts'
import { ResetPassword } from './ResetPassword.tsx'
import { SignInForm } from './SignInForm.tsx'

/** Work goes on, but edits cannot travel until the password is given again. */
export function SignInAgain({ session }: { session: SessionState }) {
  const { open } = useSignInAgain()
  const content = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // Nobody gets at the button past a dialog, which cannot be closed without losing what it holds.
    if (dialogHoldsWork()) showSignInAgain(true)
  }, [])
  return (
    <div
      role="status"
      className="flex flex-wrap items-center justify-center gap-3 bg-warn-soft px-4 py-1.5 text-warn"
    >
      <span>
        You have been signed out of the server.{' '}
        {session.siteId === null
          ? 'What you have typed stays: sign in again, then save it.'
          : 'Go on working: your edits of records are kept here and sent once you sign in again.'}
      </span>
      <Dialog.Root open={open} onOpenChange={showSignInAgain}>
        <Dialog.Trigger asChild>
          <Button>Sign in again</Button>
        </Dialog.Trigger>
        <Dialog.Portal>
          <Dialog.Overlay className="fixed inset-0 z-50 bg-shade" />
          <Dialog.Content
            ref={content}
            aria-describedby={undefined}
            onOpenAutoFocus={(event) => {
              event.preventDefault()
              content.current?.querySelector<HTMLInputElement>('input[type=password]')?.focus()
            }}
            className="floating fixed top-[min(18%,6rem)] left-1/2 z-50 max-h-[85%] w-[min(23rem,calc(100vw-2rem))] -translate-x-1/2 overflow-y-auto p-6"
          >
            <SignInOrReset session={session} />
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
    </div>
  )
}

/** The form for the password, and in its place the way to another one for who does not know it. */
function SignInOrReset({ session }: { session: SessionState }) {
  const [resetting, setResetting] = useState<'account' | 'code' | null>(null)
  const [changed, setChanged] = useState(false)
  if (resetting)
    return (
      <ResetPassword
        server={undefined}
        account={session.user?.username ?? ''}
        startWith={resetting}
        frame={InDialog}
        onBack={(outcome) => {
          setChanged(outcome.changed)
          setResetting(null)
        }}
      />
    )
  return (
    <InDialog
      title="Sign in again"
      below={
        <Dialog.Close asChild>
          <Button look="quiet" className="mt-2 w-full">
            Not now
          </Button>
        </Dialog.Close>
      }
    >
      {changed && <Notice className="mt-3">Your password is changed. Sign in with the new one.</Notice>}
      <SignInForm
        server={session.server}
        username={session.user?.username}
        mayChangeServer={false}
        keepsData={session.keepsData}
        onDone={() => showSignInAgain(false)}
        onForgot={(_, hasCode) => setResetting(hasCode ? 'code' : 'account')}
      />
    </InDialog>
  )
}

const InDialog = ({ title, children, below }: { title: string; children: ReactNode; below?: ReactNode }) => (
  <>
    <Dialog.Title className="text-xl font-semibold tracking-tight">{title}</Dialog.Title>
    {children}
    {below}
  </>
)
