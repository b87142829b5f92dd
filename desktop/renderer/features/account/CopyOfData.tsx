import { useState } from 'react'
import type { SessionUser } from '#common/contract/auth'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { Button } from '../../ui/Button.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'

/** What the server keeps about oneself, as a file. */
export function CopyOfData({ user: { id, displayName }, online }: { user: SessionUser; online: boolean }) {
  const [busy, setBusy] = useState(false)
  const [said, setSaid] = useState('')
  const [problem, setProblem] = useState<Problem | null>(null)

  const copy = async () => {
    setBusy(true)
    setSaid('')
    setProblem(null)
    try {
      const { saved } = await ask('people.copyData', { id, displayName })
      if (saved) setSaid('The copy is saved.')
    } catch (error) {
      setProblem(problemOf(error))
    }
    setBusy(false)
  }
  return (
    <>
      <p className="mb-3 text-muted">
        Everything that is kept about you, as a JSON file: your profile, roles and sites, where you signed in,
        what you did and when, and the names of what you wrote.
      </p>
      {problem && <ProblemNotice problem={problem} className="mb-3" />}
      <div className="flex min-h-[31px] flex-wrap items-center gap-3">
        <Button disabled={busy || !online} onClick={() => void copy()}>
          {busy ? 'Copying…' : 'Copy of my data…'}
        </Button>
        <p role="status" aria-label="Copy of my data" className="text-muted">
          {said}
        </p>
      </div>
    </>
  )
}
