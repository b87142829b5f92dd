import { ChevronLeft, ClipboardList, Ellipsis, Eye } from 'lucide-react'
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { v7 as uuidv7 } from 'uuid'
import { maxQuestions, type QuestionType, questionTypes, type Survey } from '#common/contract/surveys'
import type { Problem } from '#desktop/bridge/channels'
import { ask, problemOf } from '../../../app/bridge.ts'
import { useCommands } from '../../../app/commands.ts'
import { useFormGuard } from '../../../app/form-guard.ts'
import { useSync } from '../../../app/sync.ts'
import { hideTold, tell, useWorkspace, whenClean } from '../../../app/workspace.ts'
import { Button, TextButton } from '../../../ui/Button.tsx'
import { countWords } from '../../../ui/date-words.ts'
import { Field } from '../../../ui/Field.tsx'
import { Kbd } from '../../../ui/Kbd.tsx'
import { Notice, ProblemNotice } from '../../../ui/Notice.tsx'
import { Pill } from '../../../ui/Pill.tsx'
import { State } from '../../../ui/State.tsx'
import { AddQuestion, fullWords } from './AddQuestion.tsx'
import {
  type Draft,
  draftChanges,
  draftOf,
  draftProblems,
  emptyDraft,
  isChanged,
  isRequired,
  problemsByQuestion,
  type QuestionProblems,
  rebased,
} from './draft.ts'
import { type CardDeeds, cardId, QuestionCard } from './QuestionCard.tsx'
import { questionKinds } from './question-kinds.ts'
import { changed, doubled, newQuestion, placed, shownBy, without, withAgain } from './questions.ts'
import { DeleteQuestion, PublishSurvey, SurveyMenu } from './SurveyDeeds.tsx'
import { stateWords } from './survey-words.ts'
import { SurveyPreview } from './SurveyPreview.tsx'

/** What may be left out until it is to be saved: nobody is told that a field is empty while they come to it. */
const isMissing = (message: string) => message === isRequired

/** A survey being written, question by question, with what the field will see beside it. */
export function SurveyBuilder({
  survey: first,
  onChanged,
  onClose,
}: {
  /** Null for a new one. */
  survey: Survey | null
  /** Has the list read again, and answers with it. */
  onChanged: () => Promise<readonly Survey[] | null>
  onClose: () => void
}) {
  const online = useSync((sync) => sync.online)
  const [survey, setSurvey] = useState(first)
  const [id] = useState(() => first?.id ?? uuidv7())
  const [saved, setSaved] = useState<Draft>(() => (first ? draftOf(first) : emptyDraft))
  const [draft, setDraft] = useState<Draft>(saved)
  const [openId, setOpenId] = useState<string | null>(null)
  const [isChecked, setIsChecked] = useState(false)
  const [refused, setRefused] = useState<ReadonlyMap<string, QuestionProblems>>(new Map())
  const [nameTaken, setNameTaken] = useState<string>()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [news, setNews] = useState('')
  const [note, setNote] = useState('')
  const [said, setSaid] = useState('')
  const [busy, setBusy] = useState(false)
  const [deleting, setDeleting] = useState<string | null>(null)
  const [publishing, setPublishing] = useState(false)
  const [showsPreview, setShowsPreview] = useState(false)
  const list = useRef<HTMLOListElement>(null)
  const nameField = useRef<HTMLInputElement>(null)
  const { questions } = draft
  const dirty = isChanged(saved, draft)
  const found = useMemo(() => draftProblems(draft), [draft])
  const shownProblems = (questionId: string): QuestionProblems | undefined => {
    const all = { ...refused.get(questionId), ...found.questions.get(questionId) }
    const shown = Object.entries(all).filter(([, message]) => isChecked || !isMissing(message))
    return shown.length > 0 ? Object.fromEntries(shown) : undefined
  }
  const wrongCount = questions.filter(({ id: each }) => shownProblems(each)).length

  const write = (change: (before: Draft) => Draft) => {
    setDraft(change)
    setNote('')
    setRefused(new Map())
  }
  const writeQuestions = (change: (before: Draft['questions']) => Draft['questions']) =>
    write((before) => ({ ...before, questions: change(before.questions) }))

  /** Changes the order or number of questions; the keyboard stays with its question, or goes to another's. */
  const rearrange = (change: (before: Draft['questions']) => Draft['questions'], focused?: string) => {
    const active = document.activeElement as HTMLElement | null
    flushSync(() => writeQuestions(change))
    const card = focused ? document.getElementById(cardId(focused)) : active?.closest('li')
    const lost = !active?.isConnected || active.matches(':disabled') || focused
    if (lost) card?.querySelector<HTMLElement>('[data-toggle]')?.focus()
    else active.focus()
    card?.scrollIntoView({ block: 'nearest' })
  }
  const deeds: CardDeeds = {
    onToggle: (each) => setOpenId((before) => (before === each ? null : each)),
    onChange: (each, changes) => writeQuestions((before) => changed(before, each, changes)),
    onMove: (each, to) => {
      if (to < 0 || to >= questions.length) return
      rearrange((before) => placed(before, each, to))
      setSaid(`The question is now ${to + 1} of ${questions.length}.`)
    },
    onDouble: (each) => {
      if (questions.length >= maxQuestions) return setSaid(fullWords)
      const copy = uuidv7()
      rearrange((before) => doubled(before, each, copy, uuidv7), copy)
      setOpenId(copy)
      setSaid('The copy stands below.')
    },
    onDelete: (each) => (shownBy(questions, each).length > 0 ? setDeleting(each) : remove(each)),
  }
  const remove = (each: string) => {
    const before = questions
    const at = before.findIndex((question) => question.id === each)
    const next = before[at + 1] ?? before[at - 1]
    setDeleting(null)
    rearrange((now) => without(now, each), next?.id)
    if (!next) nameField.current?.focus()
    tell(`Question ${at + 1} is deleted.`, {
      words: 'Undo',
      onClick: () => rearrange((now) => withAgain(now, each, before), each),
    })
  }
  const add = (type: QuestionType) => {
    const question = newQuestion(type, uuidv7)
    flushSync(() => {
      writeQuestions((before) => [...before, question])
      setOpenId(question.id)
    })
    document.getElementById(cardId(question.id))?.scrollIntoView({ block: 'nearest' })
  }

  const openWrong = (wrong: ReadonlyMap<string, QuestionProblems>) => {
    const questionId = questions.find((each) => wrong.has(each.id))?.id
    if (!questionId) return
    flushSync(() => setOpenId(questionId))
    const card = document.getElementById(cardId(questionId))
    const field = card?.querySelector<HTMLElement>('[aria-invalid=true]') ?? card?.querySelector('button')
    field?.focus()
    card?.scrollIntoView({ block: 'nearest' })
  }
  /** The survey as it is by now, under what is typed here. */
  const adopt = (now: Survey) => {
    const next = draftOf(now)
    setSurvey(now)
    setSaved(next)
    setDraft((typed) => rebased(typed, saved, next))
  }
  const reread = async (): Promise<Survey | null> => {
    const now = (await onChanged())?.find((each) => each.id === id) ?? null
    if (now) adopt(now)
    return now
  }
  const tellProblem = async (failure: Problem) => {
    const byQuestion = problemsByQuestion(failure.details, questions)
    const name = failure.details.find(({ field }) => field === 'name')?.message
    setRefused(byQuestion)
    setNameTaken(name)
    if (name) nameField.current?.focus()
    else if (byQuestion.size > 0) openWrong(byQuestion)
    else if (failure.code === 'CONFLICT' && survey && (await reread().catch(() => null))) {
      setNews(
        'Somebody else has just changed this survey. What you wrote is kept: look it over, then save again.',
      )
    } else setProblem(failure)
  }
  /** The survey as it is saved then; null when it is not, which is shown. */
  const store = async (): Promise<Survey | null> => {
    setProblem(null)
    setNews('')
    setNote('')
    setIsChecked(true)
    if (found.name) nameField.current?.focus()
    else openWrong(found.questions)
    if (found.name || found.questions.size > 0 || busy) return null
    setBusy(true)
    try {
      const changes = draftChanges(saved, draft)
      const { name, description } = draft
      const answer = survey
        ? await ask('surveys.update', { id, version: survey.version, ...changes })
        : await ask('surveys.add', {
            id,
            name: name.trim(),
            description: description.trim(),
            questions: [...(changes.questions ?? [])],
          })
      adopt(answer.survey)
      setIsChecked(false)
      void onChanged()
      return answer.survey
    } catch (failure) {
      await tellProblem(problemOf(failure))
      return null
    } finally {
      setBusy(false)
    }
  }
  const save = async (): Promise<boolean> => {
    if (survey && !dirty) {
      setNote('No changes to save')
      return true
    }
    const done = await store()
    if (done) {
      setNote('Saved')
      useWorkspace.setState({ dirty: false })
    }
    return done !== null
  }
  const discard = () => {
    setDraft(saved)
    setIsChecked(false)
    setRefused(new Map())
    setNameTaken(undefined)
    setProblem(null)
    setNews('')
  }
  useFormGuard(dirty, save, discard)

  const askToPublish = () => {
    setProblem(null)
    setNote('')
    if (questions.length === 0) return setNote('Add a question first')
    if (survey?.publishedNumber && !survey.hasChanges && !dirty)
      return setNote(`Nothing has changed since version ${survey.publishedNumber}`)
    setIsChecked(true)
    if (found.name) return nameField.current?.focus()
    if (found.questions.size > 0) return openWrong(found.questions)
    setPublishing(true)
  }
  const publish = async () => {
    setPublishing(false)
    const current = survey && !dirty ? survey : await store()
    if (!current) return
    setBusy(true)
    try {
      const { survey: now } = await ask('surveys.publish', { id, version: current.version })
      setSurvey(now)
      tell(`Version ${now.publishedNumber} of ${now.name} is published.`)
      void onChanged()
    } catch (failure) {
      await tellProblem(problemOf(failure))
    } finally {
      setBusy(false)
    }
  }
  /** Does something about the survey at once, whatever is typed. */
  const act = async (work: (now: Survey) => Promise<unknown>, words: string) => {
    if (!survey) return
    setProblem(null)
    setNews('')
    setNote('')
    try {
      await work(survey)
      tell(words)
      await reread()
    } catch (failure) {
      await tellProblem(problemOf(failure))
    }
  }
  const close = () =>
    whenClean(() => {
      hideTold()
      onClose()
    })
  useCommands('surveys', () =>
    online
      ? [
          { id: 'surveys.publish', words: 'Publish the survey…', run: askToPublish },
          ...questionTypes.map((type) => ({
            id: `surveys.add-${type}`,
            words: `Add a question: ${questionKinds[type].words}`,
            run: () => add(type),
          })),
        ]
      : [],
  )
  const previewed = useDeferredValue(questions)
  const nameError = (isChecked ? found.name : undefined) ?? nameTaken
  const state = stateWords({
    publishedNumber: survey?.publishedNumber ?? null,
    hasChanges: (survey?.hasChanges ?? false) || dirty,
  })
  return (
    <section aria-label="Survey" className="flex min-w-0 flex-1 flex-col bg-surface">
      <div className="flex min-h-[47px] flex-wrap items-center gap-2 border-b border-line px-5 py-1.5">
        <Button
          look="icon-plain"
          aria-label="Back to all surveys"
          title="Back to all surveys"
          onClick={close}
        >
          <ChevronLeft aria-hidden size={16} />
        </Button>
        <h1 className="min-w-0 truncate pl-1 text-xl font-semibold tracking-tight">
          {draft.name.trim() || 'New survey'}
        </h1>
        <Pill tone={state.tone}>{state.words}</Pill>
        {survey && !survey.active && <Pill tone="plain">Out of use</Pill>}
        <span className="flex-1" />
        <span role="status" aria-label="Form status" className="text-muted">
          {note}
        </span>
        {wrongCount > 0 && (
          <TextButton
            className="text-bad"
            onClick={() =>
              openWrong(new Map(questions.flatMap(({ id: each }) => problemEntry(each, shownProblems(each)))))
            }
          >
            {countWords(wrongCount, 'question needs', 'questions need')} a look
          </TextButton>
        )}
        <Button
          className="min-[64rem]:hidden"
          aria-pressed={showsPreview}
          onClick={() => setShowsPreview(!showsPreview)}
        >
          <Eye aria-hidden size={14} /> Preview
        </Button>
        <Button disabled={!online || busy} onClick={() => void save()}>
          Save draft{' '}
          <span className="flex max-[56rem]:hidden">
            <Kbd keys="mod+S" />
          </span>
        </Button>
        <Button look="primary" disabled={!online || busy} onClick={askToPublish}>
          Publish…
        </Button>
        {survey && (
          <SurveyMenu
            survey={survey}
            disabled={!online || busy}
            act={act}
            onDeleted={() => {
              useWorkspace.setState({ dirty: false })
              void onChanged()
              onClose()
            }}
            trigger={
              <Button look="icon" aria-label="More for this survey">
                <Ellipsis aria-hidden size={16} />
              </Button>
            }
          />
        )}
      </div>
      <p role="status" className="sr-only">
        {said}
      </p>
      <div className="relative flex min-h-0 flex-1">
        <div className="min-w-0 flex-1 overflow-y-auto bg-bg">
          <div className="mx-auto max-w-3xl px-5 py-4">
            {!online && (
              <Notice tone="warn" className="mb-3.5">
                Surveys are kept on the server. What you write stays here; it can be saved once you are
                online.
              </Notice>
            )}
            {news && (
              <Notice tone="warn" className="mb-3.5">
                {news}
                <TextButton look="inherit" onClick={discard}>
                  Take theirs instead
                </TextButton>
              </Notice>
            )}
            {problem && <ProblemNotice problem={problem} className="mb-3.5" />}
            <div className="mb-4 grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] items-start gap-4 max-[64rem]:grid-cols-1">
              <Field label="Name" error={nameError}>
                {(control) => (
                  <input
                    type="text"
                    {...control}
                    ref={nameField}
                    autoFocus={first === null}
                    autoComplete="off"
                    maxLength={200}
                    value={draft.name}
                    onChange={(event) => {
                      const name = event.target.value
                      setNameTaken(undefined)
                      write((before) => ({ ...before, name }))
                    }}
                  />
                )}
              </Field>
              <Field label="Description">
                {(control) => (
                  <textarea
                    {...control}
                    className="control block field-sizing-content max-h-40 resize-none"
                    rows={1}
                    maxLength={2000}
                    value={draft.description}
                    onChange={(event) => {
                      const description = event.target.value
                      write((before) => ({ ...before, description }))
                    }}
                  />
                )}
              </Field>
            </div>
            {questions.length === 0 && (
              <State icon={ClipboardList} title="No questions yet">
                <p>Choose below what kind of answer the first one wants.</p>
              </State>
            )}
            <ol ref={list} aria-label="Questions" className="space-y-2">
              {questions.map((question, index) => (
                <QuestionCard
                  key={question.id}
                  question={question}
                  index={index}
                  questions={questions}
                  isOpen={question.id === openId}
                  problems={shownProblems(question.id)}
                  deeds={deeds}
                />
              ))}
            </ol>
            <AddQuestion isFull={questions.length >= maxQuestions} onAdd={add} />
          </div>
        </div>
        <aside
          aria-label="Preview"
          className={`flex w-[min(26rem,36%)] shrink-0 flex-col border-l border-line bg-surface max-[64rem]:absolute max-[64rem]:inset-y-0 max-[64rem]:right-0 max-[64rem]:z-10 max-[64rem]:w-[min(100%,26rem)] max-[64rem]:shadow-float ${showsPreview ? '' : 'max-[64rem]:hidden'}`}
        >
          <SurveyPreview questions={previewed} />
        </aside>
      </div>
      {deleting && (
        <DeleteQuestion
          questions={questions}
          id={deleting}
          onNo={() => setDeleting(null)}
          onYes={() => remove(deleting)}
        />
      )}
      <PublishSurvey
        open={publishing}
        name={draft.name.trim()}
        publishedNumber={survey?.publishedNumber ?? null}
        isUnsaved={dirty}
        onNo={() => setPublishing(false)}
        onYes={() => void publish()}
      />
    </section>
  )
}

const problemEntry = (id: string, problems: QuestionProblems | undefined) =>
  problems ? [[id, problems] as const] : []
