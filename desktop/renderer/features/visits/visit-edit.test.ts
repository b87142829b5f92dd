import { expect, it, vi } from 'vitest'
import type { Question } from '#common/contract/surveys'
import { createVisitWriting, mergeEdits } from './visit-edit.ts'
import type { VisitReading } from './visit-reading.ts'

const number = { id: 'q1', type: 'number', min: null, max: 10, options: [] } as unknown as Question

it('edits are laid over each other answer by answer', () => {
  expect(mergeEdits({ answers: { a: 1, b: 2 }, notes: 'x' }, { answers: { b: null } })).toEqual({
    answers: { a: 1, b: null },
    notes: 'x',
  })
  expect(mergeEdits({ notes: 'x' }, { notes: 'y' })).toEqual({ notes: 'y' })
})

it('what is no answer stays on the page, and takes nothing back that was kept', async () => {
  const asked = vi.fn(async () => ({ ok: true, value: {} }))
  vi.stubGlobal('window', { fieldbook: { ask: asked } })
  const writing = createVisitWriting('v1', { reload: async () => undefined } as unknown as VisitReading)
  writing.answer(number, 500)
  expect(await writing.saving.flush()).toBe(true)
  expect(asked).not.toHaveBeenCalled()
  expect(writing.unkept.getState()).toEqual({ q1: 500 })
  writing.answer(number, 5)
  expect(await writing.saving.flush()).toBe(true)
  expect(asked).toHaveBeenCalledWith('visits.edit', { id: 'v1', answers: { q1: 5 } })
  expect(writing.unkept.getState()).toEqual({})
  vi.unstubAllGlobals()
})
