import { type ReactNode, useState } from 'react'
import type { SessionState } from '#desktop/bridge/channels'
import { problemOf } from '../../app/bridge.ts'
import { retryStorage } from '../../app/session.ts'
import { showSupport } from '../../app/support.ts'
import type { Problem } from '#desktop/bridge/channels'
import { Ask } from '../../ui/Ask.tsx'
import { Button, TextButton } from '../../ui/Button.tsx'
import { Card } from '../../ui/Card.tsx'
import { Logo } from '../../ui/Logo.tsx'
import { Notice, ProblemNotice } from '../../ui/Notice.tsx'
import { newDraft, RegisterOrganisation } from './RegisterOrganisation.tsx'
import { ResetPassword } from './ResetPassword.tsx'
import { SignInForm } from './SignInForm.tsx'

export function SignIn({ session }: { session: SessionState }) {
  return (
    <SignInOrReset
      session={session}
      title="Sign in"
      mayChangeServer
      below={
        <p className="mt-4 text-center text-sm">
          <TextButton look="faint" onClick={() => showSupport()}>
            Support…
          </TextButton>
        </p>
      }
    >
      {session.notice && (
        <Notice tone="warn" className="mt-3">
          {session.notice}
        </Notice>
      )}
    </SignInOrReset>
  )
}

/** The kept session is not to be trusted without asking the server again. Nothing is lost meanwhile. */
export function Locked({ session, onSignOut }: { session: SessionState; onSignOut: () => void }) {
  const why = session.mustSignIn
    ? 'You have been signed out of the server.'
    : 'It has been a while since this device reached the server.'
  return (
    <SignInOrReset
      session={session}
      title="Sign in again"
      mayChangeServer={false}
      below={
        <p className="mt-4 flex items-center justify-center gap-2 text-sm text-muted">
          <span>Not {session.user?.displayName}?</span>
          <TextButton onClick={onSignOut}>Sign out</TextButton>
        </p>
      }
    >
      <p className="mt-1.5 text-muted">
        {session.notice ?? why} Your records and what you have not sent yet are kept on this device and open
        once you have signed in.
      </p>
    </SignInOrReset>
  )
}

/** The form for the password; in its place the way to another one for who does not know it, or to an organisation. */
function SignInOrReset({
  session,
  title,
  mayChangeServer,
  below,
  children,
}: {
  session: SessionState
  title: string
  mayChangeServer: boolean
  below?: ReactNode
  children: ReactNode
}) {
  const username = session.user?.username
  const [typed, setTyped] = useState({ server: session.server, username: '' })
  const [resetting, setResetting] = useState<'account' | 'code' | null>(null)
  const [registering, setRegistering] = useState(false)
  const [draft, setDraft] = useState(newDraft)
  const [done, setDone] = useState<string | null>(null)
  if (resetting)
    return (
      <ResetPassword
        server={mayChangeServer ? typed.server : undefined}
        account={username ?? typed.username}
        startWith={resetting}
        onBack={({ account, changed }) => {
          setTyped({ ...typed, username: account })
          setDone(changed ? 'Your password is changed. Sign in with the new one.' : null)
          setResetting(null)
        }}
      />
    )
  if (registering)
    return (
      <RegisterOrganisation
        server={mayChangeServer ? typed.server : undefined}
        draft={draft}
        onBack={(left) => {
          setDraft(left)
          setDone(null)
          setRegistering(false)
        }}
        onRegistered={({ name, username, isAsSent }) => {
          setDraft(newDraft())
          setTyped({ ...typed, username })
          setDone(
            isAsSent
              ? `${name} is registered. Sign in as its admin with the password you have just chosen.`
              : `${name} is registered with what you had sent first. Sign in as its admin, ${username}, with the password you chose then.`,
          )
          setRegistering(false)
        }}
      />
    )
  return (
    <Card title={title} below={below}>
      {done ? <Notice className="mt-3">{done}</Notice> : children}
      <SignInForm
        server={mayChangeServer ? typed.server : session.server}
        username={username}
        typedName={typed.username}
        mayChangeServer={mayChangeServer}
        keepsData={session.keepsData}
        onForgot={({ server, username }, hasCode) => {
          setTyped({ server, username })
          setResetting(hasCode ? 'code' : 'account')
        }}
        onRegister={({ server, username }) => {
          setTyped({ server, username })
          setRegistering(true)
        }}
      />
    </Card>
  )
}

/** The local data cannot be opened: nothing is touched until the person says what to do. */
export function Blocked({ session }: { session: SessionState }) {
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const retry = async (setAside: boolean) => {
    setAsking(false)
    setBusy(true)
    setProblem(null)
    try {
      await retryStorage(setAside)
    } catch (error) {
      setProblem(problemOf(error))
    }
    setBusy(false)
  }
  return (
    <Card title="Your data cannot be opened">
      <p className="mt-1.5 text-muted">{session.blockedBy?.message}</p>
      <p className="mt-2 text-muted">Nothing has been deleted.</p>
      {problem && <ProblemNotice problem={problem} className="mt-4" />}
      <div className="mt-5 space-y-2">
        <Button
          look="primary"
          size="large"
          className="w-full"
          disabled={busy}
          onClick={() => void retry(false)}
        >
          Try again
        </Button>
        {session.blockedBy?.canSetAside && (
          <Button size="large" className="w-full" disabled={busy} onClick={() => setAsking(true)}>
            Set aside and start fresh
          </Button>
        )}
      </div>
      <Ask
        open={asking}
        title="Set the data aside and start fresh?"
        no="Cancel"
        onNo={() => setAsking(false)}
        actions={
          <Button look="primary" onClick={() => void retry(true)}>
            Set aside
          </Button>
        }
      >
        <p>
          The unreadable file is kept under another name. Fieldbook starts with an empty one and fetches the
          records from the server again.
        </p>
        <p>Edits in that file that were never sent are not fetched: ask your IT department to look at it.</p>
      </Ask>
    </Card>
  )
}

export function Starting() {
  return (
    <main aria-busy className="grid h-full place-items-center">
      <h1 className="flex animate-pulse items-center gap-2.5 pb-10 text-2xl font-semibold tracking-tight">
        <Logo size={26} /> Fieldbook
      </h1>
    </main>
  )
}
