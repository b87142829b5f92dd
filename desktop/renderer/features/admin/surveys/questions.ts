import type { Question, QuestionOption, QuestionType } from '#common/contract/surveys'
import { plainQuestion } from '#common/rules/survey-draft'
import { numberOf } from '../../../ui/survey/number-text.ts'
import { moved } from '../../../ui/order.ts'
import { hasOptions } from './question-kinds.ts'

/** What can be done to the questions of a draft; each answers the questions as they are then. */

export type Bound = 'min' | 'max'

/** A question that is being written. What is typed as a bound and is no number waits beside the bound there was. */
export type DraftQuestion = Question & { unread?: Partial<Record<Bound, string>> | undefined }

type Questions = readonly DraftQuestion[]
type NewId = () => string

const twoOptions = (newId: NewId): QuestionOption[] => [
  { id: newId(), label: '' },
  { id: newId(), label: '' },
]

export const newQuestion = (type: QuestionType, newId: NewId): Question => ({
  id: newId(),
  type,
  text: '',
  ...plainQuestion,
  options: hasOptions(type) ? twoOptions(newId) : [],
})

export const changed = (questions: Questions, id: string, changes: Partial<DraftQuestion>): DraftQuestion[] =>
  questions.map((question) => (question.id === id ? { ...question, ...changes } : question))

/** Of another type, with what still means something: bounds do not, options only for the other kind of choice. */
export function retyped(question: DraftQuestion, type: QuestionType, newId: NewId): DraftQuestion {
  const options = !hasOptions(type) ? [] : hasOptions(question.type) ? question.options : twoOptions(newId)
  return { ...question, type, options, min: null, max: null, unread: undefined }
}

/** What changes by what is typed as a bound; nothing typed is no bound. */
export function bounded({ unread }: DraftQuestion, bound: Bound, text: string): Partial<DraftQuestion> {
  const value = numberOf(text)
  if (value === null && text.trim() !== '') return { unread: { ...unread, [bound]: text } }
  const { [bound]: _, ...others } = unread ?? {}
  return { [bound]: value, unread: others }
}

/** A bound as it was typed. */
export const boundText = (question: DraftQuestion, bound: Bound): string =>
  question.unread?.[bound] ?? String(question[bound] ?? '')

/** `to` may lie beyond either end, which moves nothing. */
export function placed(questions: Questions, id: string, to: number): DraftQuestion[] {
  const from = questions.findIndex((question) => question.id === id)
  return from < 0 || to < 0 || to >= questions.length ? [...questions] : moved(questions, from, to)
}

/** With a copy of a question behind it; the copy's choices are its own. */
export function doubled(questions: Questions, id: string, copyId: string, newId: NewId): DraftQuestion[] {
  return questions.flatMap((question) => {
    if (question.id !== id) return [question]
    const options = question.options.map(({ label }) => ({ id: newId(), label }))
    return [question, { ...question, id: copyId, options }]
  })
}

/** Where the questions stand, from 1, that are shown by the answer to this one. */
export const shownBy = (questions: Questions, id: string): number[] =>
  questions.flatMap(({ showIf }, index) => (showIf?.questionId === id ? [index + 1] : []))

/** Without a question; those that were shown by its answer are always shown. */
export const without = (questions: Questions, id: string): DraftQuestion[] =>
  questions
    .filter((question) => question.id !== id)
    .map((question) => (question.showIf?.questionId === id ? { ...question, showIf: null } : question))

/** With a question that was taken out of `before`, back where it was and shown by its answer what was. */
export function withAgain(questions: Questions, id: string, before: Questions): DraftQuestion[] {
  const index = before.findIndex((question) => question.id === id)
  if (index < 0 || questions.some((question) => question.id === id)) return [...questions]
  const back = questions.map((question) => {
    const was = before.find((other) => other.id === question.id)?.showIf
    return question.showIf === null && was?.questionId === id ? { ...question, showIf: was } : question
  })
  return back.toSpliced(index, 0, before[index]!)
}

/** “4 and 5”, “4, 5 and 6” */
export const numbersWords = (numbers: readonly number[]): string =>
  numbers.length < 2 ? numbers.join('') : `${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`
