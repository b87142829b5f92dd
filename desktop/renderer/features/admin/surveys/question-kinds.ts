import {
  Calendar,
  Camera,
  CircleDot,
  Hash,
  type LucideIcon,
  SquareCheck,
  Star,
  TextCursorInput,
  ToggleLeft,
} from 'lucide-react'
import type { Question, QuestionType, ShowIf } from '#common/contract/surveys'
import { comparisons } from '#common/rules/survey-draft'
import { highestRating } from '#common/rules/survey-flow'

/** The types of questions as the builder speaks of them. */
export const questionKinds: Record<QuestionType, { words: string; icon: LucideIcon }> = {
  text: { words: 'Text', icon: TextCursorInput },
  number: { words: 'Number', icon: Hash },
  single: { words: 'One choice', icon: CircleDot },
  multiple: { words: 'Several choices', icon: SquareCheck },
  yes_no: { words: 'Yes or no', icon: ToggleLeft },
  rating: { words: 'Rating', icon: Star },
  date: { words: 'Date', icon: Calendar },
  photo: { words: 'Photo', icon: Camera },
}

export const hasOptions = (type: QuestionType): boolean => type === 'single' || type === 'multiple'

const conditions: readonly ShowIf['is'][] = ['equal', 'not_equal', 'at_least', 'at_most', 'answered']

/** What can be asked of an answer of this type before another question is shown, the likeliest first. */
export const conditionsOf = (type: QuestionType): ShowIf['is'][] =>
  conditions.filter((is) => comparisons[type].includes(is))

export function conditionWords(type: QuestionType, is: ShowIf['is']): string {
  const isMany = type === 'multiple'
  switch (is) {
    case 'answered':
      return type === 'photo' ? 'has a photo' : 'is answered'
    case 'equal':
      return isMany ? 'includes' : 'is'
    case 'not_equal':
      return isMany ? 'does not include' : 'is not'
    case 'at_least':
      return 'is at least'
    case 'at_most':
      return 'is at most'
  }
}

/** The condition on `asked`, with the value there was where it still means something. */
export function conditionOn(asked: Question, is: ShowIf['is'], before: ShowIf['value'] = null): ShowIf {
  return { questionId: asked.id, is, value: is === 'answered' ? null : valueFor(asked, before) }
}

function valueFor(asked: Question, before: ShowIf['value']): ShowIf['value'] {
  switch (asked.type) {
    case 'single':
    case 'multiple':
      return asked.options.some(({ id }) => id === before) ? before : (asked.options[0]?.id ?? null)
    case 'yes_no':
      return typeof before === 'boolean' ? before : true
    case 'rating': {
      const highest = highestRating(asked)
      return typeof before === 'number' && before >= 1 && before <= highest ? before : highest
    }
    default:
      return typeof before === 'number' ? before : (asked.min ?? 0)
  }
}

/** “question 2 is “Yes””; names a question that is gone, or comes later, as what it is. */
export function showIfWords(questions: readonly Question[], { questionId, is, value }: ShowIf): string {
  const index = questions.findIndex(({ id }) => id === questionId)
  const asked = questions[index]
  if (!asked) return 'a question that is gone is answered'
  const condition = `question ${index + 1} ${conditionWords(asked.type, is)}`
  return is === 'answered' ? condition : `${condition} ${valueWords(asked, value)}`
}

function valueWords({ type, options }: Question, value: ShowIf['value']): string {
  if (hasOptions(type)) {
    const option = options.find(({ id }) => id === value)
    return option ? `“${option.label || 'a choice without words'}”` : 'a choice that is gone'
  }
  return typeof value === 'boolean' ? (value ? '“Yes”' : '“No”') : String(value ?? '…')
}
