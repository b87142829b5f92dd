import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Question, questionTypes } from '../contract/surveys.ts'
import type { AnswerValue } from '../contract/visits.ts'
import { plainQuestion } from './survey-draft.ts'
import { answerProblem, type Evidence, gapsOf, noPhotos, shownQuestions, upgradeOf } from './survey-flow.ts'

const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

function question(n: number, more: Partial<Question> = {}): Question {
  return { ...plainQuestion, id: idOf(n), type: 'text', text: `Question ${n}`, ...more }
}
const choice = (n: number, more: Partial<Question> = {}) =>
  question(n, {
    type: 'single',
    options: [
      { id: idOf(101), label: 'Yes, all of it' },
      { id: idOf(102), label: 'Some' },
    ],
    ...more,
  })
const when = (
  n: number,
  is: NonNullable<Question['showIf']>['is'],
  value: string | number | boolean | null,
) => ({
  showIf: { questionId: idOf(n), is, value },
})
const evidence = (answers: Record<number, AnswerValue>, photos: Record<number, number> = {}): Evidence => ({
  answers: Object.fromEntries(Object.entries(answers).map(([n, value]) => [idOf(Number(n)), value])),
  photos: new Map(Object.entries(photos).map(([n, count]) => [idOf(Number(n)), count])),
})
const numbers = (shown: Question[]) => shown.map(({ id }) => Number(id.slice(-12)))

describe('which questions are shown', () => {
  test.each([
    ['yes/no', question(1, { type: 'yes_no' }), when(1, 'equal', true), { 1: true }, { 1: false }],
    ['a choice', choice(1), when(1, 'equal', idOf(102)), { 1: idOf(102) }, { 1: idOf(101) }],
    ['another choice', choice(1), when(1, 'not_equal', idOf(102)), { 1: idOf(101) }, {}],
    [
      'one of several',
      choice(1, { type: 'multiple' }),
      when(1, 'equal', idOf(102)),
      { 1: [idOf(101), idOf(102)] },
      { 1: [idOf(101)] },
    ],
    ['a number', question(1, { type: 'number' }), when(1, 'at_least', 3), { 1: 3 }, { 1: 2.9 }],
    ['a rating', question(1, { type: 'rating' }), when(1, 'at_most', 2), { 1: 2 }, { 1: 3 }],
    ['any answer', question(1), when(1, 'answered', null), { 1: 'Milk' }, {}],
  ] as const)('by %s', (_, first, condition, shows, hides) => {
    const questions = [first, question(2, condition)]
    expect(numbers(shownQuestions(questions, evidence(shows as Record<number, AnswerValue>)))).toEqual([1, 2])
    expect(numbers(shownQuestions(questions, evidence(hides as Record<number, AnswerValue>)))).toEqual([1])
  })

  test('by a photo that is there', () => {
    const questions = [question(1, { type: 'photo' }), question(2, when(1, 'answered', null))]
    expect(numbers(shownQuestions(questions, evidence({}, { 1: 1 })))).toEqual([1, 2])
    expect(numbers(shownQuestions(questions, evidence({})))).toEqual([1])
  })

  test('not by one that is hidden itself, whatever was answered to it', () => {
    const questions = [
      question(1, { type: 'yes_no' }),
      question(2, { type: 'yes_no', ...when(1, 'equal', true) }),
      question(3, when(2, 'equal', true)),
    ]
    expect(numbers(shownQuestions(questions, evidence({ 1: false, 2: true })))).toEqual([1])
  })

  test('never by one that comes later, whatever the questions are', () => {
    const anything = fc.array(
      fc.record({
        of: fc.integer({ min: 0, max: 9 }),
        is: fc.constantFrom('answered', 'equal', 'not_equal'),
      }),
      { maxLength: 10 },
    )
    fc.assert(
      fc.property(
        anything,
        fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }),
        (conditions, values) => {
          const questions = conditions.map(({ of, is }, n) =>
            question(n, { type: 'yes_no', ...(of !== n && when(of, is as 'equal', true)) }),
          )
          const shown = shownQuestions(questions, evidence(Object.fromEntries(values.entries())))
          for (const { id, showIf } of shown) {
            const at = questions.findIndex((one) => one.id === id)
            const asked = showIf && questions.findIndex((one) => one.id === showIf.questionId)
            if (asked !== null) expect(asked).toBeLessThan(at)
          }
        },
      ),
    )
  })
})

describe('what an answer may be', () => {
  const bounded = question(1, { type: 'number', min: 0, max: 10 })
  test.each([
    ['text', question(1), 'Milk', '  '],
    ['a number', bounded, 10, 10.1],
    ['a number that is not too small', bounded, 0, -1],
    ['a number and no text', bounded, 1, '1'],
    ['yes or no', question(1, { type: 'yes_no' }), false, 'no'],
    ['a rating', question(1, { type: 'rating' }), 5, 6],
    ['a whole rating', question(1, { type: 'rating', max: 10 }), 10, 2.5],
    ['a day', question(1, { type: 'date' }), '2028-02-29', '2026-02-29'],
    ['one of the choices', choice(1), idOf(101), idOf(103)],
    ['some of the choices', choice(1, { type: 'multiple' }), [idOf(101)], []],
    ['each choice once', choice(1, { type: 'multiple' }), [idOf(102), idOf(101)], [idOf(101), idOf(101)]],
  ] as const)('%s', (_, asked, good, bad) => {
    expect(answerProblem(asked, good as AnswerValue)).toBeNull()
    expect(answerProblem(asked, bad as AnswerValue)).toMatch(/^Must be/)
  })
})

describe('what is missing', () => {
  test('of the questions that are shown, in their order', () => {
    const questions = [
      question(1, { required: true }),
      question(2, { type: 'photo', required: true, min: 2 }),
      question(3, { required: true, ...when(1, 'answered', null) }),
      question(4),
    ]
    expect(gapsOf(questions, evidence({}))).toMatchObject([
      { questionId: idOf(1), message: 'Needs an answer' },
      { questionId: idOf(2), message: 'Needs 2 photos; there are 0' },
    ])
    expect(gapsOf(questions, evidence({ 1: 'Milk', 3: 'Fresh' }, { 2: 2 }))).toEqual([])
  })

  test('too many photos, and what is no answer, are said too', () => {
    const questions = [question(1, { type: 'photo', max: 1 }), question(2, { type: 'yes_no' })]
    expect(gapsOf(questions, evidence({ 2: 'yes' }, { 1: 2 })).map(({ message }) => message)).toEqual([
      'Takes 1 photos at most',
      'Must be yes or no',
    ])
  })
})

describe('going on to a later version', () => {
  test('keeps what still answers, and names what is lost and what is new', () => {
    const from = [
      question(1),
      choice(2),
      question(3, { type: 'number' }),
      question(4),
      question(5, { type: 'photo' }),
    ]
    const to = [
      question(1, { text: 'Said differently' }),
      choice(2, { options: [{ id: idOf(102), label: 'Some' }] }),
      question(3, { type: 'rating' }),
      question(6),
    ]
    const upgrade = upgradeOf(from, to, evidence({ 1: 'Milk', 2: idOf(101), 3: 4, 4: 'Gone' }, { 5: 1 }))
    expect(upgrade.kept).toEqual([idOf(1)])
    expect(upgrade.lost.map(({ question: { id }, message }) => [id, message])).toEqual([
      [idOf(2), 'Must be one of the choices'],
      [idOf(3), 'Asks for something else now'],
      [idOf(4), 'Is no longer asked'],
      [idOf(5), 'Is no longer asked'],
    ])
    expect(upgrade.added.map(({ id }) => id)).toEqual([idOf(6)])
  })

  test('loses nothing where nothing was answered', () => {
    expect(upgradeOf([question(1)], [], evidence({}))).toEqual({ kept: [], lost: [], added: [] })
  })
})

test('each type of question has answers of its own', () => {
  const types = questionTypes.filter((type) => type !== 'photo')
  for (const type of types) expect(answerProblem(question(1, { type }), [])).not.toBeNull()
  expect(noPhotos.size).toBe(0)
})
