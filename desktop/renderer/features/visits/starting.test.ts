import { afterEach, expect, it, vi } from 'vitest'
import { startOnceSettled } from './starting.ts'

const visit = { siteId: 's1', shopId: null, surveyId: null, visitType: 'routine', timezone: 'UTC' } as const

afterEach(() => vi.unstubAllGlobals())

it.each([
  ['is started when it is known where', true, 'v1', 1],
  ['that was cancelled meanwhile is not started', false, null, 0],
])('a visit %s', async (_, isWanted, id, times) => {
  const asked = vi.fn(async () => ({ ok: true, value: { id: 'v1' } }))
  vi.stubGlobal('window', { fieldbook: { ask: asked } })
  const place = Promise.withResolvers<null>()
  let wanted = true
  const started = startOnceSettled(
    visit,
    () => place.promise,
    () => wanted,
  )
  wanted = isWanted
  place.resolve(null)
  expect(await started).toBe(id)
  expect(asked).toHaveBeenCalledTimes(times)
})
