import { MapPinOff } from 'lucide-react'
import { useState } from 'react'
import type { Problem } from '#desktop/bridge/channels'
import { AdminScreen } from '../../app/AdminScreen.tsx'
import { ask, problemOf } from '../../app/bridge.ts'
import { useMay, useSession } from '../../app/session.ts'
import { useSync } from '../../app/sync.ts'
import { showScreen } from '../../app/workspace.ts'
import { Button } from '../../ui/Button.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { State } from '../../ui/State.tsx'

function wordsFor(tenant: string | undefined, mayAddSites: boolean): { title: string; remedy: string } {
  if (tenant === undefined)
    return {
      title: 'You look after no organisation any more',
      remedy: 'Ask who runs this server if that is not as it should be.',
    }
  if (mayAddSites)
    return {
      title: `${tenant} has no site in use`,
      remedy:
        'Interactions are kept in sites. Add one, or take one into use again: you are its administrator at once.',
    }
  return {
    title: 'You have no site yet',
    remedy: `Ask an administrator of ${tenant} to add you to a site. Once that is done it shows up here by itself.`,
  }
}

/** What somebody comes to who belongs to no site: how they come to one, and what they can do meanwhile. */
export function NoSite() {
  const tenant = useSession(({ user }) => user?.tenant)
  const mustSignIn = useSession((session) => session.mustSignIn)
  const mayAddSites = useMay('site.create')
  const { online, upToDateAt } = useSync()
  /** When the server had last been asked as the person wanted it asked again. */
  const [before, setBefore] = useState<string | null>()
  const [problem, setProblem] = useState<Problem | null>(null)
  const check = () => {
    setProblem(null)
    setBefore(upToDateAt)
    ask('sync.now', {}).catch((error: unknown) => setProblem(problemOf(error)))
  }
  const { title, remedy } = wordsFor(tenant?.name, mayAddSites)
  return (
    <AdminScreen title="Start">
      <State icon={MapPinOff} title={title}>
        <p>{remedy}</p>
        {!online && <p>The server cannot be reached at the moment.</p>}
        {online && !mustSignIn && before !== undefined && (
          <p>
            {upToDateAt === null || upToDateAt === before ? 'Checking…' : 'Checked: nothing has changed yet.'}
          </p>
        )}
        {problem && <ProblemNotice problem={problem} />}
        <div className="mt-3 flex flex-wrap justify-center gap-2">
          {mayAddSites && (
            <Button look="primary" onClick={() => showScreen('sites')}>
              Go to Sites
            </Button>
          )}
          <Button onClick={check}>Check again</Button>
          <Button look="quiet" onClick={() => showScreen('account')}>
            Your account
          </Button>
        </div>
      </State>
    </AdminScreen>
  )
}
