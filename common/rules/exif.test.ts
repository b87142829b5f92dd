import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { orientationOf, takenOf } from './exif.ts'
import { type Entry, exifBlock, type ExifWish, joined, tiffBlock } from './test/pictures.ts'

const nothing = { takenAt: null, latitude: null, longitude: null }
const takenAt = (written: string, offset?: string) =>
  takenOf(exifBlock(offset === undefined ? { takenAt: written } : { takenAt: written, offset })).takenAt
const brussels: ExifWish = {
  orientation: 8,
  takenAt: '2026:03:02 09:30:00',
  offset: '+01:00',
  latitude: 50.8501,
  longitude: 4.3517,
}

test('is read in both byte orders', () => {
  for (const order of ['II', 'MM'] as const) {
    const block = exifBlock({ ...brussels, order })
    expect(orientationOf(block)).toBe(8)
    expect(takenOf(block)).toEqual({
      takenAt: '2026-03-02T09:30:00+01:00',
      latitude: expect.closeTo(50.8501, 6) as number,
      longitude: expect.closeTo(4.3517, 6) as number,
    })
  }
})

test('an orientation is 1 to 8, and upright when it is none', () => {
  const orientations = [0, 1, 5, 8, 9].map((orientation) => orientationOf(exifBlock({ orientation })))
  expect(orientations).toEqual([1, 1, 5, 8, 1])
  expect(orientationOf(exifBlock({}))).toBe(1)
  expect(orientationOf(tiffBlock({ top: [[0x0112, 'long', [6]]] }))).toBe(1)
  expect(orientationOf(tiffBlock({ top: [[0x0112, 'short', [6, 6]]] }))).toBe(1)
})

test('a time is there when it is one', () => {
  expect(takenAt('2024:02:29 23:59:59')).toBe('2024-02-29T23:59:59')
  expect(takenAt('2026:03:02 09:30:00', '-04:30')).toBe('2026-03-02T09:30:00-04:30')
  for (const offset of ['+15:00', '+01:60', '01:00', 'Z', '']) {
    expect(takenAt('2026:03:02 09:30:00', offset)).toBe('2026-03-02T09:30:00')
  }
  for (const written of [
    '0000:00:00 00:00:00',
    '0000:01:01 00:00:00',
    '2026:02:30 09:30:00',
    '2026:13:01 09:30:00',
    '2026:03:02 24:00:00',
    '2026:03:02 09:60:00',
    '+012026-03-02T09:30:00',
    '    :  :     :  :  ',
    'yesterday',
    '2026:03:02 09:30:00 and much more of it than anybody wants to read',
    '',
  ]) {
    expect(takenAt(written, '+01:00')).toBe(null)
  }
})

describe('a place', () => {
  const place = (gps: Entry[]) => {
    const { latitude, longitude } = takenOf(tiffBlock({ top: [], gps }))
    return latitude === null && longitude === null ? null : [latitude, longitude]
  }
  const at = (north: number[], east: number[], sides = 'NE') =>
    place([
      [1, 'text', sides[0]!],
      [2, 'rational', north],
      [3, 'text', sides[1]!],
      [4, 'rational', east],
    ])
  const one = [1, 1, 0, 1, 0, 1]

  test('is on the side it says', () => {
    expect(at([50, 1, 30, 1, 36, 1], [4, 1, 15, 1, 0, 1])).toEqual([50.51, 4.25])
    expect(at(one, one, 'SW')).toEqual([-1, -1])
    expect(at([0, 1, 0, 1, 0, 1], [0, 1, 0, 1, 0, 1], 'SW')).toEqual([0, 0])
    expect(at([90, 1, 0, 1, 0, 1], [180, 1, 0, 1, 0, 1])).toEqual([90, 180])
    expect(at([303, 2, 0, 1, 0, 1].with(0, 101), one)).toEqual([50.5, 1])
  })

  test('is absent when a part of it is missing or makes no sense', () => {
    expect(at(one, one, 'XE')).toBe(null)
    expect(at(one, one, 'EN')).toBe(null)
    expect(at([50, 0, 30, 1, 0, 1], one)).toBe(null)
    expect(at([50, 1, 30, 1, 0, 0], one)).toBe(null)
    expect(at([90, 1, 0, 1, 1, 1], one)).toBe(null)
    expect(at(one, [181, 1, 0, 1, 0, 1])).toBe(null)
    expect(at([1, 1, 61, 1, 0, 1], one)).toBe(null)
    expect(at([1, 1, 0, 1, 61, 1], one)).toBe(null)
    expect(at([1, 1, 0, 1], one)).toBe(null)
    expect(
      place([
        [1, 'text', 'N'],
        [2, 'rational', one],
      ]),
    ).toBe(null)
    expect(
      place([
        [2, 'rational', one],
        [4, 'rational', one],
      ]),
    ).toBe(null)
  })
})

describe('a hostile block', () => {
  const block = exifBlock({ ...brussels, order: 'MM' })
  /** The block with another number at this place. */
  const pointed = (place: number, value: number) => {
    const copy = Uint8Array.from(block)
    new DataView(copy.buffer).setUint32(place, value)
    return copy
  }
  const farAway = [0, 1, 8, block.length - 1, block.length, 0x7fffffff, 0xffffffff]

  test('says nothing where it points outside, at itself or at too much', () => {
    // The first list; then, of it, the count of the orientation and where the other two lists are.
    for (const value of farAway.filter((far) => far !== 8))
      expect(takenOf(pointed(4, value))).toEqual(nothing)
    for (const value of [0, 2, 0xffffffff]) expect(orientationOf(pointed(14, value))).toBe(1)
    for (const value of farAway) expect(takenOf(pointed(30, value)).takenAt).toBe(null)
    for (const value of farAway) expect(takenOf(pointed(42, value)).latitude).toBe(null)
    // Where the time is written, and how long it is.
    for (const value of [block.length - 19, 0xffffffff])
      expect(takenOf(pointed(510, value)).takenAt).toBe(null)
    for (const value of [0, 33, 0xffffffff]) expect(takenOf(pointed(506, value)).takenAt).toBe(null)
  })

  test('is none without its beginning', () => {
    for (const wrong of [
      joined(),
      joined('MM\0*'),
      joined('XX', block.subarray(2)),
      joined('II', block.subarray(2)),
    ]) {
      expect(orientationOf(wrong)).toBe(1)
      expect(takenOf(wrong)).toEqual(nothing)
    }
    expect(orientationOf(joined('MM\0+', block.subarray(4)))).toBe(1)
  })

  test('is read to its end even when it says to have more', () => {
    const copy = block.slice(0, 100)
    new DataView(copy.buffer).setUint16(8, 0xffff)
    expect(orientationOf(copy)).toBe(8)
  })

  test('never throws, however it is changed', () => {
    const blocks = fc.constantFrom(exifBlock(brussels), exifBlock({ ...brussels, order: 'II' }))
    const change = fc.tuple(fc.oneof(fc.nat(60), fc.nat({ max: 1200 })), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(
        blocks,
        fc.array(change, { maxLength: 12 }),
        fc.nat({ max: 2000 }),
        (bytes, changes, length) => {
          const copy = bytes.slice(0, length)
          for (const [at, value] of changes) if (at < length) copy[at] = value
          const { latitude, longitude } = takenOf(copy)
          const isPlace = Math.abs(latitude ?? 0) <= 90 && Math.abs(longitude ?? 0) <= 180
          return isPlace && orientationOf(copy) >= 1 && orientationOf(copy) <= 8
        },
      ),
      { numRuns: 500 },
    )
  })
})
