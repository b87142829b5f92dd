import { CircleAlert, CircleCheck, Minus } from 'lucide-react'
import { useState } from 'react'
import type { Check } from '#desktop/bridge/support'
import { ask } from '../../app/bridge.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { Button } from '../../ui/Button.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'

/** What is between here and the server. */
export function Connection() {
  const [attempt, setAttempt] = useState(0)
  const { value, problem } = useAnswer(`${attempt}`, () =>
    ask('support.diagnose', {}).then(({ checks }) => ({ attempt, checks })),
  )
  const busy = !problem && value?.attempt !== attempt
  return (
    <div aria-busy={busy}>
      {problem && <ProblemNotice problem={problem} className="mb-2" />}
      <dl className="grid grid-cols-[11rem_minmax(0,1fr)] gap-x-4 gap-y-1">
        {value?.checks.map((check) => (
          <div key={check.name} className="contents">
            <dt className="flex items-start gap-1.5 text-muted">
              <Sign state={check.state} /> {check.name}
            </dt>
            <dd className={`min-w-0 break-words select-text ${check.state === 'bad' ? 'text-bad' : ''}`}>
              {check.words}
            </dd>
          </div>
        ))}
      </dl>
      <div className="mt-3 flex items-center gap-3">
        <Button disabled={busy} onClick={() => setAttempt(attempt + 1)}>
          Check again
        </Button>
        <span role="status" className="text-muted">
          {busy ? 'Checking the connection…' : value && said(value.checks)}
        </span>
      </div>
    </div>
  )
}

function said(checks: readonly Check[]): string {
  const bad = checks.filter(({ state }) => state === 'bad').map(({ name }) => name.toLowerCase())
  return bad.length === 0 ? 'The server can be reached.' : `Not well: ${bad.join(', ')}.`
}

function Sign({ state }: { state: Check['state'] }) {
  const looks = {
    ok: { Icon: CircleCheck, className: 'text-accent' },
    bad: { Icon: CircleAlert, className: 'text-bad' },
    plain: { Icon: Minus, className: 'text-faint' },
  }
  const { Icon, className } = looks[state]
  return <Icon aria-hidden size={14} className={`mt-0.5 shrink-0 ${className}`} />
}
