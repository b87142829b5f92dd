import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createReading } from './visit-reading.ts'

const own = { visit: { id: 'v1' } }
const whole = { visit: { id: 'v1' }, photos: [] }
const offline = { code: 'SERVICE_UNAVAILABLE', message: 'The server cannot be reached.' }
const done = (value: unknown) => ({ ok: true, value })
const failed = (problem: unknown) => ({ ok: false, problem })

const answers = { 'visits.open': done({ open: own }), 'visits.read': done(whole) } as Record<string, unknown>

beforeEach(() => {
  Object.assign(answers, { 'visits.open': done({ open: own }), 'visits.read': done(whole) })
  vi.stubGlobal('window', { fieldbook: { ask: async (name: string) => answers[name] } })
})
afterEach(() => vi.unstubAllGlobals())

async function ownReading() {
  const reading = createReading('v1')
  await reading.reload()
  expect(reading.store.getState()).toEqual({ own, others: null, problem: null })
  return reading
}

it('a visit that is gone from this device is no longer one’s own, whether or not the server can be asked', async () => {
  const reading = await ownReading()
  answers['visits.open'] = done({ open: null })
  answers['visits.read'] = failed(offline)
  await reading.reload()
  expect(reading.store.getState()).toEqual({ own: null, others: null, problem: offline })
  answers['visits.read'] = done(whole)
  await reading.reload()
  expect(reading.store.getState()).toEqual({ own: null, others: whole, problem: null })
})

it('a visit that could not be read again stays as it was, beside the reason', async () => {
  const reading = await ownReading()
  answers['visits.open'] = failed(offline)
  await reading.reload()
  expect(reading.store.getState()).toEqual({ own, others: null, problem: offline })
})
