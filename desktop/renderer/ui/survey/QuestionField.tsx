import { type ComponentType, type ReactNode, useId } from 'react'
import type { Question, QuestionType } from '#common/contract/surveys'
import type { AnswerValue } from '#common/contract/visits'
import { photosWanted } from '#common/rules/survey-flow'
import { TextButton } from '../Button.tsx'
import { countWords } from '../date-words.ts'
import { FieldNotes } from '../Field.tsx'
import type { AnswerControl } from './answer-control.ts'
import { answerWords } from './answer-words.ts'
import { ChoicesAnswer } from './ChoicesAnswer.tsx'
import { DateAnswer } from './DateAnswer.tsx'
import { NumberAnswer } from './NumberAnswer.tsx'
import { focusQuestion, questionPlace } from './place.ts'
import { RatingAnswer, YesNoAnswer } from './SegmentsAnswer.tsx'
import { SingleAnswer } from './SingleAnswer.tsx'
import { TextAnswer } from './TextAnswer.tsx'

const controls: Record<Exclude<QuestionType, 'photo'>, ComponentType<AnswerControl>> = {
  text: TextAnswer,
  number: NumberAnswer,
  single: SingleAnswer,
  multiple: ChoicesAnswer,
  yes_no: YesNoAnswer,
  rating: RatingAnswer,
  date: DateAnswer,
}

/** Answers that cannot be emptied by the control itself. */
const stays: readonly QuestionType[] = ['single', 'yes_no', 'rating']

/** A question of a survey as the field answers it, or reads what was answered; its problem is announced under it. */
export function QuestionField({
  question,
  value = null,
  onChange = () => undefined,
  problem,
  readOnly = false,
  photos,
}: {
  question: Question
  value?: AnswerValue | null | undefined
  onChange?: (value: AnswerValue | null) => void
  problem?: string | null | undefined
  readOnly?: boolean
  /** What a photo question is answered with. */
  photos?: ReactNode
}) {
  const id = useId()
  const { type, text, help, required } = question
  const described = [problem && `${id}-error`, help && `${id}-help`].filter(Boolean).join(' ')
  const common: AnswerControl = {
    question,
    value,
    onChange,
    labelledBy: `${id}-text`,
    describedBy: described || undefined,
    invalid: Boolean(problem),
  }
  const Control = type === 'photo' ? null : controls[type]
  const clear = () => {
    onChange(null)
    focusQuestion(question.id)
  }
  return (
    <div
      id={questionPlace(question.id)}
      // The control has the words as its name; photos, and answers that are only read, have none.
      {...((type === 'photo' || readOnly) && {
        role: 'group',
        'aria-labelledby': `${id}-text`,
        tabIndex: -1,
      })}
      className="scroll-my-6 outline-none"
    >
      <div className="mb-1 flex items-baseline gap-3">
        <div id={`${id}-text`} className="min-w-0 flex-1 font-[550] break-words select-text">
          {text || <span className="font-normal text-muted">Question without words</span>}
          {required && !readOnly && (
            <>
              <span aria-hidden className="ml-1 text-bad">
                *
              </span>
              <span className="sr-only"> (required)</span>
            </>
          )}
        </div>
        {!readOnly && !required && value !== null && stays.includes(type) && (
          <TextButton look="faint" className="shrink-0 text-sm" onClick={clear}>
            Clear<span className="sr-only"> the answer to {text}</span>
          </TextButton>
        )}
      </div>
      {help && (
        <p id={`${id}-help`} className="mb-1.5 text-sm break-words whitespace-pre-line text-muted">
          {help}
        </p>
      )}
      {Control ? (
        readOnly ? (
          <p className="break-words whitespace-pre-line select-text">
            {answerWords(question, value) || <span className="text-muted">Not answered</span>}
          </p>
        ) : (
          <Control {...common} />
        )
      ) : (
        (photos ?? <PhotoPlaceholder question={question} />)
      )}
      <FieldNotes id={id} error={problem ?? undefined} />
    </div>
  )
}

function PhotoPlaceholder({ question }: { question: Question }) {
  const wanted = photosWanted(question)
  const most = question.max === null ? '' : `, ${question.max} at most`
  return (
    <p className="rounded-md border border-dashed border-line-strong px-3 py-4 text-center text-muted">
      Photos are added here{wanted > 0 ? `: ${countWords(wanted, 'photo')} at least` : ''}
      {wanted > 0 ? most : most && `: ${question.max} at most`}
    </p>
  )
}
