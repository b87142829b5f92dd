import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { PhotoError } from '#common/rules/image-bytes'
import type { DrawnPhoto } from '../../app/draw-photo.ts'
import { useSession } from '../../app/session.ts'
import { createPhotoAdding, photoAddingOf } from './photo-adding.ts'

const file = (name: string) => ({ name }) as File
const shelf = { purpose: 'shelf' } as const
const bill = { purpose: 'question', questionId: 'q1' } as const
const photo = {} as DrawnPhoto
const asked = vi.fn()

beforeEach(() => {
  asked.mockReset()
  asked.mockResolvedValue({ ok: true, value: { id: 'p1' } })
  vi.stubGlobal('window', { fieldbook: { ask: asked } })
})
afterEach(() => vi.unstubAllGlobals())

/** Files that are drawn when they are told to. */
function world() {
  const waiting = new Map<string, PromiseWithResolvers<DrawnPhoto>>()
  const adding = createPhotoAdding('v1', ({ name }) => {
    const drawn = Promise.withResolvers<DrawnPhoto>()
    waiting.set(name, drawn)
    return drawn.promise
  })
  const draw = (name: string) =>
    vi.waitFor(() => waiting.get(name) ?? Promise.reject(new Error(`No ${name}`)))
  return { adding, draw, waiting }
}

it('photos are pending until the last one is kept and shown, one after the other', async () => {
  const { adding, draw, waiting } = world()
  const shown = Promise.withResolvers<void>()
  adding.follow(() => shown.promise)
  void adding.addFiles(shelf, [file('a'), file('b')])
  const settled = vi.fn()
  void adding.settle().then(settled)
  ;(await draw('a')).resolve(photo)
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1))
  expect(adding.store.getState().pending).toHaveLength(2)
  expect(waiting.has('b')).toBe(false)
  shown.resolve()
  ;(await draw('b')).resolve(photo)
  await vi.waitFor(() => expect(settled).toHaveBeenCalledWith(null))
  expect(asked).toHaveBeenCalledTimes(2)
  expect(adding.store.getState()).toEqual({ pending: [], refused: [] })
})

it('who waits for them hears of the first that was refused, and not of those before', async () => {
  const { adding, draw } = world()
  void adding.addFiles(bill, [file('a')])
  ;(await draw('a')).reject(new PhotoError('size'))
  expect(await adding.settle()).toMatchObject({ name: 'a', questionId: 'q1' })
  expect(await adding.settle()).toBeNull()
  void adding.addFiles(shelf, [file('b')])
  const settled = adding.settle()
  asked.mockResolvedValue({ ok: false, problem: { message: 'The disk is full.' } })
  ;(await draw('b')).resolve(photo)
  expect(await settled).toMatchObject({ name: 'b', message: 'The disk is full.', questionId: null })
  expect(adding.store.getState().refused.map(({ name }) => name)).toEqual(['a', 'b'])
})

it('one from the camera is waited for too, and is refused to whoever took it', async () => {
  const { adding } = world()
  const answer = Promise.withResolvers<unknown>()
  asked.mockReturnValue(answer.promise)
  const added = adding.add(shelf, photo)
  const settled = adding.settle()
  expect(adding.store.getState().pending).toHaveLength(1)
  answer.resolve({ ok: false, problem: { message: 'The disk is full.' } })
  await expect(added).rejects.toThrow('The disk is full.')
  expect(await settled).toBeNull()
  expect(adding.store.getState()).toEqual({ pending: [], refused: [] })
})

it('of more files than there is room for, those that have room are added, and the others named', async () => {
  const { adding, draw } = world()
  void adding.addFiles(bill, [file('a'), file('b'), file('c')], 1)
  expect(adding.store.getState().pending).toHaveLength(1)
  ;(await draw('a')).resolve(photo)
  await adding.settle()
  expect(asked).toHaveBeenCalledTimes(1)
  expect(adding.store.getState().refused).toMatchObject([{ name: '2 files', count: 2, questionId: 'q1' }])
})

it('those that wait are not added once they are discarded', async () => {
  const { adding, draw, waiting } = world()
  void adding.addFiles(shelf, [file('a'), file('b')])
  const first = await draw('a')
  adding.discard()
  expect(adding.store.getState().pending).toEqual([])
  first.reject(new PhotoError('damaged'))
  expect(await adding.settle()).toBeNull()
  expect(waiting.has('b')).toBe(false)
})

it('a visit is gone on with where it was left, and forgotten when somebody else signs in', () => {
  const adding = photoAddingOf('v1')
  void adding.addFiles(bill, [file('a')], 0)
  expect(photoAddingOf('v1').store.getState().refused).toHaveLength(1)
  useSession.setState({ user: { id: 'somebody else' } as never })
  expect(photoAddingOf('v1').store.getState().refused).toEqual([])
})
