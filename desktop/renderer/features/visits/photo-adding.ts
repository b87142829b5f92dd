import { createStore } from 'zustand'
import type { PhotoPurpose } from '#common/contract/photos'
import { PhotoError } from '#common/rules/image-bytes'
import { ask, problemOf } from '../../app/bridge.ts'
import { type DrawnPhoto, drawFile } from '../../app/draw-photo.ts'
import { useSession } from '../../app/session.ts'

/** What a photo that is added is of. */
export type Aim = { purpose: Exclude<PhotoPurpose, 'question'> } | { purpose: 'question'; questionId: string }

const questionOf = (aim: Aim) => ('questionId' in aim ? aim.questionId : null)

/** Files that were not added, and why. */
export interface Refused {
  key: number
  /** What they are called: the file, or how many files there are. */
  name: string
  count: number
  message: string
  questionId: string | null
}

interface AddingState {
  /** Photos that are being drawn and kept, or wait for that. */
  pending: readonly Aim[]
  refused: readonly Refused[]
}

/** Why a picture could not be drawn or kept, in words for the person. */
export const whyNotAdded = (error: unknown): string =>
  error instanceof PhotoError ? error.message : problemOf(error).message

let keys = 0

/**
 * Adds photos to a visit, files one after the other; one that is refused does not keep the others from being added. It
 * outlives the page of the visit: adding goes on without it, and what was refused is there when somebody comes back.
 */
export function createPhotoAdding(visitId: string, draw: (file: File) => Promise<DrawnPhoto> = drawFile) {
  const store = createStore<AddingState>(() => ({ pending: [], refused: [] }))
  const followers = new Set<() => Promise<void>>()
  const running = new Set<Promise<unknown>>()
  let queue: Promise<unknown> = Promise.resolve()
  let discards = 0

  const refuse = (aim: Aim, files: readonly File[], message: string) => {
    const count = files.length
    const name = count === 1 ? files[0]!.name : `${count} files`
    const refused = { key: ++keys, name, count, message, questionId: questionOf(aim) }
    store.setState((before) => ({ refused: [...before.refused, refused] }))
  }
  const begin = (aims: readonly Aim[]) =>
    store.setState(({ pending }) => ({ pending: [...pending, ...aims] }))
  const end = (aim: Aim) =>
    store.setState(({ pending }) => ({ pending: pending.filter((each) => each !== aim) }))
  const keep = async (aim: Aim, photo: DrawnPhoto) => {
    await ask('photos.add', { visitId, purpose: aim.purpose, questionId: questionOf(aim), ...photo })
    await Promise.all([...followers].map((follower) => follower()))
  }
  const run = async <T>(work: Promise<T>): Promise<T> => {
    running.add(work)
    try {
      return await work
    } finally {
      running.delete(work)
    }
  }
  return {
    store,
    /** Calls `onAdded` after each photo, which counts as added once that resolves; answers how to stop. */
    follow(onAdded: () => Promise<void>) {
      followers.add(onAdded)
      return () => void followers.delete(onAdded)
    },
    /** Adds one that is drawn already; rejects where it is refused. */
    async add(aim: Aim, photo: DrawnPhoto) {
      const mine = { ...aim }
      begin([mine])
      await run(keep(mine, photo).finally(() => end(mine)))
    },
    /** Adds files, of which there is room for `room`. */
    async addFiles(aim: Aim, files: readonly File[], room = files.length) {
      const left = Math.max(0, room)
      const over = files.slice(left)
      if (over.length > 0) refuse(aim, over, 'The question takes no more photos')
      const entries = files.slice(0, left).map((file) => ({ file, mine: { ...aim } }))
      begin(entries.map(({ mine }) => mine))
      const from = discards
      queue = queue.then(async () => {
        for (const { file, mine } of entries) {
          if (from !== discards) return
          try {
            await keep(mine, await draw(file))
          } catch (error) {
            if (from === discards) refuse(mine, [file], whyNotAdded(error))
          }
          end(mine)
        }
      })
      await run(queue)
    },
    /** Waits until nothing is being added; answers with the first that was refused meanwhile. */
    async settle(): Promise<Refused | null> {
      const before = store.getState().refused
      while (running.size > 0) await Promise.allSettled(running)
      return store.getState().refused.find((each) => !before.includes(each)) ?? null
    },
    dismiss: (key: number) =>
      store.setState(({ refused }) => ({ refused: refused.filter((each) => each.key !== key) })),
    /** Adds none of those that wait. */
    discard() {
      discards++
      store.setState({ pending: [] })
    },
  }
}

type PhotoAdding = ReturnType<typeof createPhotoAdding>

const addings = new Map<string, PhotoAdding>()

/** How photos are added to this visit, as long as the same person is signed in. */
export function photoAddingOf(visitId: string): PhotoAdding {
  const adding = addings.get(visitId) ?? createPhotoAdding(visitId)
  addings.set(visitId, adding)
  return adding
}

useSession.subscribe(({ user }, before) => {
  if (user?.id === before.user?.id) return
  for (const adding of addings.values()) adding.discard()
  addings.clear()
})
