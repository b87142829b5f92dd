import type { Question } from '#common/contract/surveys'
import type { AnswerValue } from '#common/contract/visits'

/** What every control is given with which a question is answered. */
export interface AnswerControl {
  question: Question
  value: AnswerValue | null
  /** Null takes the answer back. */
  onChange: (value: AnswerValue | null) => void
  /** Of the element with the question's words. */
  labelledBy: string
  describedBy: string | undefined
  invalid: boolean
}
