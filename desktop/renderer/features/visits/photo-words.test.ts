import { describe, expect, it } from 'vitest'
import type { LocalPhoto } from '#desktop/bridge/field'
import { photoFacts, smallAddresses, stateWords } from './photo-words.ts'
import { sizeWords } from '../../ui/visit-labels.ts'

describe('the words of a photo', () => {
  it.each([
    ['waiting', null, null, 'Waiting to be sent'],
    ['sending', null, 0.439, 'Sending 43 %'],
    ['sending', null, null, 'Sending'],
    ['sent', null, null, 'Sent'],
    ['stopped', 'The visit was cancelled', null, 'Stopped: The visit was cancelled'],
    ['missing', null, null, 'Missing on this device and on the server'],
  ] as const)('that is %s (%s, %s): %s', (state, problem, part, words) =>
    expect(stateWords({ state, problem }, part)).toBe(words),
  )

  it.each([
    [120, '1 kB'],
    [380_200, '380 kB'],
    [999_600, '1.0 MB'],
    [1_440_000, '1.4 MB'],
  ])('%d bytes are %s', (bytes, words) => expect(sizeWords(bytes)).toBe(words))

  it('say when and where it was taken, as far as that is known', () => {
    const photo = {
      width: 4000,
      height: 3000,
      size: 1_440_000,
      takenAt: null,
      latitude: null,
      longitude: null,
    }
    expect(photoFacts(photo as LocalPhoto, 'Europe/Berlin')).toEqual(['4000 × 3000', '1.4 MB'])
    const taken = { ...photo, takenAt: '2026-11-30T10:02:00.000Z', latitude: 52.5219, longitude: 13.4132 }
    expect(photoFacts(taken as LocalPhoto, 'Europe/Berlin')).toEqual([
      'Taken 30 Nov 2026, 11:02',
      '52.52190, 13.41320',
      '4000 × 3000',
      '1.4 MB',
    ])
  })
})

it.each([
  ['that waits to be sent', null, false, 1],
  ['that was sent with its small version', '2026-11-30T10:02:00.000Z', true, 1],
  ['that was sent without one', '2026-11-30T10:02:00.000Z', false, 2],
])(
  'a photo %s is looked for in small at as many addresses as may have it',
  (_, storedAt, hasThumbnail, count) =>
    expect(smallAddresses({ id: 'p1', storedAt, hasThumbnail })).toEqual(
      ['app://fieldbook/photo/p1/thumbnail', 'app://fieldbook/photo/p1'].slice(0, count),
    ),
)
