import { createStore } from 'zustand'
import type { LocalPhoto } from '#desktop/bridge/field'
import { ask } from '../../../app/bridge.ts'
import { createSaving } from '../saving.ts'
import type { VisitReading } from '../visit-reading.ts'
import { type Marks, problemsOf } from './marking.ts'

export const isSameMarks = (a: Marks, b: Marks) => JSON.stringify(a) === JSON.stringify(b)

/** By photo what is marked on it, and what was when that was begun. */
type MarkEdit = Readonly<Record<string, { marks: Marks; opened?: Marks }>>

/** Both as one, which began where the first of them did. */
const merged = (before: MarkEdit, after: MarkEdit): MarkEdit => ({
  ...before,
  ...Object.fromEntries(
    Object.entries(after).map(([id, edit]) => [id, { ...(before[id] ?? edit), marks: edit.marks }]),
  ),
})

/** Saves what is marked on the photos of a visit as it is drawn, except for what cannot or must not be kept yet. */
export function createMarkSaving(reading: VisitReading) {
  const saving = createSaving<MarkEdit>(async (edit) => {
    for (const [id, { marks, ...began }] of Object.entries(edit))
      await ask('photos.mark', { id, ...marks, ...began })
    await reading.reload()
  }, merged)
  /** What was marked on photos when the drawing that is not kept was begun. */
  const begun = new Map<string, Marks>()
  const begin = (photoId: string) => {
    const photo = reading.store.getState().own?.photos.find(({ id }) => id === photoId)
    const seen = saving.store.getState().edit?.[photoId]?.marks ?? (photo && marksOf(photo))
    if (seen && !begun.has(photoId)) begun.set(photoId, seen)
  }
  const unkept = createStore<Readonly<Record<string, Marks>>>(() => ({}))
  const forget = (photoId: string) => {
    begun.delete(photoId)
    const { [photoId]: mine, ...others } = unkept.getState()
    if (mine) unkept.setState(others, true)
  }
  const keep = (photoId: string, marks: Marks, when: 'soon' | 'now') => {
    const opened = begun.get(photoId)
    forget(photoId)
    saving.change({ [photoId]: { marks, ...(opened && { opened }) } }, when)
  }
  return {
    saving,
    /** What is drawn and not kept, by photo: a shape is wrong, or the person has yet to say that it is to be kept. */
    unkept,
    /** What is drawn on a photo differs from what is kept there. It is kept, unless it `waits` for the person's word. */
    draw(photoId: string, marks: Marks, waits: boolean) {
      begin(photoId)
      if (!waits && problemsOf(marks).size === 0) return keep(photoId, marks, 'soon')
      if (unkept.getState()[photoId] !== marks) unkept.setState({ [photoId]: marks })
    },
    /** Nothing is drawn on a photo but what is kept there. */
    forget,
    /** Keeps what waits for the person's word on these photos; what is wrong, and what waits on others, still waits. */
    keepUnkept(photoIds: readonly string[]) {
      for (const [photoId, marks] of Object.entries(unkept.getState()))
        if (photoIds.includes(photoId) && problemsOf(marks).size === 0) keep(photoId, marks, 'now')
    },
    discard() {
      begun.clear()
      unkept.setState({}, true)
      saving.discard()
    },
  }
}

export type MarkSaving = ReturnType<typeof createMarkSaving>

/** What is marked on a photo as it is kept. */
export const marksOf = ({ shelf, quadrants }: LocalPhoto): Marks => ({
  shelf,
  quadrants: quadrants.map(({ id, brandId, polygon }) => ({ id, brandId, polygon })),
})
