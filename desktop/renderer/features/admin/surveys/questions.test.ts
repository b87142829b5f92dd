import { describe, expect, it } from 'vitest'
import type { Question } from '#common/contract/surveys'
import {
  changed,
  doubled,
  newQuestion,
  numbersWords,
  placed,
  retyped,
  shownBy,
  without,
  withAgain,
} from './questions.ts'

let ids = 0
const newId = () => `new-${++ids}`

const question = (id: string, more: Partial<Question> = {}): Question => ({
  ...newQuestion('text', () => id),
  text: `What about ${id}?`,
  ...more,
})
const shownIf = (questionId: string) => ({ questionId, is: 'answered', value: null }) as const

const a = question('a')
const b = question('b', { showIf: shownIf('a') })
const c = question('c', {
  type: 'single',
  options: [
    { id: 'x', label: 'Left' },
    { id: 'y', label: 'Right' },
  ],
  showIf: shownIf('a'),
})
const d = question('d')
const all = [a, b, c, d]
const order = (questions: readonly Question[]) => questions.map(({ id }) => id).join('')

describe('a question', () => {
  it('begins empty, a choice with two options to fill in', () => {
    expect(newQuestion('number', newId)).toMatchObject({
      text: '',
      options: [],
      showIf: null,
      required: false,
    })
    const { options } = newQuestion('multiple', newId)
    expect(options.map(({ label }) => label)).toEqual(['', ''])
    expect(new Set(options.map(({ id }) => id)).size).toBe(2)
  })

  it('is changed alone', () => {
    expect(changed(all, 'b', { text: 'Other', required: true })).toEqual([
      a,
      { ...b, text: 'Other', required: true },
      c,
      d,
    ])
  })

  it('of another type keeps what still means something', () => {
    expect(retyped(c, 'multiple', newId)).toEqual({ ...c, type: 'multiple' })
    expect(retyped(c, 'text', newId)).toEqual({ ...c, type: 'text', options: [] })
    expect(retyped(a, 'single', newId).options).toHaveLength(2)
    const bounded = question('n', { type: 'number', min: 1, max: 1000 })
    expect(retyped(bounded, 'rating', newId)).toMatchObject({ min: null, max: null })
  })
})

describe('the order', () => {
  it.each([
    ['b', 0, 'bacd'],
    ['a', 3, 'bcda'],
    ['a', 1, 'bacd'],
    ['d', 0, 'dabc'],
    ['b', 1, 'abcd'],
    ['a', -1, 'abcd'],
    ['d', 4, 'abcd'],
    ['gone', 0, 'abcd'],
  ])('with %s moved to %i is %s', (id, to, wanted) => expect(order(placed(all, id, to))).toBe(wanted))

  it('has a copy behind its model, with choices of its own and shown as that is', () => {
    const questions = doubled(all, 'c', 'copy', newId)
    expect(questions.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'copy', 'd'])
    const copy = questions[3]!
    expect({ ...copy, id: 'c', options: [] }).toEqual({ ...c, options: [] })
    expect(copy.options.map(({ label }) => label)).toEqual(['Left', 'Right'])
    expect(copy.options.some(({ id }) => id === 'x' || id === 'y')).toBe(false)
  })
})

describe('a question that is deleted', () => {
  it('names those that are shown by its answer', () => {
    expect(shownBy(all, 'a')).toEqual([2, 3])
    expect(shownBy(all, 'd')).toEqual([])
  })

  it('leaves them, shown always', () => {
    expect(without(all, 'a')).toEqual([{ ...b, showIf: null }, { ...c, showIf: null }, d])
  })

  it('comes back where it was, and shows them as before', () => {
    expect(withAgain(without(all, 'a'), 'a', all)).toEqual(all)
    expect(withAgain(without(all, 'd'), 'd', all)).toEqual(all)
  })

  it('comes back among what was done since', () => {
    const since = changed(without(all, 'a'), 'b', { showIf: shownIf('d'), text: 'Other' })
    expect(withAgain(since, 'a', all)).toEqual([a, { ...b, showIf: shownIf('d'), text: 'Other' }, c, d])
    expect(withAgain(all, 'a', all)).toEqual(all)
  })
})

it('numbers are told in a sentence', () => {
  expect([[4], [4, 5], [4, 5, 6]].map(numbersWords)).toEqual(['4', '4 and 5', '4, 5 and 6'])
})
