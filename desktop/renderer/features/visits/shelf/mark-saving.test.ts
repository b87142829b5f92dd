import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createStore } from 'zustand'
import type { VisitReading } from '../visit-reading.ts'
import { createMarkSaving } from './mark-saving.ts'
import type { Marks } from './marking.ts'

const corner = (x: number, y: number) => ({ x, y })
const triangle: Marks = { shelf: [corner(0, 0), corner(1, 0), corner(1, 1)], quadrants: [] }
/** Too small to be measured. */
const speck: Marks = { shelf: [corner(0, 0), corner(1e-6, 0), corner(0, 1e-6)], quadrants: [] }

const asked = vi.fn()
const newMarkSaving = (photos: readonly { id: string }[] = []) => {
  const store = createStore(() => ({ own: { photos } }))
  const marking = createMarkSaving({ store, reload: async () => undefined } as unknown as VisitReading)
  return Object.assign(marking, { reading: store })
}

beforeEach(() => {
  asked.mockReset()
  asked.mockResolvedValue({ ok: true, value: {} })
  vi.stubGlobal('window', { fieldbook: { ask: asked } })
})
afterEach(() => vi.unstubAllGlobals())

it('what is drawn is kept, and a shape that is wrong holds its photo back until it is right', async () => {
  const marking = newMarkSaving()
  marking.draw('p1', speck, false)
  marking.draw('p2', triangle, false)
  expect(await marking.saving.flush()).toBe(true)
  expect(asked.mock.calls).toEqual([['photos.mark', { id: 'p2', ...triangle }]])
  expect(marking.unkept.getState()).toEqual({ p1: speck })
  marking.draw('p1', triangle, false)
  expect(marking.unkept.getState()).toEqual({})
  expect(await marking.saving.flush()).toBe(true)
  expect(asked.mock.lastCall).toEqual(['photos.mark', { id: 'p1', ...triangle }])
})

it('what waits for the word of the person is kept with it, as far as it is right and asked for', async () => {
  const marking = newMarkSaving()
  marking.draw('p1', triangle, true)
  marking.draw('p2', speck, true)
  marking.draw('p3', triangle, true)
  expect(await marking.saving.flush()).toBe(true)
  expect(asked).not.toHaveBeenCalled()
  marking.keepUnkept(['p1', 'p2'])
  expect(await marking.saving.flush()).toBe(true)
  expect(asked.mock.calls).toEqual([['photos.mark', { id: 'p1', ...triangle }]])
  expect(marking.unkept.getState()).toEqual({ p2: speck, p3: triangle })
})

it('what is drawn back to how it was, or discarded, waits no longer', () => {
  const marking = newMarkSaving()
  marking.draw('p1', triangle, true)
  marking.draw('p2', triangle, true)
  marking.forget('p1')
  expect(marking.unkept.getState()).toEqual({ p2: triangle })
  marking.discard()
  expect(marking.unkept.getState()).toEqual({})
})

it('says what the drawing began from, whatever another device marks meanwhile', async () => {
  const none: Marks = { shelf: null, quadrants: [] }
  const theirs: Marks = { shelf: [corner(0, 0), corner(0.5, 0), corner(0.5, 0.5)], quadrants: [] }
  const marking = newMarkSaving([{ id: 'p1', ...none }])
  marking.draw('p1', speck, false)
  marking.reading.setState({ own: { photos: [{ id: 'p1', ...theirs }] } })
  marking.draw('p1', triangle, false)
  // Drawn on before it is sent, it is one edit with the same beginning.
  marking.draw('p1', { ...triangle, quadrants: [] }, false)
  expect(await marking.saving.flush()).toBe(true)
  expect(asked.mock.calls).toEqual([['photos.mark', { id: 'p1', ...triangle, opened: none }]])
  // The next one begins from what the person has before them by then.
  marking.draw('p1', none, false)
  expect(await marking.saving.flush()).toBe(true)
  expect(asked.mock.lastCall).toEqual(['photos.mark', { id: 'p1', ...none, opened: theirs }])
})
