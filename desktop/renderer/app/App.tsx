import { useEffect, useState } from 'react'
import type { Problem } from '#desktop/bridge/channels'
import { MustChangePassword } from '../features/account/MustChangePassword.tsx'
import { Blocked, Locked, SignIn, Starting } from '../features/sign-in/SignIn.tsx'
import { SiteChoice } from '../features/site-choice/SiteChoice.tsx'
import { CrashNotice } from '../features/support/CrashNotice.tsx'
import { ProxySignIn } from '../features/support/ProxySignIn.tsx'
import { Support } from '../features/support/Support.tsx'
import { Button } from '../ui/Button.tsx'
import { ProblemNotice } from '../ui/Notice.tsx'
import { problemOf } from './bridge.ts'
import { EnteredNews } from './EnteredBar.tsx'
import { connectManaged } from './managed.ts'
import { connectSession, useSession } from './session.ts'
import { Shell } from './Shell.tsx'
import { SignOut, startSignOut } from './SignOut.tsx'
import { connectSupport } from './support.ts'

/** Shows what fits where the person stands. */
export function App() {
  const [problem, setProblem] = useState<Problem | null>(null)
  useEffect(() => {
    // What IT has settled is known before anything is drawn that depends on it.
    connectManaged()
      .then(connectSession)
      .catch((error: unknown) => setProblem(problemOf(error)))
  }, [])
  useEffect(connectSupport, [])
  if (problem) {
    return (
      <main className="mx-auto max-w-md p-10">
        <ProblemNotice problem={problem} />
        <Button className="mt-3" onClick={() => location.reload()}>
          Try again
        </Button>
      </main>
    )
  }
  return (
    <>
      <Screen />
      <EnteredNews />
      <SignOut />
      <Support />
      <ProxySignIn />
      <CrashNotice />
    </>
  )
}

function Screen() {
  const session = useSession()
  const { phase, user, siteId } = session
  const site = user?.sites.find((each) => each.id === siteId)
  switch (phase) {
    case 'starting':
      return <Starting />
    case 'signed-out':
      return <SignIn session={session} />
    case 'locked':
      return <Locked session={session} onSignOut={startSignOut} />
    case 'blocked':
      return <Blocked session={session} />
    case 'changing-password':
      return <MustChangePassword session={session} onSignOut={startSignOut} />
    case 'choosing-site':
    case 'signed-in':
      return !site && user && user.sites.length > 0 ? (
        <SiteChoice session={session} onSignOut={startSignOut} />
      ) : (
        <Shell
          key={`${user?.id} ${session.entered?.id} ${site === undefined}`}
          session={session}
          site={site ?? null}
        />
      )
  }
}
