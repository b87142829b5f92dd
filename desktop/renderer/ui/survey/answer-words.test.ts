import { expect, it } from 'vitest'
import type { Question, QuestionType } from '#common/contract/surveys'
import { plainQuestion } from '#common/rules/survey-draft'
import { answerWords } from './answer-words.ts'

const question = (type: QuestionType): Question => ({
  id: '0197a4a4-0000-7000-8000-000000000001',
  type,
  text: 'What about it?',
  ...plainQuestion,
  options: [
    { id: 'a', label: 'At the entrance' },
    { id: 'b', label: 'At the till' },
  ],
})

it.each([
  ['text', 'Fresh', 'Fresh'],
  ['number', 1250.5, '1,250.5'],
  ['single', 'b', 'At the till'],
  ['single', 'gone', 'Another choice'],
  ['multiple', ['a', 'b'], 'At the entrance, At the till'],
  ['yes_no', false, 'No'],
  ['rating', 4, '4 of 5'],
  ['date', '2026-11-30', '30 Nov 2026'],
  ['text', null, ''],
] as const)('an answer to a question of type %s, %s, reads “%s”', (type, value, words) =>
  expect(answerWords(question(type), value as string)).toBe(words),
)
