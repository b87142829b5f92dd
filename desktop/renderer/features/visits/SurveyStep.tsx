import { FileQuestion } from 'lucide-react'
import type { Question } from '#common/contract/surveys'
import type { AnswerValue } from '#common/contract/visits'
import { shownQuestions } from '#common/rules/survey-flow'
import type { OpenVisit } from '#desktop/bridge/field'
import { State } from '../../ui/State.tsx'
import { QuestionField } from '../../ui/survey/QuestionField.tsx'
import { evidenceOf, questionsOf } from './evidence.ts'
import { StepPage } from './VisitFrame.tsx'

/** The questions of the survey that are shown as things are, one under another. */
export function SurveyStep({
  open,
  readOnly = false,
  unkept = {},
  problemOf,
  onAnswer,
  onLeave,
  photosOf,
}: {
  open: OpenVisit
  readOnly?: boolean
  /** Answers that are written and not kept, since they are none. */
  unkept?: Readonly<Record<string, AnswerValue>>
  problemOf?: (question: Question) => string | null
  onAnswer?: (question: Question, value: AnswerValue | null) => void
  /** The keyboard has left a question. */
  onLeave?: () => void
  photosOf: (question: Question) => React.ReactNode
}) {
  const shown = shownQuestions(questionsOf(open), evidenceOf(open))
  if (shown.length === 0)
    return (
      <State icon={FileQuestion} title="This survey asks nothing">
        <p>{open.survey?.name} has no questions.</p>
      </State>
    )
  return (
    <StepPage>
      <p className="mb-4 text-muted">
        {open.survey?.name} · version {open.survey?.number}
      </p>
      <div className="space-y-5 pb-8" onBlur={onLeave}>
        {shown.map((question) => (
          <QuestionField
            key={question.id}
            question={question}
            value={unkept[question.id] ?? open.visit.answers[question.id] ?? null}
            readOnly={readOnly}
            problem={problemOf?.(question)}
            onChange={(value) => onAnswer?.(question, value)}
            photos={question.type === 'photo' ? photosOf(question) : undefined}
          />
        ))}
      </div>
    </StepPage>
  )
}
