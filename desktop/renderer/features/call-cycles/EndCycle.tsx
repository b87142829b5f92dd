import { useState } from 'react'
import type { CallCycle } from '#common/contract/call-cycles'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../app/bridge.ts'
import { tell } from '../../app/workspace.ts'
import { dayWords } from '../../ui/date-words.ts'
import { DayField } from '../../ui/DayField.tsx'
import { asSentence } from '../../ui/field-errors.ts'
import { FormDialog } from '../../ui/FormDialog.tsx'
import { ProblemNotice } from '../../ui/Notice.tsx'
import { todayOf } from './cycle-words.ts'

/** Says on which day a cycle that has begun ends; what it was stays. */
export function EndCycle({
  cycle,
  onDone,
  onClose,
}: {
  cycle: CallCycle
  onDone: () => void
  onClose: () => void
}) {
  const [day, setDay] = useState(() => todayOf(cycle))
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const send = async () => {
    setProblem(null)
    setBusy(true)
    try {
      await ask('cycles.update', { id: cycle.id, version: cycle.version, endsOn: day })
      tell(`${cycle.name} ends on ${dayWords(day)}.`)
      onDone()
    } catch (failure) {
      setProblem(asSentence(problemOf(failure)))
      setBusy(false)
    }
  }
  return (
    <FormDialog
      title={`End ${cycle.name}`}
      intro={
        <p>Visits due after the last day are none of it. How it was kept until then stays to be seen.</p>
      }
      send="End"
      busy={busy || day === ''}
      onSend={() => void send()}
      onClose={onClose}
    >
      <div className="mt-4 w-44">
        <DayField label="Last day" empty="Choose a day" min={cycle.startsOn} value={day} onChange={setDay} />
      </div>
      {problem && <ProblemNotice problem={problem} className="mt-3" />}
    </FormDialog>
  )
}
