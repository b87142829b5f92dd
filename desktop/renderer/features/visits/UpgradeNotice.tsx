import { Dialog } from 'radix-ui'
import { useState } from 'react'
import type { SurveyVersion } from '#common/contract/surveys'
import { upgradeOf } from '#common/rules/survey-flow'
import type { Problem } from '#desktop/bridge/channels'
import type { OpenVisit } from '#desktop/bridge/field'
import { ask, problemOf } from '../../app/bridge.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { countWords } from '../../ui/date-words.ts'
import { useFocusBack } from '../../ui/focus-back.ts'
import { Notice, ProblemNotice } from '../../ui/Notice.tsx'
import { answerWords } from '../../ui/survey/answer-words.ts'
import { evidenceOf, questionsOf } from './evidence.ts'

/** Says that there is a later version of the survey, and what going on to it would do, before it is done. */
export function UpgradeNotice({
  open,
  later,
  beforeGoingOn,
  onUpgraded,
}: {
  open: OpenVisit
  later: SurveyVersion
  /** Has everything kept that was written; false where something could not be. */
  beforeGoingOn: () => Promise<boolean>
  onUpgraded: () => Promise<void>
}) {
  const [looking, setLooking] = useState(false)
  return (
    <>
      <Notice tone="warn">
        <span>This survey was changed since you began: there is version {later.number} now.</span>
        <TextButton
          look="inherit"
          onClick={() => void beforeGoingOn().then((ready) => ready && setLooking(true))}
        >
          See what changes
        </TextButton>
      </Notice>
      {looking && (
        <UpgradeDialog open={open} later={later} onClose={() => setLooking(false)} onUpgraded={onUpgraded} />
      )}
    </>
  )
}

function UpgradeDialog({
  open,
  later,
  onClose,
  onUpgraded,
}: {
  open: OpenVisit
  later: SurveyVersion
  onClose: () => void
  onUpgraded: () => Promise<void>
}) {
  const giveBack = useFocusBack()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const { kept, lost, added } = upgradeOf(questionsOf(open), later.questions, evidenceOf(open))
  const goOn = async () => {
    setBusy(true)
    try {
      await ask('visits.upgrade', { id: open.visit.id, surveyNumber: later.number })
      await onUpgraded()
      onClose()
    } catch (error) {
      setProblem(problemOf(error))
      setBusy(false)
    }
  }
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          className="floating fixed top-[min(14%,7rem)] left-1/2 z-50 flex max-h-[80%] w-[min(34rem,calc(100vw-2rem))] -translate-x-1/2 flex-col p-5"
          onCloseAutoFocus={giveBack}
        >
          <Dialog.Title className="text-lg font-semibold">
            {open.survey?.name}: version {open.survey?.number} to {later.number}
          </Dialog.Title>
          <Dialog.Description className="mt-1.5 text-muted">
            You can stay with the version you began with, and complete the visit with it.
          </Dialog.Description>
          <div className="mt-3 min-h-0 flex-1 space-y-3.5 overflow-y-auto">
            <p>
              {kept.length === 0
                ? 'There are no answers to keep.'
                : `${countWords(kept.length, 'answer')} kept.`}
            </p>
            {lost.length > 0 && (
              <section>
                <h3 className="font-semibold text-bad">{countWords(lost.length, 'answer')} lost</h3>
                <ul className="mt-1 divide-y divide-line rounded-md border border-line">
                  {lost.map(({ question, message }) => (
                    <li key={question.id} className="px-3 py-1.5">
                      <span className="block font-[550] break-words">{question.text}</span>
                      <span className="block break-words text-muted">
                        {question.type === 'photo'
                          ? 'Its photos'
                          : `“${answerWords(question, open.visit.answers[question.id])}”`}
                        {' · '}
                        {message.charAt(0).toLowerCase() + message.slice(1)}
                      </span>
                    </li>
                  ))}
                </ul>
              </section>
            )}
            {added.length > 0 && (
              <section>
                <h3 className="font-semibold">{countWords(added.length, 'new question')}</h3>
                <ul className="mt-1 list-disc space-y-0.5 pl-5">
                  {added.map(({ id, text }) => (
                    <li key={id}>{text}</li>
                  ))}
                </ul>
              </section>
            )}
            {problem && <ProblemNotice problem={problem} />}
          </div>
          <div className="mt-5 flex flex-wrap justify-end gap-2">
            <Button look="quiet" onClick={onClose}>
              Stay with version {open.survey?.number}
            </Button>
            <Button
              look={lost.length > 0 ? 'danger-solid' : 'primary'}
              disabled={busy}
              onClick={() => void goOn()}
            >
              Go on with version {later.number}
            </Button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
