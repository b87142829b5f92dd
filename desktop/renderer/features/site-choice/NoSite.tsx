import { MapPinOff } from 'lucide-react'
import { useState } from 'react'
import type { Problem } from '#desktop/bridge/channels'
import { AdminScreen } from '../../app/AdminScreen.tsx'
import { ask, problemOf } from '../../app/bridge.ts'
import { useSession } from '../../app/session.ts'
import { useSync } from '../../app/sync.ts'
import { showScreen } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { State } from '../../ui/State.tsx'

/** What somebody comes to who belongs to no site: who to ask, and what they can do meanwhile. */
export function NoSite() {
  const tenant = useSession(({ user }) => user?.tenant)
  const online = useSync((sync) => sync.online)
  const [problem, setProblem] = useState<Problem | null>(null)
  const check = () => {
    setProblem(null)
    ask('sync.now', {}).catch((error: unknown) => setProblem(problemOf(error)))
  }
  return (
    <AdminScreen title="Start">
      <State
        icon={MapPinOff}
        title={tenant ? 'You have no site yet' : 'You look after no organisation any more'}
      >
        <p>
          {tenant
            ? `Ask an administrator of ${tenant.name} to add you to a site. Once that is done it shows up here by itself.`
            : 'Ask who runs this server if that is not as it should be.'}
        </p>
        {!online && <p>The server cannot be reached at the moment.</p>}
        {problem && <ProblemNotice problem={problem} />}
        <div className="mt-3 flex flex-wrap justify-center gap-2">
          <Button onClick={check}>Check again</Button>
          <Button look="quiet" onClick={() => showScreen('account')}>
            Your account
          </Button>
        </div>
      </State>
    </AdminScreen>
  )
}
