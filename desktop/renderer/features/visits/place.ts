import { create } from 'zustand'
import type { Position } from '#common/contract/visits'

/** Where this device is, as far as its system says. */
export interface Place {
  /** What the person is told while there is no position. */
  state: 'unknown' | 'asking' | 'known' | 'denied' | 'unavailable' | 'timeout'
  position: Position | null
}

/** Milliseconds. */
const timeLimit = 10_000
const freshFor = 60_000

export const usePlace = create<Place>(() => ({ state: 'unknown', position: null }))

const reasons: Record<number, Place['state']> = { 1: 'denied', 2: 'unavailable', 3: 'timeout' }

let asking: Promise<void> | null = null

/** Asks the system where the device is; one that is being asked already is not asked again. */
export function findPlace(): Promise<void> {
  asking ??= new Promise<void>((done) => {
    usePlace.setState(({ position }) => ({ state: position ? 'known' : 'asking' }))
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) => {
        const within = Math.min(Math.round(accuracy * 10) / 10, 100_000)
        usePlace.setState({
          state: 'known',
          position: { latitude, longitude, accuracy: within, source: 'device' },
        })
        done()
      },
      ({ code }) => {
        usePlace.setState({ state: reasons[code] ?? 'unavailable', position: null })
        done()
      },
      { timeout: timeLimit, maximumAge: freshFor, enableHighAccuracy: true },
    )
  }).finally(() => {
    asking = null
  })
  return asking
}
