import { describe, expect, test } from 'vitest'
import type { Question, QuestionType, ShowIf } from '../contract/surveys.ts'
import { plainQuestion, surveyProblems } from './survey-draft.ts'

const question = (id: string, fields: Partial<Question> = {}): Question => ({
  id,
  type: 'text',
  text: 'What did you see?',
  ...plainQuestion,
  ...fields,
})
const options = [
  { id: 'yes', label: 'Yes' },
  { id: 'no', label: 'No' },
]
const shownBy = (questionId: string, is: ShowIf['is'] = 'answered', value: ShowIf['value'] = null) => ({
  showIf: { questionId, is, value },
})
const problems = (...questions: Question[]) =>
  surveyProblems(questions).map(({ field, message }) => `${field}: ${message}`)
const fields = (...questions: Question[]) => surveyProblems(questions).map(({ field }) => field)

test('a survey of every kind of question has none', () => {
  expect(
    problems(
      question('1'),
      question('2', { type: 'number', min: 0, max: 0 }),
      question('3', { type: 'single', options }),
      question('4', { type: 'multiple', options, ...shownBy('3', 'equal', 'no') }),
      question('5', { type: 'yes_no', ...shownBy('4', 'not_equal', 'yes') }),
      question('6', { type: 'rating', max: 10, ...shownBy('5', 'equal', false) }),
      question('7', { type: 'date', ...shownBy('6', 'at_least', 8) }),
      question('8', { type: 'photo', min: 1, max: 20, required: true, ...shownBy('7') }),
      question('9', shownBy('8')),
      question('10', shownBy('2', 'at_most', -1.5)),
    ),
  ).toEqual([])
  expect(problems()).toEqual([])
})

describe('choices', () => {
  test('are two at least, and differ', () => {
    expect(problems(question('1', { type: 'single', options: [options[0]!] }))).toEqual([
      'questions.0.options: Needs at least two choices',
    ])
    const twice = [...options, { id: 'third', label: ' YÉS ' }]
    expect(problems(question('1', { type: 'multiple', options: twice }))).toEqual([
      'questions.0.options: Has the choice “YÉS” twice',
    ])
    const oneId = [options[0]!, { id: 'yes', label: 'No' }]
    expect(problems(question('1', { type: 'single', options: oneId }))).toEqual([
      'questions.0.options: Two choices have the same id',
    ])
  })

  test('are for questions that have them', () => {
    for (const type of ['text', 'number', 'yes_no', 'rating', 'date', 'photo'] as const)
      expect(fields(question('1', { type, options })), type).toEqual(['questions.0.options'])
  })
})

describe('limits', () => {
  const limited = (type: QuestionType, min: number | null, max: number | null, required = false) =>
    problems(question('1', { type, min, max, required, ...(type === 'single' && { options }) }))

  test('of a number are in order', () => {
    expect(limited('number', -2.5, 3)).toEqual([])
    expect(limited('number', 4, null)).toEqual([])
    expect(limited('number', 4, 3)).toEqual(['questions.0.max: Must be 4 or more'])
  })

  test('of a rating is 2 to 10, from 1 on', () => {
    for (const max of [2, 10, null]) expect(limited('rating', null, max)).toEqual([])
    for (const max of [1, 11, 2.5])
      expect(limited('rating', null, max)).toEqual(['questions.0.max: Must be a whole number from 2 to 10'])
    expect(limited('rating', 1, 5)).toEqual(['questions.0.min: A rating begins at 1'])
  })

  test('of photos are whole, and can be kept', () => {
    expect(limited('photo', 0, 20)).toEqual([])
    expect(limited('photo', -1, 21)).toEqual([
      'questions.0.min: Must be a whole number from 0 to 20',
      'questions.0.max: Must be a whole number from 0 to 20',
    ])
    expect(limited('photo', 1.5, null)).toEqual(['questions.0.min: Must be a whole number from 0 to 20'])
    expect(limited('photo', 3, 2)).toEqual(['questions.0.max: Must be 3 or more'])
    expect(limited('photo', null, 0, true)).toEqual(['questions.0.max: Must be 1 or more'])
  })

  test('are for nothing else', () => {
    for (const type of ['text', 'single', 'yes_no', 'date'] as const) {
      expect(limited(type, 1, 2)).toEqual([
        'questions.0.min: Only numbers, ratings and photos have limits',
        'questions.0.max: Only numbers, ratings and photos have limits',
      ])
    }
  })
})

describe('what shows a question', () => {
  test('is an earlier one', () => {
    expect(problems(question('1', shownBy('x')))).toEqual([
      'questions.0.showIf: Is shown by a question that is not there',
    ])
    expect(problems(question('1', shownBy('3')), question('2'), question('3'))).toEqual([
      'questions.0.showIf: Must be shown by an earlier question; question 3 comes later',
    ])
  })

  test('is not itself in the end', () => {
    expect(problems(question('1', shownBy('1')))).toEqual(['questions.0.showIf: Is shown by this one'])
    expect(
      problems(question('1', shownBy('4')), question('2'), question('3'), question('4', shownBy('1'))),
    ).toEqual(['questions.0.showIf: Is shown by question 4, which is shown by this one'])
    expect(
      problems(question('1', shownBy('3')), question('2', shownBy('1')), question('3', shownBy('2'))),
    ).toEqual([
      'questions.0.showIf: Is shown by question 3, which is shown by question 2, which is shown by this one',
    ])
  })

  test('where others go round is told of them', () => {
    expect(
      problems(question('1', shownBy('2')), question('2', shownBy('3')), question('3', shownBy('2'))),
    ).toEqual([
      'questions.0.showIf: Must be shown by an earlier question; question 2 comes later',
      'questions.1.showIf: Is shown by question 3, which is shown by this one',
    ])
  })

  const asked = (type: QuestionType, is: ShowIf['is'], value: ShowIf['value']) =>
    problems(
      question('1', { type, ...((type === 'single' || type === 'multiple') && { options }) }),
      question('2', shownBy('1', is, value)),
    )

  test.each([
    ['text', 'equal', 'x', 'Can only ask whether question 1 is answered'],
    ['date', 'at_least', '2026-11-30', 'Can only ask whether question 1 is answered'],
    ['photo', 'at_least', 2, 'Can only ask whether question 1 is answered'],
    ['single', 'at_least', 'yes', 'Cannot compare the answer to question 1 like this'],
    ['yes_no', 'at_most', true, 'Cannot compare the answer to question 1 like this'],
    ['single', 'equal', 'maybe', 'Must name one of the choices of question 1'],
    ['multiple', 'not_equal', null, 'Must name one of the choices of question 1'],
    ['yes_no', 'equal', 'true', 'Question 1 is answered by yes or no'],
    ['number', 'equal', '5', 'Question 1 is answered by a number'],
    ['rating', 'at_least', null, 'Question 1 is answered by a number'],
    ['number', 'answered', 5, 'Takes no value where it asks whether there is an answer'],
  ] as const)('%s %s %s is refused', (type, is, value, message) => {
    expect(asked(type, is, value)).toEqual([`questions.1.showIf: ${message}`])
  })
})

test('two questions with one id are told of the later one', () => {
  expect(problems(question('1'), question('2'), question('1'))).toEqual([
    'questions.2.id: Another question has the same id',
  ])
})
