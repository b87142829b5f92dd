import type { FieldProblem } from '../contract/errors.ts'
import type { Question, QuestionType, ShowIf } from '../contract/surveys.ts'
import { fold } from './folding.ts'

/** What keeps a survey from being asked; the builder and the server ask here. */

const isChoice = (type: QuestionType) => type === 'single' || type === 'multiple'

/** What a question can be asked of the answer to another one, by the type of that one. */
export const comparisons: Record<QuestionType, readonly ShowIf['is'][]> = {
  text: ['answered'],
  date: ['answered'],
  photo: ['answered'],
  single: ['answered', 'equal', 'not_equal'],
  multiple: ['answered', 'equal', 'not_equal'],
  yes_no: ['answered', 'equal', 'not_equal'],
  number: ['answered', 'equal', 'not_equal', 'at_least', 'at_most'],
  rating: ['answered', 'equal', 'not_equal', 'at_least', 'at_most'],
}

export const maxPhotosOfQuestion = 20

/** A question where nothing is said but its kind and its words. */
export const plainQuestion: Omit<Question, 'id' | 'type' | 'text'> = {
  help: '',
  required: false,
  options: [],
  min: null,
  max: null,
  showIf: null,
}

/** By field, as `questions.3.showIf`; empty when it can be asked as it is. */
export function surveyProblems(questions: readonly Question[]): FieldProblem[] {
  return questions.flatMap((question, index) =>
    [
      ...idProblems(question, questions.slice(0, index)),
      ...optionProblems(question),
      ...limitProblems(question),
      ...showIfProblems(question, index, questions),
    ].map(([field, message]) => ({ field: `questions.${index}.${field}`, message })),
  )
}

type Problem = [field: 'id' | 'options' | 'min' | 'max' | 'showIf', message: string]

const idProblems = ({ id }: Question, earlier: readonly Question[]): Problem[] =>
  earlier.some((other) => other.id === id) ? [['id', 'Another question has the same id']] : []

function optionProblems({ type, options }: Question): Problem[] {
  if (!isChoice(type)) return options.length > 0 ? [['options', 'Only questions with choices have them']] : []
  if (options.length < 2) return [['options', 'Needs at least two choices']]
  const labels = options.map(({ label }) => fold(label))
  const twice = options.find(({ label }, index) => labels.indexOf(fold(label)) < index)
  if (twice) return [['options', `Has the choice “${twice.label.trim()}” twice`]]
  if (new Set(options.map(({ id }) => id)).size < options.length)
    return [['options', 'Two choices have the same id']]
  return []
}

function limitProblems({ type, required, min, max }: Question): Problem[] {
  const isWhole = (value: number | null, least: number, most: number) =>
    value === null || (Number.isInteger(value) && value >= least && value <= most)
  switch (type) {
    case 'number':
      return min !== null && max !== null && min > max ? [['max', `Must be ${min} or more`]] : []
    case 'rating':
      if (min !== null) return [['min', 'A rating begins at 1']]
      return isWhole(max, 2, 10) ? [] : [['max', 'Must be a whole number from 2 to 10']]
    case 'photo': {
      const sentence = (least: number) => `Must be a whole number from ${least} to ${maxPhotosOfQuestion}`
      const problems: Problem[] = []
      if (!isWhole(min, 0, maxPhotosOfQuestion)) problems.push(['min', sentence(0)])
      if (!isWhole(max, 0, maxPhotosOfQuestion)) problems.push(['max', sentence(0)])
      const least = Math.max(required ? 1 : 0, min ?? 0)
      if (problems.length === 0 && max !== null && max < least)
        problems.push(['max', `Must be ${least} or more`])
      return problems
    }
    default: {
      const message = 'Only numbers, ratings and photos have limits'
      return (['min', 'max'] as const)
        .filter((field) => ({ min, max })[field] !== null)
        .map((field) => [field, message])
    }
  }
}

function showIfProblems({ showIf }: Question, index: number, questions: readonly Question[]): Problem[] {
  if (!showIf) return []
  const asked = questions.findIndex(({ id }) => id === showIf.questionId)
  const message =
    asked === -1
      ? 'Is shown by a question that is not there'
      : asked >= index
        ? (circle(index, questions) ??
          `Must be shown by an earlier question; question ${asked + 1} comes later`)
        : comparisonProblem(showIf, questions[asked]!, asked + 1)
  return message ? [['showIf', message]] : []
}

/** How a question is shown by its own answer in the end; null when it is not. */
function circle(start: number, questions: readonly Question[]): string | null {
  const way: number[] = []
  for (let at = start; ;) {
    const by = questions[at]!.showIf?.questionId
    at = questions.findIndex(({ id }) => id === by)
    if (at === start)
      return ['Is shown', ...way.map((one) => `by question ${one + 1}, which is shown`), 'by this one'].join(
        ' ',
      )
    if (at === -1 || way.includes(at)) return null
    way.push(at)
  }
}

function comparisonProblem(
  { is, value }: ShowIf,
  { type, options }: Question,
  number: number,
): string | null {
  if (!comparisons[type].includes(is))
    return comparisons[type].length === 1
      ? `Can only ask whether question ${number} is answered`
      : `Cannot compare the answer to question ${number} like this`
  if (is === 'answered')
    return value === null ? null : 'Takes no value where it asks whether there is an answer'
  if (isChoice(type))
    return options.some(({ id }) => id === value)
      ? null
      : `Must name one of the choices of question ${number}`
  if (type === 'yes_no')
    return typeof value === 'boolean' ? null : `Question ${number} is answered by yes or no`
  return typeof value === 'number' ? null : `Question ${number} is answered by a number`
}
