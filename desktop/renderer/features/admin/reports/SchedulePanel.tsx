import { Send } from 'lucide-react'
import { useRef, useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import type { ReportSchedule } from '#common/contract/reports'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useFormGuard, whenSaved } from '../../../app/form-guard.ts'
import { useSession } from '../../../app/session.ts'
import { useSync } from '../../../app/sync.ts'
import { useAnswer } from '../../../app/use-answer.ts'
import { tell } from '../../../app/workspace.ts'
import { Ask } from '../../../ui/Ask.tsx'
import { Button } from '../../../ui/Button.tsx'
import { momentWords, readerZone } from '../../../ui/date-words.ts'
import { asSentence, errorsAt, type FieldErrors, isSaid, withoutErrors } from '../../../ui/field-errors.ts'
import { useFocusWrong } from '../../../ui/focus-wrong.ts'
import { Notice } from '../../../ui/Notice.tsx'
import { PanelFooter } from '../../../ui/PanelFooter.tsx'
import { PanelHead, SidePanel } from '../../../ui/SidePanel.tsx'
import { recipientWords } from './report-words.ts'
import {
  emptySchedule,
  kindsFor,
  readSchedule,
  scheduleChanges,
  type ScheduleTarget,
  scheduleTargets,
  type ScheduleValues,
  valuesOf,
} from './schedule-values.ts'
import { ScheduleFieldSet } from './ScheduleFieldSet.tsx'

/** A scheduled report beside the list: what it says, and ways to send it now and to be rid of it. */
export function SchedulePanel({
  schedule: first,
  focus,
  onSaved,
  onDeleted,
  onClose,
}: {
  /** Null for a new one. */
  schedule: ReportSchedule | null
  focus: boolean
  onSaved: (schedule: ReportSchedule) => void
  onDeleted: () => void
  onClose: () => void
}) {
  const online = useSync((sync) => sync.online)
  const me = useSession(({ user }) => user)!
  const teams = useAnswer(`${online}`, () => ask('teams.list', {})).value?.teams ?? []
  // The same when it is sent again, so that it is not made twice.
  const [id] = useState(() => first?.id ?? uuidv7())
  const [schedule, setSchedule] = useState(first)
  const kinds = kindsFor(me)
  const [saved, setSaved] = useState<ScheduleValues>(() =>
    first ? valuesOf(first) : emptySchedule(kinds[0]!, { id: me.id, name: me.displayName }),
  )
  const [values, setValues] = useState(saved)
  const [errors, setErrors] = useState<FieldErrors<ScheduleTarget>>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [news, setNews] = useState('')
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const focusWrong = useFocusWrong(form)
  const changes = scheduleChanges(saved, values)
  const dirty = isSaid(changes)

  /** As it is by now, under what is typed here. */
  const adopt = (now: ReportSchedule, typed: Partial<ScheduleValues> = {}) => {
    setSchedule(now)
    setSaved(valuesOf(now))
    setValues({ ...valuesOf(now), ...typed })
    onSaved(now)
  }
  const begin = () => {
    setProblem(null)
    setNews('')
    setNote('')
  }
  const tellProblem = async (failure: Problem) => {
    const found = errorsAt(failure, scheduleTargets)
    setErrors(found)
    if (isSaid(found)) return focusWrong()
    const now = failure.code === 'CONFLICT' && schedule ? await current(id) : null
    if (now && now.version !== schedule?.version) {
      const typed = Object.fromEntries(
        Object.keys(changes).map((field) => [field, values[field as keyof ScheduleValues]]),
      )
      adopt(now, typed)
      setNews(
        'Somebody else has just changed this report. What you typed is kept: look it over, then save again.',
      )
    } else setProblem(asSentence(failure))
  }
  const save = async (): Promise<boolean> => {
    begin()
    if (schedule && !dirty) {
      setNote('No changes to save')
      return true
    }
    const { schedule: fields, errors: found } = readSchedule(values)
    setErrors(found)
    focusWrong()
    if (isSaid(found) || busy) return false
    setBusy(true)
    const markSaved = whenSaved()
    try {
      const { schedule: now } = schedule
        ? await ask('reports.update', { id, version: schedule.version, ...changes })
        : await ask('reports.add', { id, ...fields })
      adopt(now)
      if (schedule) setNote('Saved')
      else tell(`${now.name} is scheduled.`)
      markSaved()
      return true
    } catch (failure) {
      await tellProblem(problemOf(failure))
      return false
    } finally {
      setBusy(false)
    }
  }
  const remove = async () => {
    setAsking(false)
    begin()
    const markSaved = whenSaved()
    try {
      await ask('reports.remove', { id })
      tell(`${saved.name} is deleted.`)
      markSaved()
      onDeleted()
    } catch (failure) {
      setProblem(asSentence(problemOf(failure)))
    }
  }
  const send = async () => {
    begin()
    setBusy(true)
    try {
      await ask('reports.send', { id })
      tell(`${saved.name} is on its way to ${recipientWords(saved.recipients.map(({ name }) => name))}.`)
      const now = await current(id)
      if (now) adopt(now)
    } catch (failure) {
      setProblem(asSentence(problemOf(failure)))
    } finally {
      setBusy(false)
    }
  }
  useFormGuard(dirty, save, () => {
    setValues(saved)
    setErrors({})
    begin()
  })
  return (
    <SidePanel label="Scheduled report">
      <form
        ref={form}
        aria-label="Scheduled report"
        noValidate
        className="flex min-h-0 flex-1 flex-col"
        onSubmit={(event) => {
          event.preventDefault()
          // A dialog of the panel has a form of its own.
          if (event.target === event.currentTarget) void save()
        }}
      >
        <PanelHead
          title={schedule ? saved.name : 'New scheduled report'}
          focus={focus && schedule !== null}
          onClose={onClose}
        />
        <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3">
          {!online && (
            <Notice tone="warn" className="mb-3.5">
              Reports are made on the server. Changes can be saved once you are online.
            </Notice>
          )}
          {schedule?.lastProblem && (
            <Notice tone="warn" className="mb-3.5">
              {schedule.lastProblem}
            </Notice>
          )}
          <ScheduleFieldSet
            values={values}
            errors={errors}
            // What it is stays to be read for an admin, also where it would not be theirs to choose.
            kinds={kinds.includes(values.kind) ? kinds : [...kinds, values.kind]}
            sites={me.sites}
            teams={teams.filter(({ active, id: each }) => active || each === values.teamId)}
            autoFocus={!first}
            onChange={(typed) => {
              setValues((before) => ({ ...before, ...typed }))
              setErrors(withoutErrors(errors, typed))
              setNote('')
            }}
          />
          {schedule && (
            <div className="mt-6 border-t border-line pt-4">
              <p className="mb-3 text-muted">
                {schedule.ownerName} scheduled it.{' '}
                {schedule.lastAt
                  ? `Last made ${momentWords(schedule.lastAt, readerZone())}.`
                  : 'It has not been made yet.'}
              </p>
              <div className="flex items-center gap-1">
                <Button disabled={!online || busy || dirty} onClick={() => void send()}>
                  <Send aria-hidden size={14} /> Send now
                </Button>
                <Button look="danger" disabled={!online} onClick={() => setAsking(true)}>
                  Delete…
                </Button>
              </div>
            </div>
          )}
        </div>
        <PanelFooter
          save={schedule ? 'Save' : 'Schedule'}
          busy={busy}
          news={news}
          problem={problem}
          note={note}
          onClose={onClose}
        />
      </form>
      <Ask
        open={asking}
        title={`Delete ${saved.name}?`}
        no="Keep it"
        onNo={() => setAsking(false)}
        actions={
          <Button look="danger-solid" onClick={() => void remove()}>
            Delete
          </Button>
        }
      >
        <p>It is not mailed any more. What was mailed before stays with those who have it.</p>
      </Ask>
    </SidePanel>
  )
}

/** As it is at the server; null where it is gone, or cannot be read now. */
const current = (id: string): Promise<ReportSchedule | null> =>
  ask('reports.list', {}).then(
    ({ schedules }) => schedules.find((each) => each.id === id) ?? null,
    () => null,
  )
