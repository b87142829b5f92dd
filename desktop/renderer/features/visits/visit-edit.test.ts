import { afterEach, expect, it, vi } from 'vitest'
import { createStore } from 'zustand'
import type { Question } from '#common/contract/surveys'
import { typedNumber } from '../../ui/survey/number-text.ts'
import { createVisitWriting, mergeEdits } from './visit-edit.ts'
import type { VisitReading } from './visit-reading.ts'

const number = { id: 'q1', type: 'number', min: null, max: 10, options: [] } as unknown as Question

afterEach(() => vi.unstubAllGlobals())

/** The writing of a visit, with what main is asked. */
function world(answer: unknown = { ok: true, value: {} }, visit: object | null = null) {
  const asked = vi.fn(async () => answer)
  vi.stubGlobal('window', { fieldbook: { ask: asked } })
  const store = createStore(() => ({ own: visit && { visit } }))
  const writing = createVisitWriting('v1', {
    store,
    reload: async () => undefined,
  } as unknown as VisitReading)
  return { writing, asked, store }
}

it('edits are laid over each other answer by answer', () => {
  expect(mergeEdits({ answers: { a: 1, b: 2 }, notes: 'x' }, { answers: { b: null } })).toEqual({
    answers: { a: 1, b: null },
    notes: 'x',
  })
  expect(mergeEdits({ notes: 'x' }, { notes: 'y' })).toEqual({ notes: 'y' })
})

it('what is no answer stays on the page, and takes nothing back that was kept', async () => {
  const { writing, asked } = world()
  writing.answer(number, 500)
  expect(await writing.saving.flush()).toBe(true)
  expect(asked).not.toHaveBeenCalled()
  expect(writing.unkept.getState()).toEqual({ q1: 500 })
  writing.answer(number, 5)
  expect(await writing.saving.flush()).toBe(true)
  expect(asked).toHaveBeenCalledWith('visits.edit', { id: 'v1', answers: { q1: 5 } })
  expect(writing.unkept.getState()).toEqual({})
})

it('what is typed as a number and is none takes nothing back either', async () => {
  const { writing, asked } = world()
  writing.answer(number, typedNumber('1.000,5'))
  expect(await writing.saving.flush()).toBe(true)
  expect(asked).not.toHaveBeenCalled()
  expect(writing.unkept.getState()).toEqual({ q1: '1.000,5' })
  writing.answer(number, typedNumber(' '))
  expect(await writing.saving.flush()).toBe(true)
  expect(asked).toHaveBeenCalledWith('visits.edit', { id: 'v1', answers: { q1: null } })
})

it('what is no answer to a question that is hidden by now is forgotten', () => {
  const { writing } = world()
  const other = { ...number, id: 'q2' }
  writing.answer(number, 500)
  writing.answer(other, 600)
  writing.forgetHidden([other])
  expect(writing.unkept.getState()).toEqual({ q2: 600 })
})

it('what is added to the notes waits until the person says so', async () => {
  const { writing, asked } = world()
  writing.more.setState(' The owner called. ', true)
  expect(await writing.saving.flush()).toBe(true)
  expect(asked).not.toHaveBeenCalled()
  writing.addMore('Closed early.')
  expect(await writing.saving.flush()).toBe(true)
  expect(asked).toHaveBeenCalledWith('visits.edit', { id: 'v1', notes: 'Closed early.\nThe owner called.' })
  expect(writing.more.getState()).toBe('')
  writing.addMore('Closed early.')
  expect(await writing.saving.flush()).toBe(true)
  expect(asked).toHaveBeenCalledTimes(1)
})

it('a visit that could not be cancelled keeps what was written', async () => {
  const { writing, asked } = world({ ok: false, problem: { message: 'The disk is full.' } })
  writing.write('Nobody there')
  writing.answer(number, 500)
  await expect(writing.cancel()).rejects.toThrow('The disk is full.')
  expect(writing.saving.store.getState().edit).toEqual({ notes: 'Nobody there' })
  expect(writing.unkept.getState()).toEqual({ q1: 500 })
  asked.mockResolvedValue({ ok: true, value: {} })
  await writing.cancel()
  expect(asked.mock.lastCall).toEqual(['visits.cancel', { id: 'v1' }])
  expect(writing.saving.store.getState()).toEqual({ edit: null, problem: null })
  expect(writing.unkept.getState()).toEqual({})
})

it('says what an edit began from, whatever another device writes meanwhile', async () => {
  const { writing, asked, store } = world(undefined, { notes: 'Old', answers: { q1: 1 } })
  writing.write('Old, mine')
  store.setState({ own: { visit: { notes: 'Theirs', answers: { q1: 2 } } } })
  writing.write('Old, mine, longer')
  expect(await writing.saving.flush()).toBe(true)
  const opened = { notes: 'Old' }
  expect(asked).toHaveBeenCalledWith('visits.edit', { id: 'v1', notes: 'Old, mine, longer', opened })
  // The next one begins from what the person has before them by then.
  writing.answer({ ...number, id: 'q2' }, 3)
  writing.answer(number, 3)
  expect(await writing.saving.flush()).toBe(true)
  const answers = { q1: 3, q2: 3 }
  const began = { answers: { q1: 2, q2: null } }
  expect(asked.mock.lastCall).toEqual(['visits.edit', { id: 'v1', answers, opened: began }])
})
