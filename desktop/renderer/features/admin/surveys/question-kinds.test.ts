import { describe, expect, it } from 'vitest'
import { type Question, questionTypes } from '#common/contract/surveys'
import { surveyProblems } from '#common/rules/survey-draft'
import { conditionOn, conditionsOf, showIfWords } from './question-kinds.ts'
import { newQuestion } from './questions.ts'

let ids = 0
const newId = () => `0197a4a4-0000-7000-8000-${String(++ids).padStart(12, '0')}`

const choices = [
  { id: 'left', label: 'On the left' },
  { id: 'right', label: 'On the right' },
]
const ofType = (type: Question['type'], more: Partial<Question> = {}): Question => {
  const question = newQuestion(type, newId)
  return { ...question, text: 'What?', options: question.options.length > 0 ? choices : [], ...more }
}

describe('a condition', () => {
  it.each(questionTypes)('that is offered on a question of type %s can be asked as it begins', (type) => {
    const asked = ofType(type)
    for (const is of conditionsOf(type)) {
      const shown = { ...ofType('text'), showIf: conditionOn(asked, is) }
      expect(surveyProblems([asked, shown]), is).toEqual([])
    }
  })

  it('keeps its value where that still means something', () => {
    const single = ofType('single')
    expect(conditionOn(single, 'not_equal', 'right').value).toBe('right')
    expect(conditionOn(single, 'equal', 'gone').value).toBe('left')
    expect(conditionOn(ofType('yes_no'), 'equal', false).value).toBe(false)
    expect(conditionOn(ofType('rating', { max: 3 }), 'at_least', 5).value).toBe(3)
    expect(conditionOn(ofType('number', { min: 7 }), 'at_most').value).toBe(7)
    expect(conditionOn(ofType('number'), 'answered', 4).value).toBeNull()
  })
})

describe('when a question is shown is told', () => {
  const single = ofType('single')
  const multiple = ofType('multiple')
  const yesNo = ofType('yes_no')
  const rating = ofType('rating')
  const photo = ofType('photo')
  const all = [single, multiple, yesNo, rating, photo]
  it.each([
    [conditionOn(single, 'equal', 'right'), 'question 1 is “On the right”'],
    [conditionOn(multiple, 'not_equal', 'left'), 'question 2 does not include “On the left”'],
    [conditionOn(yesNo, 'equal', true), 'question 3 is “Yes”'],
    [conditionOn(rating, 'at_most', 2), 'question 4 is at most 2'],
    [conditionOn(photo, 'answered'), 'question 5 has a photo'],
    [{ ...conditionOn(single, 'equal'), value: 'gone' }, 'question 1 is a choice that is gone'],
    [{ questionId: 'gone', is: 'answered', value: null } as const, 'a question that is gone is answered'],
  ])('%o as “%s”', (showIf, words) => expect(showIfWords(all, showIf)).toBe(words))
})
