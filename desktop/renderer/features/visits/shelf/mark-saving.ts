import type { LocalPhoto } from '#desktop/bridge/field'
import { ask } from '../../../app/bridge.ts'
import { createSaving } from '../saving.ts'
import type { VisitReading } from '../visit-reading.ts'
import type { Marks } from './marking.ts'

/** Saves what is marked on the photos of a visit as it is drawn. */
export const createMarkSaving = (reading: VisitReading) =>
  createSaving<Readonly<Record<string, Marks>>>(
    async (edit) => {
      for (const [id, marks] of Object.entries(edit)) await ask('photos.mark', { id, ...marks })
      await reading.reload()
    },
    (before, after) => ({ ...before, ...after }),
  )

export type MarkSaving = ReturnType<typeof createMarkSaving>

/** What is marked on a photo as it is kept. */
export const marksOf = ({ shelf, quadrants }: LocalPhoto): Marks => ({
  shelf,
  quadrants: quadrants.map(({ id, brandId, polygon }) => ({ id, brandId, polygon })),
})
