import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createSaving } from './saving.ts'

type Edit = Record<string, string>

/** Keeps edits when it is told to, and remembers them in their order. */
function world() {
  const kept: Edit[] = []
  const waiting: PromiseWithResolvers<void>[] = []
  const saving = createSaving<Edit>(
    async (edit) => {
      const answer = Promise.withResolvers<void>()
      waiting.push(answer)
      await answer.promise
      kept.push(edit)
    },
    (before, after) => ({ ...before, ...after }),
  )
  const next = () => vi.waitFor(() => waiting.shift() ?? Promise.reject(new Error('Nothing is being kept')))
  return { saving, kept, next, waiting }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => vi.useRealTimers())

it('keeps what is typed once there is a pause, as one edit', async () => {
  const { saving, kept, next, waiting } = world()
  saving.change({ a: '1' }, 'soon')
  vi.advanceTimersByTime(300)
  saving.change({ a: '12', b: '2' }, 'soon')
  vi.advanceTimersByTime(399)
  expect(waiting).toHaveLength(0)
  vi.advanceTimersByTime(1)
  ;(await next()).resolve()
  expect(await saving.flush()).toBe(true)
  expect(kept).toEqual([{ a: '12', b: '2' }])
  expect(saving.store.getState()).toEqual({ edit: null, problem: null })
})

it('keeps one edit after the other, and says what is not kept yet', async () => {
  const { saving, kept, next, waiting } = world()
  saving.change({ a: '1' }, 'now')
  const first = await next()
  saving.change({ a: '2' }, 'now')
  saving.change({ b: '3' }, 'now')
  expect(waiting).toHaveLength(0)
  expect(saving.store.getState().edit).toEqual({ a: '2', b: '3' })
  const done = saving.flush()
  first.resolve()
  const second = await next()
  expect(saving.store.getState().edit).toEqual({ a: '2', b: '3' })
  second.resolve()
  expect(await done).toBe(true)
  expect(kept).toEqual([{ a: '1' }, { a: '2', b: '3' }])
})

it('holds on to what could not be kept, beneath what is typed since', async () => {
  const { saving, kept, next } = world()
  saving.change({ a: '1', b: '1' }, 'now')
  const first = await next()
  saving.change({ b: '2' }, 'soon')
  first.reject(new Error('The disk is full'))
  await vi.waitFor(() => expect(saving.store.getState().problem).not.toBeNull())
  expect(saving.store.getState().edit).toEqual({ a: '1', b: '2' })
  const again = saving.flush()
  ;(await next()).resolve()
  expect(await again).toBe(true)
  expect(kept).toEqual([{ a: '1', b: '2' }])
})

it('forgets what is discarded', async () => {
  const { saving, kept } = world()
  saving.change({ a: '1' }, 'soon')
  saving.discard()
  expect(await saving.flush()).toBe(true)
  expect(kept).toEqual([])
})
