import { useState } from 'react'
import { create } from 'zustand'
import type { Problem } from '#desktop/bridge/channels'
import { Ask } from '../ui/Ask.tsx'
import { Button } from '../ui/Button.tsx'
import { countWords } from '../ui/date-words.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import { ask, problemOf } from './bridge.ts'
import { useSession } from './session.ts'
import { showSyncCentre, whenClean } from './workspace.ts'

const useSignOut = create<{ unsent: number; problem: Problem | null }>(() => ({ unsent: 0, problem: null }))

async function signOut(leaveUnsent: boolean) {
  useSignOut.setState({ unsent: 0, problem: null })
  try {
    const { done, unsent } = await ask('session.signOut', { leaveUnsent })
    if (!done) useSignOut.setState({ unsent })
  } catch (error) {
    useSignOut.setState({ problem: problemOf(error) })
  }
}

/** Signs out, after the person has decided about unsaved and unsent work. */
export const startSignOut = () => whenClean(() => void signOut(false))

/** Asks before work that has not been sent stays behind on this device. */
export function SignOut() {
  const { unsent, problem } = useSignOut()
  const keepsData = useSession((session) => session.keepsData)
  const [shown, setShown] = useState(unsent)
  if (unsent > 0 && unsent !== shown) setShown(unsent)
  const close = () => useSignOut.setState({ unsent: 0, problem: null })
  return (
    <Ask
      open={unsent > 0 || problem !== null}
      title={problem ? 'Signing out did not work' : 'Sign out with unsent work?'}
      no="Stay signed in"
      onNo={close}
      actions={
        !problem && (
          <>
            <Button
              onClick={() => {
                close()
                showSyncCentre()
              }}
            >
              Show them
            </Button>
            <Button look="primary" onClick={() => void signOut(true)}>
              Sign out
            </Button>
          </>
        )
      }
    >
      {problem ? (
        <ProblemNotice problem={problem} />
      ) : (
        <p>
          {countWords(shown, 'edit has', 'edits have')} not reached the server.{' '}
          {keepsData
            ? 'What you wrote stays on this computer, encrypted and for you alone: whoever else signs in here does not see it. It is sent when you sign in here again.'
            : 'This computer keeps nothing on its disk: what you wrote is there if you sign in again before Fieldbook is quit, and lost after that.'}
        </p>
      )}
    </Ask>
  )
}
