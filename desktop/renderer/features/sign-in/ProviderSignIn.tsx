import { useEffect, useState } from 'react'
import type { Problem, Request } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { Button } from '../../ui/Button.tsx'
import { Notice, ProblemNotice } from '../../ui/Notice.tsx'
import { SetByIt } from '../../ui/SetByIt.tsx'

/** The other way in, where the server has one: with the provider of the organisation, in the system's browser. */
export function ProviderSignIn({
  server,
  userId,
  keepSignedIn,
  isOnly,
  onDone,
}: {
  /** Null for the server of the settings. */
  server: string | null
  /** Who it has to be, where somebody signs in again. */
  userId: string | null
  keepSignedIn: () => boolean
  /** There is no other way in. */
  isOnly: boolean
  onDone?: (() => void) | undefined
}) {
  const provider = useProvider(server)
  const [away, setAway] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  useEffect(() => () => void ask('session.cancelProvider', {}), [])
  if (provider === null && !isOnly) return null
  if (provider === null)
    return (
      <Notice tone="warn">
        Your organisation has people sign in with its provider. The server cannot be reached, or offers none.
      </Notice>
    )

  const signIn = async () => {
    setProblem(null)
    setAway(true)
    try {
      const request: Request<'session.signInWithProvider'> = {
        ...(server !== null && { server }),
        ...(userId !== null && { userId }),
        keepSignedIn: keepSignedIn(),
      }
      const { done } = await ask('session.signInWithProvider', request)
      if (done) onDone?.()
    } catch (error) {
      setProblem(problemOf(error))
    }
    setAway(false)
  }

  return (
    <div className="space-y-3">
      {isOnly ? (
        <SetByIt className="flex justify-center" />
      ) : (
        <p aria-hidden className="flex items-center gap-3 text-sm text-muted">
          <span className="h-px grow bg-line" />
          or
          <span className="h-px grow bg-line" />
        </p>
      )}
      {problem && <ProblemNotice problem={problem} />}
      <p role="status" className="text-center text-muted empty:hidden">
        {away && 'Go on in your browser. Fieldbook waits.'}
      </p>
      {/* One button, so that the keyboard stays on it. */}
      <Button
        size="large"
        look={isOnly && !away ? 'primary' : 'plain'}
        className="w-full"
        onClick={() => void (away ? ask('session.cancelProvider', {}) : signIn())}
      >
        {away ? 'Cancel' : `Sign in with ${provider}`}
      </Button>
    </div>
  )
}

/** Null also where nobody answers: then there is nothing to offer, and signing in says what is wrong. */
function useProvider(server: string | null): string | null {
  const [found, setFound] = useState<{ server: string | null; provider: string | null } | null>(null)
  useEffect(() => {
    let current = true
    ask('session.provider', server === null ? {} : { server }).then(
      ({ provider }) => current && setFound({ server, provider }),
      () => current && setFound(null),
    )
    return () => {
      current = false
    }
  }, [server])
  return found?.server === server ? found.provider : null
}
