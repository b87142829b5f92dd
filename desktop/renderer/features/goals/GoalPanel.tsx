import { useRef, useState } from 'react'
import { v7 as uuidv7 } from 'uuid'
import type { Goal } from '#common/contract/goals'
import type { Problem } from '#desktop/bridge/channels'
import { Failed } from '../../app/AdminScreen.tsx'
import { assigneeKey } from '../../app/AssigneeSearch.tsx'
import { ask, problemOf } from '../../app/bridge.ts'
import { useFormGuard, whenSaved } from '../../app/form-guard.ts'
import { useSync } from '../../app/sync.ts'
import { useAnswer } from '../../app/use-answer.ts'
import { tell } from '../../app/workspace.ts'
import { Ask } from '../../ui/Ask.tsx'
import { Button } from '../../ui/Button.tsx'
import { dayRangeWords } from '../../ui/date-words.ts'
import { asSentence, errorsAt, type FieldErrors, isSaid, withoutErrors } from '../../ui/field-errors.ts'
import { useFocusWrong } from '../../ui/focus-wrong.ts'
import { Freshness } from '../../ui/Freshness.tsx'
import { metricWords, valueWords } from '../../ui/goal-words.ts'
import { Notice } from '../../ui/Notice.tsx'
import { PanelFooter } from '../../ui/PanelFooter.tsx'
import { today } from '../../ui/periods.ts'
import { PanelHead, PanelLoading, SidePanel } from '../../ui/SidePanel.tsx'
import { GoalFieldSet } from './GoalFieldSet.tsx'
import { GoalProgressList } from './GoalProgressList.tsx'
import {
  emptyGoal,
  goalChanges,
  goalTargets,
  type GoalTarget,
  type GoalValues,
  isChanged,
  readGoal,
  rebased,
  valuesOf,
} from './goal-values.ts'

/** A goal beside the list: how far it has come and, for whom it is to change, what it says. */
export function GoalPanel({
  id,
  focus,
  onSaved,
  onDeleted,
  onClose,
}: {
  /** Null for a new one. */
  id: string | null
  focus: boolean
  onSaved: (goal: Goal) => void
  onDeleted: () => void
  onClose: () => void
}) {
  const online = useSync((sync) => sync.online)
  const { value, problem, reload } = useAnswer(`${id} ${online}`, async () =>
    id === null ? null : ask('goals.read', { id }),
  )
  if (id !== null && !value)
    return (
      <SidePanel label="Goal">
        <PanelHead title="Goal" focus={focus} onClose={onClose} />
        {problem ? (
          <Failed problem={problem} title="The goal could not be read" onRetry={() => void reload()} />
        ) : (
          <PanelLoading />
        )}
      </SidePanel>
    )
  const breakdown = value && (
    <section aria-label="Progress" className="mb-5">
      <div className="mb-2 flex items-center justify-between">
        <h3 className="font-semibold">{dayRangeWords(value.goal.startsOn, value.goal.endsOn)}</h3>
        <Freshness asOf={value.asOf} onRefresh={() => void reload()} />
      </div>
      <GoalProgressList goal={value.goal} progress={value.progress} />
    </section>
  )
  if (value && !value.goal.mayManage)
    return (
      <SidePanel label="Goal">
        <PanelHead title={value.goal.name} focus={focus} onClose={onClose} />
        <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3">
          {breakdown}
          <Facts goal={value.goal} />
        </div>
      </SidePanel>
    )
  return (
    <GoalForm
      first={value?.goal ?? null}
      focus={focus}
      breakdown={breakdown}
      onSaved={(goal) => {
        onSaved(goal)
        if (id !== null) void reload()
      }}
      onDeleted={onDeleted}
      onClose={onClose}
    />
  )
}

const Facts = ({ goal }: { goal: Goal }) => (
  <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 border-t border-line pt-4">
    {(
      [
        ['What counts', metricWords[goal.metric] + (goal.brandName ? ` of ${goal.brandName}` : '')],
        ['Target', valueWords(goal.metric, goal.target)],
        ['Time zone', goal.timezone],
        ...(goal.ownerName ? [['Set by', goal.ownerName] as const] : []),
      ] as const
    ).map(([term, words]) => (
      <div key={term} className="contents">
        <dt className="text-muted">{term}</dt>
        <dd className="break-words">{words}</dd>
      </div>
    ))}
  </dl>
)

function GoalForm({
  first,
  focus,
  breakdown,
  onSaved,
  onDeleted,
  onClose,
}: {
  first: Goal | null
  focus: boolean
  breakdown: React.ReactNode
  onSaved: (goal: Goal) => void
  onDeleted: () => void
  onClose: () => void
}) {
  const online = useSync((sync) => sync.online)
  const brands = useAnswer(`${online}`, () => ask('brands.list', {})).value?.brands ?? []
  // The same when it is sent again, so that it is not made twice.
  const [id] = useState(() => first?.id ?? uuidv7())
  const [goal, setGoal] = useState(first)
  const [saved, setSaved] = useState<GoalValues>(() => (first ? valuesOf(first) : emptyGoal(today())))
  const [values, setValues] = useState(saved)
  const [errors, setErrors] = useState<FieldErrors<GoalTarget>>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [news, setNews] = useState('')
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const focusWrong = useFocusWrong(form)
  const dirty = isChanged(saved, values)
  // What was chosen before stays to be read where it is out of use.
  const offered = brands.filter(({ id: each, active }) => active || each === values.brandId)

  /** The goal as it is by now, under what is typed here. */
  const adopt = (now: Goal) => {
    const next = valuesOf(now)
    setGoal(now)
    setSaved(next)
    setValues((typed) => rebased(typed, saved, next))
    onSaved(now)
  }
  const tellProblem = async (failure: Problem) => {
    const found = errorsAt(failure, goalTargets)
    setErrors(found)
    if (isSaid(found)) return
    const now = failure.code === 'CONFLICT' && goal ? await ask('goals.read', { id }).catch(() => null) : null
    if (now && now.goal.version !== goal?.version) {
      adopt(now.goal)
      setNews(
        'Somebody else has just changed this goal. What you typed is kept: look it over, then save again.',
      )
    } else setProblem(asSentence(failure))
  }
  const begin = () => {
    setProblem(null)
    setNews('')
    setNote('')
  }
  const send = async (): Promise<Goal> => {
    const changes = goalChanges(saved, values)
    const assignTo = values.assignees.map(({ userId, teamId }) => ({ userId, teamId }))
    if (!goal) return (await ask('goals.add', { id, ...readGoal(values).goal, assignTo })).goal
    let now = goal
    if (Object.keys(changes.fields).length > 0)
      now = (await ask('goals.update', { id, version: now.version, ...changes.fields })).goal
    for (const { userId, teamId } of changes.added)
      now = (await ask('goals.assign', { id, assignee: { userId, teamId } })).goal
    for (const each of changes.removed) {
      const assignment = now.assignments.find((other) => assigneeKey(other) === assigneeKey(each))
      if (assignment) now = (await ask('goals.unassign', { id, assignmentId: assignment.id })).goal
    }
    return now
  }
  const save = async (): Promise<boolean> => {
    begin()
    if (goal && !dirty) {
      setNote('No changes to save')
      return true
    }
    const { errors: found } = readGoal(values)
    setErrors(found)
    focusWrong()
    if (isSaid(found) || busy) return false
    setBusy(true)
    const markSaved = whenSaved()
    try {
      const now = await send()
      adopt(now)
      if (goal) setNote('Saved')
      else tell(`${now.name} is added.`)
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
      await ask('goals.remove', { id })
      tell(`${saved.name} is deleted.`)
      markSaved()
      onDeleted()
    } catch (failure) {
      setProblem(asSentence(problemOf(failure)))
    }
  }
  useFormGuard(dirty, save, () => {
    setValues(saved)
    setErrors({})
    setProblem(null)
    setNews('')
  })
  return (
    <SidePanel label="Goal">
      <form
        ref={form}
        aria-label="Goal"
        noValidate
        className="flex min-h-0 flex-1 flex-col"
        onSubmit={(event) => {
          event.preventDefault()
          // A dialog of the panel has a form of its own.
          if (event.target === event.currentTarget) void save()
        }}
      >
        <PanelHead title={goal ? saved.name : 'New goal'} focus={focus && goal !== null} onClose={onClose} />
        <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3">
          {!online && (
            <Notice tone="warn" className="mb-3.5">
              Goals are kept on the server. Changes can be saved once you are online.
            </Notice>
          )}
          {breakdown}
          <div className={breakdown ? 'border-t border-line pt-4' : ''}>
            <GoalFieldSet
              values={values}
              errors={errors}
              brands={offered}
              autoFocus={!first}
              onChange={(typed) => {
                setValues((before) => ({ ...before, ...typed }))
                setErrors(withoutErrors(errors, typed))
                setNote('')
              }}
            />
          </div>
          {goal && (
            <div className="mt-6 border-t border-line pt-4">
              <Button look="danger" className="-ml-3" disabled={!online} onClick={() => setAsking(true)}>
                Delete…
              </Button>
            </div>
          )}
        </div>
        <PanelFooter
          save={goal ? 'Save' : 'Add'}
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
        <p>It is gone for everybody to whom it is assigned. The visits that counted for it stay.</p>
      </Ask>
    </SidePanel>
  )
}
