import type { Question } from '#common/contract/surveys'
import type { AnswerValue } from '#common/contract/visits'
import { highestRating } from '#common/rules/survey-flow'
import { dayWords, numberWords } from '../date-words.ts'

/** An answer as people read it; empty where there is none. */
export function answerWords(question: Question, value: AnswerValue | null | undefined): string {
  if (value == null) return ''
  const label = (id: unknown) =>
    question.options.find((option) => option.id === id)?.label ?? 'Another choice'
  switch (question.type) {
    case 'single':
      return label(value)
    case 'multiple':
      return [value].flat().map(label).join(', ')
    case 'yes_no':
      return value === true ? 'Yes' : 'No'
    case 'rating':
      return `${String(value)} of ${highestRating(question)}`
    case 'number':
      return typeof value === 'number' ? numberWords(value) : String(value)
    case 'date':
      return dayWords(String(value))
    default:
      return String(value)
  }
}
