import { expect, it } from 'vitest'
import type { OpenVisit } from '#desktop/bridge/field'
import { evidenceOf } from './evidence.ts'

it('a photo answers its question, unless the server refused it', () => {
  const photo = (questionId: string | null, isRefused = false) => ({ questionId, isRefused })
  const photos = [photo('q1'), photo('q1'), photo(null), photo('q2', true)]
  const open = { visit: { answers: { q3: true } }, photos } as unknown as OpenVisit
  expect(evidenceOf(open)).toEqual({ answers: { q3: true }, photos: new Map([['q1', 2]]) })
})
