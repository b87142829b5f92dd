import { useEffect, useEffectEvent, useState } from 'react'
import { useStore } from 'zustand'
import { on } from '../../app/bridge.ts'
import { type Aim, photoAddingOf } from './photo-adding.ts'

/** Adds photos to a visit. `onAdded` resolves once the photo is shown. */
export function useAddPhotos(visitId: string, onAdded: () => Promise<void>) {
  const adding = photoAddingOf(visitId)
  const { pending, refused } = useStore(adding.store)
  const { add, addFiles, settle, dismiss, discard } = adding
  const added = useEffectEvent(onAdded)
  useEffect(() => adding.follow(() => added()), [adding])
  return {
    /** How many are being drawn and kept for this, at this moment. */
    pendingOf: (aims: (aim: Aim) => boolean) => pending.filter(aims).length,
    refused,
    add,
    addFiles,
    settle,
    dismiss,
    discard,
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
