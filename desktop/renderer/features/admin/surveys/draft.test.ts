import { describe, expect, it } from 'vitest'
import type { Question } from '#common/contract/surveys'
import { type Draft, draftChanges, draftProblems, isChanged, problemsByQuestion, rebased } from './draft.ts'
import { bounded, boundText, type DraftQuestion, newQuestion } from './questions.ts'

const question = (id: string, more: Partial<Question> = {}): Question => ({
  ...newQuestion('text', () => id),
  text: `What about ${id}?`,
  ...more,
})
const saved: Draft = { name: 'Shelf check', description: '', questions: [question('a'), question('b')] }

describe('a draft', () => {
  it('is changed by what says something else, not by blanks around it', () => {
    const blanks = {
      ...saved,
      name: ' Shelf check ',
      questions: [question('a', { text: 'What about a? ' }), question('b')],
    }
    expect(isChanged(saved, blanks)).toBe(false)
    expect(isChanged(saved, { ...saved, questions: saved.questions.toReversed() })).toBe(true)
    expect(draftChanges(saved, { ...saved, description: ' Weekly ' })).toEqual({ description: 'Weekly' })
  })

  it('is not changed by the order in which the server writes fields', () => {
    const other = saved.questions.map((each) =>
      Object.fromEntries(Object.entries(each).toReversed()),
    ) as unknown as Question[]
    expect(isChanged({ ...saved, questions: other }, saved)).toBe(false)
  })

  it('lies on top of what somebody else has saved meanwhile', () => {
    const now: Draft = { name: 'Shelves', description: 'Weekly', questions: [question('z')] }
    const mine = { ...saved, name: 'My shelves' }
    expect(rebased(mine, saved, now)).toEqual({ ...now, name: 'My shelves' })
    const asked = { ...saved, questions: [question('a', { required: true })] }
    expect(rebased(asked, saved, now)).toEqual({ ...now, questions: asked.questions })
  })
})

describe('what is wrong', () => {
  const wrong = (questions: Question[]) =>
    Object.fromEntries(draftProblems({ ...saved, questions }).questions)

  it('is a name or words that are missing', () => {
    expect(draftProblems({ ...saved, name: ' ' }).name).toBe('Is required')
    expect(draftProblems(saved)).toEqual({ name: undefined, questions: new Map() })
    expect(wrong([question('a', { text: ' ' })])).toEqual({ a: { text: 'Is required' } })
  })

  it('is a choice without words, which is not also said to be there twice', () => {
    const options = (...labels: string[]) => labels.map((label, index) => ({ id: `o${index}`, label }))
    expect(wrong([question('a', { type: 'single', options: options('Left', '', ' ') })])).toEqual({
      a: { 'options.1.label': 'Is required', 'options.2.label': 'Is required' },
    })
    const twice = wrong([question('a', { type: 'single', options: options('Left', 'left ') })])
    expect(twice.a!.options).toContain('twice')
  })

  it('stands beside its question', () => {
    const circle = wrong([
      question('a', { showIf: { questionId: 'b', is: 'answered', value: null } }),
      question('b', { showIf: { questionId: 'a', is: 'answered', value: null } }),
    ])
    expect(circle).toEqual({ a: { showIf: 'Is shown by question 2, which is shown by this one' } })
  })

  it('of the server is read by the place it names', () => {
    const found = problemsByQuestion(
      [
        { field: 'questions.1.text', message: 'Too long' },
        { field: 'questions.1.showIf.value', message: 'No such choice' },
        { field: 'questions.7.text', message: 'Of another' },
        { field: 'name', message: 'Is taken' },
      ],
      saved.questions,
    )
    expect([...found]).toEqual([['b', { text: 'Too long', showIf: 'No such choice' }]])
  })
})

describe('a bound that is typed and is no number', () => {
  const asked: DraftQuestion = { ...newQuestion('number', () => 'a'), text: 'How many?', max: 12 }
  const before: Draft = { name: 'Shelf check', description: '', questions: [asked] }
  const typing = (text: string): DraftQuestion => ({ ...asked, ...bounded(asked, 'max', text) })

  it('is not saved as no bound: it is a change, and wrong', () => {
    const draft = { ...before, questions: [typing('1.000,5')] }
    expect(isChanged(before, draft)).toBe(true)
    expect(draftProblems(draft).questions).toEqual(new Map([['a', { max: 'Must be a number' }]]))
    expect(draftChanges(before, draft)).toEqual({})
    expect(boundText(draft.questions[0]!, 'max')).toBe('1.000,5')
  })

  it('stays while the survey is read again', () => {
    const draft = { ...before, questions: [typing('many')] }
    expect(rebased(draft, before, { ...before, name: 'Shelves' })).toEqual({ ...draft, name: 'Shelves' })
  })

  it.each([
    ['14,5', 14.5, '14.5'],
    [' ', null, ''],
  ])('is gone once “%s” is typed', (text, max, shown) => {
    const wrong = typing('many')
    const right = { ...wrong, ...bounded(wrong, 'max', text) }
    expect(right.max).toBe(max)
    expect(boundText(right, 'max')).toBe(shown)
    expect(draftProblems({ ...before, questions: [right] }).questions.size).toBe(0)
  })
})
