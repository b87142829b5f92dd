import { create } from 'zustand'
import type { Position } from '#common/contract/visits'
import { useSession } from '../../app/session.ts'

/** Where this device is, as far as its system says. */
export interface Place {
  /** What the person is told while there is no position. */
  state: 'unknown' | 'asking' | 'known' | 'denied' | 'unavailable' | 'timeout'
  /** The last one there was; while it is asked for again, the device may be elsewhere. */
  position: Position | null
  /** When the device was there, in milliseconds. */
  measuredAt: number
}

/** Milliseconds. */
const timeLimit = 10_000
const freshFor = 60_000

export const usePlace = create<Place>(() => ({ state: 'unknown', position: null, measuredAt: 0 }))

const isFresh = ({ position, measuredAt }: Place) => position !== null && Date.now() - measuredAt < freshFor

/** The device has yet to say where it is. */
export const isWaiting = ({ state }: Place) => state === 'unknown' || state === 'asking'

const reasons: Record<number, Place['state']> = { 1: 'denied', 2: 'unavailable', 3: 'timeout' }

let asking: Promise<void> | null = null

/** Asks the system where the device is; one that is being asked already is not asked again. */
export function findPlace(): Promise<void> {
  if (!isFresh(usePlace.getState())) usePlace.setState({ state: 'asking' })
  asking ??= new Promise<void>((done) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy }, timestamp }) => {
        const within = Math.min(Math.round(accuracy * 10) / 10, 100_000)
        usePlace.setState({
          state: 'known',
          position: { latitude, longitude, accuracy: within, source: 'device' },
          measuredAt: timestamp,
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

/** Where the device is now: what it said a while ago counts no longer, and its answer is waited for. */
export async function placeNow(): Promise<Position | null> {
  const place = usePlace.getState()
  if (isWaiting(place) || (place.position && !isFresh(place))) await findPlace()
  return usePlace.getState().position
}

useSession.subscribe(({ user }, before) => {
  if (user?.id !== before.user?.id) usePlace.setState(usePlace.getInitialState(), true)
})
