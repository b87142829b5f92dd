import { Ellipsis } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { FieldProblem } from '#common/contract/errors'
import type { Question } from '#common/contract/surveys'
import { answerProblem, gapsOf, shownQuestions } from '#common/rules/survey-flow'
import type { Problem } from '#desktop/bridge/channels'
import type { OpenVisit } from '#desktop/bridge/field'
import { ask, problemOf } from '../../app/bridge.ts'
import { useCommands } from '../../app/commands.ts'
import { useFormGuard, whenSaved } from '../../app/form-guard.ts'
import { closeVisit, showSyncCentre, tell } from '../../app/workspace.ts'
import { afterDrawing } from '../../ui/after-drawing.ts'
import { Ask } from '../../ui/Ask.tsx'
import { Button, TextButton } from '../../ui/Button.tsx'
import { Menu, MenuItem } from '../../ui/Menu.tsx'
import { Notice, ProblemNotice } from '../../ui/Notice.tsx'
import { focusQuestion } from '../../ui/survey/place.ts'
import { evidenceOf, questionsOf } from './evidence.ts'
import { MissingNotice } from './MissingNotice.tsx'
import { FinishedNotes, NotesStep } from './NotesStep.tsx'
import { PhotosStep } from './PhotosStep.tsx'
import { QuestionPhotos } from './QuestionPhotos.tsx'
import { createMarkSaving } from './shelf/mark-saving.ts'
import { ShelfStep } from './shelf/ShelfStep.tsx'
import { SurveyStep } from './SurveyStep.tsx'
import { UpgradeNotice } from './UpgradeNotice.tsx'
import { useAddPhotos, usePhotoProgress } from './use-photos.ts'
import { createVisitWriting, withEdit } from './visit-edit.ts'
import type { VisitReading } from './visit-reading.ts'
import { savedWords, visitName } from './visit-words.ts'
import { type StepName, stepsOf, VisitFrame } from './VisitFrame.tsx'

/** A visit of one's own, from this device: to be gone on with while it is in progress, and to be read after that. */
export function OwnVisit({
  open: kept,
  unread,
  reading,
  from,
}: {
  open: OpenVisit
  /** Why it could not be read again. */
  unread: Problem | null
  reading: VisitReading
  from: 'today' | 'visits'
}) {
  const { id } = kept.visit
  const [writing] = useState(() => createVisitWriting(id, reading))
  const [marking] = useState(() => createMarkSaving(reading))
  const { edit, problem: unsaved } = useStore(writing.saving.store)
  const hasMarks = useStore(marking.saving.store, (state) => state.edit !== null)
  const unkept = useStore(writing.unkept)
  const unkeptMarks = Object.keys(useStore(marking.unkept))
  const more = useStore(writing.more)
  const open = withEdit(kept, edit)
  const { visit } = open
  const goesOn = visit.status === 'in_progress'
  const [step, setStep] = useState<StepName>(() => (goesOn || open.survey ? stepsOf(kept)[0]!.name : 'notes'))
  const [failure, setFailure] = useState<Problem | null>(null)
  const [missing, setMissing] = useState<readonly FieldProblem[] | null>(null)
  const [cancelling, setCancelling] = useState(false)
  const [shelf, setShelf] = useState<string | null>(null)
  const adding = useAddPhotos(id, reading.reload)
  const parts = usePhotoProgress(id, () => void reading.reload())
  const fail = (error: unknown) => setFailure(problemOf(error))

  const shown = shownQuestions(questionsOf(open), evidenceOf(open))
  useEffect(() => writing.forgetHidden(shown))
  const isSaving = edit !== null || hasMarks || adding.pendingOf(() => true) > 0
  const isUnkept = Object.keys(unkept).length > 0 || unkeptMarks.length > 0 || more.trim() !== ''
  const showQuestion = (questionId: string) => {
    setStep('survey')
    afterDrawing(() => focusQuestion(questionId))
  }
  const save = async () => {
    writing.forgetHidden(shown)
    if (!goesOn) {
      writing.addMore(visit.notes)
      marking.keepUnkept(
        open.photos.filter(({ quadrants }) => quadrants.length === 0).map((photo) => photo.id),
      )
    }
    const isKept = (await writing.saving.flush()) && (await marking.saving.flush())
    const refused = await adding.settle()
    const [question] = Object.keys(writing.unkept.getState())
    const [marked] = Object.keys(marking.unkept.getState())
    if (question) showQuestion(question)
    else if (marked) {
      setStep('shelf')
      setShelf(marked)
    } else if (refused?.questionId) showQuestion(refused.questionId)
    else if (refused) setStep('photos')
    return isKept && !question && !marked && !refused
  }
  const discard = () => {
    writing.discard()
    marking.discard()
    adding.discard()
  }
  // What is put to a visit that is over stays for good: it is not kept without being asked for.
  useFormGuard(isSaving || isUnkept, save, discard, { savesItself: goesOn || !isUnkept })

  const complete = async () => {
    setFailure(null)
    if (!(await save())) return
    try {
      await ask('visits.complete', { id })
      closeVisit()
      tell(`${nameOf(open)}: the visit is completed.`)
    } catch (error) {
      const found = problemOf(error)
      if (found.code !== 'VALIDATION_ERROR' || found.details.length === 0) return setFailure(found)
      setMissing(found.details)
    }
  }
  const cancel = async () => {
    setCancelling(false)
    setFailure(null)
    const markSaved = whenSaved()
    try {
      await writing.cancel()
      discard()
      markSaved()
      closeVisit()
      tell(`${nameOf(open)}: the visit is cancelled.`)
    } catch (error) {
      fail(error)
    }
  }

  useCommands(from, () =>
    goesOn
      ? [
          { id: 'visit.complete', words: 'Complete the visit', run: () => void complete() },
          { id: 'visit.pause', words: 'Pause the visit', run: closeVisit },
          { id: 'visit.cancel', words: 'Cancel the visit…', run: () => setCancelling(true) },
        ]
      : [],
  )

  const gaps = gapsOf(questionsOf(open), evidenceOf(open))
  const questionProblem = (question: Question): string | null => {
    const value = unkept[question.id]
    if (value !== undefined) return `${answerProblem(question, value)}. It is not saved yet.`
    return (missing && gaps.find(({ questionId }) => questionId === question.id)?.message) ?? null
  }
  const photoActions = { parts, onChanged: () => void reading.reload(), onFail: fail }
  const mayAdd = visit.status === 'cancelled' ? null : adding
  return (
    <VisitFrame
      open={open}
      saved={
        <SavedWords
          {...savedWords({
            isSaving,
            failed: unsaved !== null,
            answers: Object.keys(unkept).length,
            hasMarks: unkeptMarks.length > 0,
            hasNotes: more.trim() !== '',
            unsent: visit.unsent,
            goesOn,
          })}
        />
      }
      step={step}
      onStep={setStep}
      actions={
        goesOn ? (
          <>
            <Menu
              label="More"
              align="end"
              trigger={
                <Button look="icon" aria-label="More">
                  <Ellipsis aria-hidden size={16} />
                </Button>
              }
            >
              <MenuItem className="text-bad" onSelect={() => setCancelling(true)}>
                Cancel the visit…
              </MenuItem>
            </Menu>
            <Button title="Goes on whenever you come back to it" onClick={closeVisit}>
              Pause
            </Button>
            <Button look="primary" onClick={() => void complete()}>
              Complete visit
            </Button>
          </>
        ) : (
          <Button onClick={closeVisit}>{from === 'today' ? 'Back to Today' : 'Back to the list'}</Button>
        )
      }
      notices={
        <>
          {visit.needsAttention && (
            <Notice tone="bad">
              <span>Something of this visit could not be sent as it is.</span>
              <TextButton look="inherit" onClick={() => showSyncCentre(id)}>
                Look at it in Sync centre
              </TextButton>
            </Notice>
          )}
          {unsaved && <ProblemNotice problem={{ ...unsaved, message: `Not saved. ${unsaved.message}` }} />}
          {failure && <ProblemNotice problem={failure} />}
          {unread && <ProblemNotice problem={unread} />}
          {missing && goesOn && (
            <MissingNotice
              gaps={gaps}
              others={missing.filter(({ field }) => !field.startsWith('answers.'))}
              onShow={showQuestion}
            />
          )}
          {goesOn && open.laterSurvey && (
            <UpgradeNotice
              open={open}
              later={open.laterSurvey}
              beforeGoingOn={save}
              onUpgraded={reading.reload}
            />
          )}
        </>
      }
    >
      {step === 'survey' && (
        <SurveyStep
          open={open}
          readOnly={!goesOn}
          unkept={unkept}
          problemOf={questionProblem}
          onAnswer={writing.answer}
          onLeave={() => void writing.saving.flush()}
          photosOf={(question) => (
            <QuestionPhotos question={question} open={open} adding={mayAdd} {...photoActions} />
          )}
        />
      )}
      {step === 'photos' && <PhotosStep open={open} adding={mayAdd} {...photoActions} />}
      {step === 'shelf' && (
        <ShelfStep
          open={open}
          chosen={shelf}
          onChoose={setShelf}
          marking={visit.status === 'cancelled' ? null : marking}
          onPhotos={() => setStep('photos')}
        />
      )}
      {step === 'notes' &&
        (goesOn ? (
          <NotesStep
            notes={visit.notes}
            onChange={writing.write}
            onLeave={() => void writing.saving.flush()}
          />
        ) : (
          <FinishedNotes
            notes={visit.notes}
            {...(visit.status === 'completed' && {
              adding: {
                more,
                onChange: (words) => writing.more.setState(words, true),
                onAdd: () => writing.addMore(visit.notes),
              },
            })}
          />
        ))}
      <Ask
        open={cancelling}
        title="Cancel this visit?"
        no="Go on with it"
        onNo={() => setCancelling(false)}
        actions={
          <Button look="danger-solid" onClick={() => void cancel()}>
            Cancel the visit
          </Button>
        }
      >
        <p>It stays in the list as cancelled, with what was answered so far, and cannot be gone on with.</p>
      </Ask>
    </VisitFrame>
  )
}

const nameOf = ({ shop, visit: { visitType } }: OpenVisit) =>
  visitName({ shopName: shop?.name ?? null, visitType })

/** Whether all that was written is kept, and where. Said only when it is so. */
const SavedWords = ({ words, isBad }: ReturnType<typeof savedWords>) => (
  <span role="status" aria-label="Saved" className={isBad ? 'font-[550] text-bad' : ''}>
    {words}
  </span>
)
