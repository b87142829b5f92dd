import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useSession } from '../../app/session.ts'
import { findPlace, placeNow, usePlace } from './place.ts'

type Found = (position: { coords: object; timestamp: number }) => void

let ask: ReturnType<typeof vi.fn<(found: Found, failed: (error: { code: number }) => void) => void>>

/** The device says that it is at this latitude. */
const answer = (latitude: number, timestamp = Date.now()) =>
  ask.mock.lastCall![0]({ coords: { latitude, longitude: 13, accuracy: 5 }, timestamp })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  ask = vi.fn()
  vi.stubGlobal('navigator', { geolocation: { getCurrentPosition: ask } })
  usePlace.setState(usePlace.getInitialState(), true)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function at(latitude: number) {
  const found = findPlace()
  answer(latitude)
  await found
}

it('a place that was just measured is taken at once', async () => {
  await at(52)
  vi.setSystemTime(Date.now() + 59_000)
  expect(await placeNow()).toMatchObject({ latitude: 52, source: 'device' })
  expect(ask).toHaveBeenCalledTimes(1)
})

it('a place of a while ago is waited for anew', async () => {
  await at(52)
  vi.setSystemTime(Date.now() + 60_000)
  const now = placeNow()
  expect(usePlace.getState().state).toBe('asking')
  answer(53)
  expect(await now).toMatchObject({ latitude: 53 })
})

it('a place of a while ago is not waited for as if it were known while the device is asked already', async () => {
  await at(52)
  vi.setSystemTime(Date.now() + 30_000)
  void findPlace()
  expect(usePlace.getState().state).toBe('known')
  vi.setSystemTime(Date.now() + 30_000)
  const now = placeNow()
  answer(53)
  expect(await now).toMatchObject({ latitude: 53 })
  expect(ask).toHaveBeenCalledTimes(2)
})

it('no place is known where the device does not find it again', async () => {
  await at(52)
  vi.setSystemTime(Date.now() + 60_000)
  const now = placeNow()
  ask.mock.lastCall![1]({ code: 3 })
  expect(await now).toBeNull()
  expect(usePlace.getState().state).toBe('timeout')
  expect(await placeNow()).toBeNull()
  expect(ask).toHaveBeenCalledTimes(2)
})

it('whoever signs in next is not where the one before was', async () => {
  await at(52)
  useSession.setState({ user: { id: 'somebody else' } as never })
  expect(usePlace.getState()).toMatchObject({ state: 'unknown', position: null })
})
