import { useEffect, useEffectEvent, useState } from 'react'
import type { PhotoPurpose } from '#common/contract/photos'
import { PhotoError } from '#common/rules/image-bytes'
import { ask, on, problemOf } from '../../app/bridge.ts'
import { type DrawnPhoto, drawFile } from '../../app/draw-photo.ts'

/** What a photo that is added is of. */
export type Aim = { purpose: Exclude<PhotoPurpose, 'question'> } | { purpose: 'question'; questionId: string }

/** A file that was not added, and why. */
export interface Refused {
  key: number
  name: string
  message: string
  questionId: string | null
}

let keys = 0

/**
 * Adds photos to a visit one after the other; a file that is refused does not keep the others from being added. `onAdded`
 * resolves once the photo is shown.
 */
export function useAddPhotos(visitId: string, onAdded: () => Promise<void>) {
  const [pending, setPending] = useState<readonly Aim[]>([])
  const [refused, setRefused] = useState<readonly Refused[]>([])
  const add = async (aim: Aim, photo: DrawnPhoto) => {
    const questionId = 'questionId' in aim ? aim.questionId : null
    await ask('photos.add', { visitId, purpose: aim.purpose, questionId, ...photo })
    await onAdded()
  }
  const addFiles = async (aim: Aim, files: readonly File[]) => {
    const queue = files.map(() => ({ ...aim }))
    setPending((before) => [...before, ...queue])
    for (const [index, file] of files.entries()) {
      try {
        await add(aim, await drawFile(file))
      } catch (error) {
        const message = error instanceof PhotoError ? error.message : problemOf(error).message
        const questionId = 'questionId' in aim ? aim.questionId : null
        setRefused((before) => [...before, { key: ++keys, name: file.name, message, questionId }])
      }
      setPending((before) => before.filter((each) => each !== queue[index]))
    }
  }
  return {
    /** How many are being drawn and kept for this, at this moment. */
    pendingOf: (aims: (aim: Aim) => boolean) => pending.filter(aims).length,
    refused,
    dismiss: (key: number) => setRefused((before) => before.filter((each) => each.key !== key)),
    add,
    addFiles,
  }
}

export type AddPhotos = ReturnType<typeof useAddPhotos>

/** How much of each photo that is being sent has arrived, from 0 to 1. `onSettled` when one is no longer being sent. */
export function usePhotoProgress(visitId: string, onSettled: () => void): ReadonlyMap<string, number> {
  const [parts, setParts] = useState<ReadonlyMap<string, number>>(new Map())
  const settled = useEffectEvent(onSettled)
  useEffect(
    () =>
      on('photo.changed', (told) => {
        if (told.visitId !== visitId) return
        const isSending = told.state === 'sending'
        setParts((before) => {
          const next = new Map(before)
          if (isSending) next.set(told.id, told.received / told.size)
          else next.delete(told.id)
          return next
        })
        if (!isSending) settled()
      }),
    [visitId],
  )
  return parts
}
