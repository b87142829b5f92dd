import { Laptop, LogOut } from 'lucide-react'
import { useState } from 'react'
import type { Session } from '#common/contract/auth'
import type { Problem } from '#desktop/bridge/channels'
import { Failed, Loading } from '../../app/AdminScreen.tsx'
import { ask, problemOf } from '../../app/bridge.ts'
import { useSync } from '../../app/sync.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { Ask } from '../../ui/Ask.tsx'
import { Button } from '../../ui/Button.tsx'
import { momentWords, readerZone } from '../../ui/date-words.ts'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { Pill } from '../../ui/Pill.tsx'

const nameOf = ({ deviceName }: Session) => deviceName ?? 'A device without a name'

/** Every place one is signed in at, and a way to end it there: a laptop that was lost, say. */
export function Devices() {
  const online = useSync((sync) => sync.online)
  const { value, problem, reload } = useAnswer(`${online}`, () => ask('account.sessions', {}))
  const [asking, setAsking] = useState<Session | 'others' | null>(null)
  // What the question was about, while it fades.
  const [asked, setAsked] = useState<Session | 'others' | null>(null)
  if (asking && asking !== asked) setAsked(asking)
  const [failure, setFailure] = useState<Problem | null>(null)
  const [said, setSaid] = useState('')
  const [busy, setBusy] = useState(false)

  const end = async (which: Session | 'others') => {
    setAsking(null)
    setFailure(null)
    setSaid('')
    setBusy(true)
    try {
      if (which === 'others') await ask('account.endOtherSessions', {})
      else await ask('account.endSession', { id: which.id })
      setSaid(which === 'others' ? 'Signed out everywhere else.' : `Signed out of ${nameOf(which)}.`)
    } catch (error) {
      setFailure(problemOf(error))
    }
    await reload()
    setBusy(false)
  }

  const failed = problem && (!value || problem.code === 'SERVICE_UNAVAILABLE') ? problem : null
  if (failed)
    return <Failed problem={failed} title="Your devices could not be read" onRetry={() => void reload()} />
  if (!value) return <Loading words="Reading your devices" />
  const sessions = value.sessions.toSorted((a, b) => Number(b.isThis) - Number(a.isThis))
  const others = sessions.filter(({ isThis }) => !isThis)
  return (
    <>
      {failure && <ProblemNotice problem={failure} className="mb-3" />}
      <ul aria-label="Devices" className="border-y border-line">
        {sessions.map((session) => (
          <Device key={session.id} session={session} busy={busy} onEnd={() => setAsking(session)} />
        ))}
      </ul>
      <div className="mt-3 flex min-h-[31px] flex-wrap items-center gap-3">
        {others.length > 1 && (
          <Button disabled={busy} onClick={() => setAsking('others')}>
            Sign out everywhere else
          </Button>
        )}
        <p role="status" aria-label="Devices" className="text-muted">
          {said || (others.length === 0 ? 'You are signed in nowhere else.' : '')}
        </p>
      </div>
      <Ask
        open={asking !== null}
        title={
          asked === 'others' || !asked
            ? `Sign out of the ${others.length} other devices?`
            : `Sign out of ${nameOf(asked)}?`
        }
        no="Cancel"
        onNo={() => setAsking(null)}
        actions={
          <Button look="primary" onClick={() => asked && void end(asked)}>
            Sign out
          </Button>
        }
      >
        <p>
          The password is needed before anything more can be sent or fetched there. Work that was not sent yet
          stays there and goes out after that.
        </p>
      </Ask>
    </>
  )
}

function Device({ session, busy, onEnd }: { session: Session; busy: boolean; onEnd: () => void }) {
  const { isThis, startedAt, lastUsedAt, appVersion, platform } = session
  const name = nameOf(session)
  const zone = readerZone()
  return (
    <li className="flex items-center gap-3 border-b border-line py-2.5 last:border-b-0">
      <span className="grid size-8 shrink-0 place-items-center rounded-md bg-surface-2 text-muted">
        <Laptop aria-hidden size={16} />
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2">
          <span className="truncate font-[550]" title={name}>
            {name}
          </span>
          {isThis && <Pill tone="accent">This device</Pill>}
        </p>
        <p className="text-sm text-muted tabular-nums">
          Signed in {momentWords(startedAt, zone)}
          {isThis ? ' · in use now' : ` · last used ${momentWords(lastUsedAt, zone)}`}
        </p>
        {appVersion && (
          <p className="truncate text-sm text-muted">
            Fieldbook {appVersion}
            {platform && ` on ${platform}`}
          </p>
        )}
      </div>
      {!isThis && (
        <Button aria-label={`Sign out of ${name}`} disabled={busy} onClick={onEnd}>
          <LogOut aria-hidden size={13} /> Sign out
        </Button>
      )}
    </li>
  )
}
