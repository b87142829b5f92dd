import { create } from 'zustand'
import type { Answer } from '#desktop/bridge/channels'
import type { Crash } from '#desktop/bridge/support'
import { ask, on } from './bridge.ts'

interface Support {
  open: boolean
  /** What stopped, until the person has seen it. */
  crash: Crash | null
  /** The proxy that waits for a name and a password. */
  asking: Answer<'proxy.read'>['asking']
}

export const useSupport = create<Support>(() => ({ open: false, crash: null, asking: null }))

const set = useSupport.setState

export const showSupport = (open = true) => set({ open })

export function dismissCrash() {
  set({ crash: null })
  ask('support.dismissCrash', {}).catch(() => {})
}

/** Follows what main tells; answers how to stop. */
export function connectSupport(): () => void {
  const stops = [
    on('support.crashed', ({ crash }) => set({ crash })),
    on('proxy.changed', ({ asking }) => set({ asking })),
    on('menu.chosen', ({ command }) => command === 'support' && showSupport()),
  ]
  ask('support.crash', {}).then(
    ({ crash }) => set({ crash }),
    () => {},
  )
  ask('proxy.read', {}).then(
    ({ asking }) => set({ asking }),
    () => {},
  )
  return () => stops.forEach((stop) => stop())
}
