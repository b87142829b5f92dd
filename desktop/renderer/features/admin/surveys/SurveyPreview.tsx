import { CircleAlert, CircleCheck, Minus, Plus, RotateCcw } from 'lucide-react'
import { useId, useState } from 'react'
import type { Question } from '#common/contract/surveys'
import type { Answers } from '#common/contract/visits'
import { maxPhotosOfQuestion } from '#common/rules/survey-draft'
import { answerProblem, gapsOf, shownQuestions } from '#common/rules/survey-flow'
import { Button, TextButton } from '../../../ui/Button.tsx'
import { countWords } from '../../../ui/date-words.ts'
import { focusQuestion } from '../../../ui/survey/place.ts'
import { QuestionField } from '../../../ui/survey/QuestionField.tsx'

/** The survey as the field sees it, to be tried: what is answered here goes nowhere. */
export function SurveyPreview({ questions }: { questions: readonly Question[] }) {
  const [answers, setAnswers] = useState<Answers>({})
  const [photos, setPhotos] = useState<ReadonlyMap<string, number>>(new Map())
  const evidence = { answers, photos }
  const shown = shownQuestions(questions, evidence)
  const gaps = gapsOf(questions, evidence)
  const hidden = questions.length - shown.length
  const isBegun = photos.size > 0 || Object.values(answers).some((answer) => answer !== null)
  return (
    <>
      <header className="flex h-[47px] shrink-0 items-center gap-2 border-b border-line pr-2 pl-4">
        <h2 className="min-w-0 flex-1 truncate font-semibold">As the field sees it</h2>
        <Button
          look="quiet"
          disabled={!isBegun}
          onClick={() => {
            setAnswers({})
            setPhotos(new Map())
          }}
        >
          <RotateCcw aria-hidden size={13} /> Start again
        </Button>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto p-4">
        {questions.length === 0 && <p className="text-muted">Questions appear here as you add them.</p>}
        <div className="space-y-5">
          {shown.map((question) => {
            const answer = answers[question.id] ?? null
            return (
              <QuestionField
                key={question.id + question.type}
                question={question}
                value={answer}
                problem={
                  answer !== null && question.type !== 'photo' ? answerProblem(question, answer) : null
                }
                onChange={(value) => setAnswers((before) => ({ ...before, [question.id]: value }))}
                photos={
                  <PretendedPhotos
                    question={question}
                    count={photos.get(question.id) ?? 0}
                    onChange={(count) => setPhotos((before) => new Map(before).set(question.id, count))}
                  />
                }
              />
            )
          })}
        </div>
        {hidden > 0 && (
          <p role="status" className="mt-5 text-sm text-muted">
            {countWords(hidden, 'question')} not shown, by the answers so far.
          </p>
        )}
        {questions.length > 0 && <Missing gaps={gaps} />}
      </div>
    </>
  )
}

function Missing({ gaps }: { gaps: ReturnType<typeof gapsOf> }) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="mt-5 rounded-lg border border-line bg-surface px-3.5 py-3">
      <h3 id={id} className="mb-1 font-semibold">
        Missing before completing
      </h3>
      {gaps.length === 0 ? (
        <p className="flex items-center gap-1.5 text-good">
          <CircleCheck aria-hidden size={14} /> Nothing: the visit could be completed.
        </p>
      ) : (
        <ul className="space-y-1">
          {gaps.map(({ questionId, text, message }) => (
            <li key={questionId} className="flex items-start gap-1.5">
              <CircleAlert aria-hidden size={14} className="mt-0.5 shrink-0 text-warn" />
              <span className="min-w-0">
                <TextButton className="text-left break-words" onClick={() => focusQuestion(questionId)}>
                  {text.trim() || 'Question without words'}
                </TextButton>
                <span className="text-muted">: {message}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** No photo is taken here; how many there would be can be said. */
function PretendedPhotos({
  question,
  count,
  onChange,
}: {
  question: Question
  count: number
  onChange: (count: number) => void
}) {
  return (
    <div className="flex items-center gap-1 rounded-md border border-dashed border-line-strong px-3 py-2 text-muted">
      <span role="status" className="mr-auto">
        {count === 0
          ? 'As if no photo was taken'
          : `As if ${countWords(count, 'photo')} ${count === 1 ? 'was' : 'were'} taken`}
      </span>
      <Button
        look="icon-plain"
        aria-label={`One photo less for ${question.text}`}
        title="One less"
        disabled={count === 0}
        onClick={() => onChange(count - 1)}
      >
        <Minus aria-hidden size={14} />
      </Button>
      <Button
        look="icon-plain"
        aria-label={`One photo more for ${question.text}`}
        title="One more"
        disabled={count >= maxPhotosOfQuestion}
        onClick={() => onChange(count + 1)}
      >
        <Plus aria-hidden size={14} />
      </Button>
    </div>
  )
}
