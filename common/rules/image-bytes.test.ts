import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxPictureBytes, maxPictureSide, pictureTypes } from '#common/contract/pictures'
import {
  assertClean,
  maxPhotoPixels,
  PhotoError,
  readPhotoBytes,
  readTaken,
  withoutExtras,
} from './image-bytes.ts'
import {
  canvasProfile,
  exifBlock,
  joined,
  jpegOfSize,
  pngChunk,
  pngHeader,
  pngMagic,
  realJpeg,
  realLosslessWebp,
  realProgressiveJpeg,
  realRestartingJpeg,
  realWebp,
  tinyJpeg,
  tinyPng,
  webpCanvas,
  webpChunk,
  webpOf,
  webpPicture,
  withExif,
  withSegment,
} from './test/pictures.ts'

function refusal(read: () => unknown): PhotoError['reason'] | null {
  try {
    read()
    return null
  } catch (error) {
    if (error instanceof PhotoError) return error.reason
    throw error
  }
}
const reason = (...parts: Parameters<typeof joined>) => refusal(() => readPhotoBytes(joined(...parts)))
/** These bytes with those from `at` on replaced. */
const patched = (bytes: Uint8Array, at: number, ...values: number[]) => {
  const copy = Uint8Array.from(bytes)
  copy.set(values, at)
  return copy
}
/** One segment of a colour profile, of so many. */
const profileSegment = (bytes: Uint8Array, part = 1, count = 1) =>
  joined('ICC_PROFILE\0', [part, count], bytes)
/** A profile of a megabyte, sound but for that. */
function tooLong(): Uint8Array[] {
  const whole = joined(canvasProfile, new Uint8Array(2 ** 20 - canvasProfile.length))
  const [step, sized] = [2 ** 15, patched(whole, 0, 0, 0x10, 0, 0)]
  return Array.from({ length: 32 }, (_, n) =>
    profileSegment(sized.subarray(n * step, (n + 1) * step), n + 1, 32),
  )
}
const clean = { hasMetadata: false, orientation: 1 }
const exif = { orientation: 6, takenAt: '2026:03:02 09:30:00', latitude: 50.8501, longitude: 4.3517 }
const bigWebp = webpOf(webpCanvas(3, 2), webpPicture)
const samples = [
  realJpeg,
  realProgressiveJpeg,
  realRestartingJpeg,
  withExif(realJpeg, exif),
  tinyPng({ chunks: [pngChunk('eXIf', exifBlock(exif))] }),
  realWebp,
  realLosslessWebp,
  webpOf(webpCanvas(3, 2, 8), webpPicture, webpChunk('EXIF', exifBlock(exif))),
]

describe('a whole picture', () => {
  test('is known by what is in it', () => {
    const jpeg = { type: 'image/jpeg', width: 8, height: 8, ...clean }
    expect(readPhotoBytes(realJpeg)).toEqual(jpeg)
    expect(readPhotoBytes(realProgressiveJpeg)).toEqual(jpeg)
    expect(readPhotoBytes(realRestartingJpeg)).toEqual({ ...jpeg, width: 24 })
    expect(readPhotoBytes(tinyJpeg({ width: 4000, height: 3000 }))).toEqual({
      ...jpeg,
      width: 4000,
      height: 3000,
    })
    const small = { width: 3, height: 2, ...clean }
    expect(readPhotoBytes(tinyPng())).toEqual({ type: 'image/png', ...small })
    for (const webp of [realWebp, realLosslessWebp, bigWebp]) {
      expect(readPhotoBytes(webp)).toEqual({ type: 'image/webp', ...small })
    }
    expect(pictureTypes).toEqual(['image/jpeg', 'image/png', 'image/webp'])
  })

  test('is found inside a larger buffer', () => {
    const inside = joined('before', realJpeg, 'after').subarray(6, 6 + realJpeg.length)
    expect(readPhotoBytes(inside).width).toBe(8)
  })

  test('may have any size and number of pixels up to the limits', () => {
    expect(reason(jpegOfSize(maxPictureBytes))).toBe(null)
    expect(reason('\xff\xd8\xff', new Uint8Array(maxPictureBytes - 2))).toBe('size')
    expect(reason(tinyJpeg({ width: maxPictureSide, height: maxPhotoPixels / maxPictureSide }))).toBe(null)
    expect(reason(tinyJpeg({ width: maxPictureSide + 1, height: 1 }))).toBe('pixels')
    expect(reason(tinyJpeg({ width: 10_001, height: 10_000 }))).toBe('pixels')
  })

  test('made for a test is another for every seed', () => {
    expect(jpegOfSize(5000, 1)).not.toEqual(jpegOfSize(5000, 2))
    expect(jpegOfSize(5000, 1)).toEqual(jpegOfSize(5000, 1))
    expect(() => jpegOfSize(100)).toThrow()
  })
})

test('too many pixels are told from the header alone', () => {
  const jpeg = tinyJpeg({ width: 50_000, height: 50_000 })
  const frame = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xc0)
  expect(reason(jpeg.subarray(0, frame + 13))).toBe('pixels')
  expect(reason(pngMagic, pngHeader(50_000, 50_000))).toBe('pixels')
  expect(reason(webpOf(webpCanvas(50_000, 50_000), webpPicture).subarray(0, 30))).toBe('pixels')
  expect(reason(patched(realWebp, 26, 0xff, 0x3f, 0xff, 0x3f).subarray(0, 30))).toBe('pixels')
  expect(reason(patched(realLosslessWebp, 21, 0xff, 0xff, 0xff, 0x1f).subarray(0, 30))).toBe('pixels')
})

test('what is no photo is refused with the kinds that are', () => {
  for (const bytes of [
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '<!doctype html><script>alert(1)</script>',
    'GIF89a\x01\0\x01\0',
    '%PDF-1.7',
    '\0\0\0\x18ftypheic\0\0\0\0mif1heic',
    'RIFF\x24\0\0\0WAVEfmt ',
    'XXXX\x2a\0\0\0WEBPVP8 ',
    'BM',
    'Dear Sir',
  ]) {
    expect(reason(bytes)).toBe('type')
  }
  expect(() => readPhotoBytes(joined('GIF89a'))).toThrow(/Choose a JPEG, PNG or WebP picture$/)
  expect(reason(joined('text', new Uint8Array(maxPictureBytes)))).toBe('type')
  expect(reason('')).toBe('empty')
})

test('every beginning of a picture is truncated, or too short to be known', () => {
  for (const sample of samples) {
    const told = Array.from(sample.keys(), (length) => reason(sample.subarray(0, length)))
    expect(new Set(told.slice(0, 16))).toEqual(new Set(['empty', 'truncated', 'type']))
    expect(new Set(told.slice(16))).toEqual(new Set(['truncated']))
  }
})

test('nobody can keep a reader busy with empty parts', () => {
  const many = (part: Uint8Array) => joined(...Array.from({ length: 50_001 }, () => part))
  const comments = many(joined([0xff, 0xfe, 0, 2]))
  expect(reason([0xff, 0xd8], comments, realJpeg.subarray(2))).toBe('damaged')
  expect(reason(tinyPng({ chunks: [many(pngChunk('pHYs'))] }))).toBe('damaged')
  expect(reason(webpOf(webpCanvas(3, 2), many(webpChunk('what', '')), webpPicture))).toBe('damaged')
})

test('nothing may stand behind a picture, another picture least of all', () => {
  for (const sample of samples) {
    expect(reason(sample, '\0')).toBe('trailing')
    expect(reason(sample, 'PK\x03\x04')).toBe('trailing')
    expect(reason(sample, realJpeg)).toBe('trailing')
  }
})

describe('a JPEG', () => {
  const frameAt = realJpeg.findIndex((byte, at) => byte === 0xff && realJpeg[at + 1] === 0xc0)
  const scanAt = realJpeg.findIndex((byte, at) => byte === 0xff && realJpeg[at + 1] === 0xda)
  const frame = realJpeg.subarray(frameAt, frameAt + 13)
  const scan = realJpeg.subarray(scanAt, -2)
  const beforeScan = realJpeg.subarray(0, scanAt)

  test('carries metadata in all but its plain segments', () => {
    const icc = profileSegment(canvasProfile)
    const adobe = 'Adobe\0\x64\0\0\0\0\x01'
    const jfif = 'JFIF\0\x01\x01\0\0\x01\0\x01\0\0'
    const isMarked = (marker: number, body: Uint8Array | string) => {
      const photo = readPhotoBytes(withSegment(realJpeg, marker, body))
      expect(refusal(() => assertClean(photo))).toBe(photo.hasMetadata ? 'metadata' : null)
      return photo.hasMetadata
    }
    expect([isMarked(0xe0, jfif), isMarked(0xe2, icc), isMarked(0xee, adobe)]).toEqual([false, false, false])
    expect(readPhotoBytes(withExif(realJpeg, {})).hasMetadata).toBe(true)
    for (const [marker, body] of [
      [0xe0, `JFXX\0\x10${'thumbnail'}`],
      [0xe0, `${jfif.slice(0, -2)}\x01\x01abc`],
      [0xe0, `${jfif}hidden`],
      [0xe0, `${jfif.slice(0, -2)}\x01\x01`],
      [0xe1, 'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>'],
      [0xe2, 'MPF\0II*\0'],
      [0xe2, jfif],
      [0xeb, 'JP\0'],
      [0xed, 'Photoshop 3.0\0'],
      [0xee, `${adobe}hidden`],
      [0xee, 'Other\0\x64\0\0\0\0\x01'],
      [0xef, ''],
      [0xfe, 'made by Ana'],
    ] as const) {
      expect(isMarked(marker, body)).toBe(true)
    }
    // Between two scans as well.
    const late = joined(beforeScan, scan, [0xff, 0xfe, 0, 4, 65, 66], scan, [0xff, 0xd9])
    expect(readPhotoBytes(late).hasMetadata).toBe(true)
  })

  test('has a colour profile, and nothing in its name', () => {
    const marked = (...segments: Uint8Array[]) =>
      readPhotoBytes(
        // Each is put in front.
        segments.reverse().reduce((jpeg, segment) => withSegment(jpeg, 0xe2, segment), realJpeg),
      ).hasMetadata
    const [half, rest] = [canvasProfile.subarray(0, 200), canvasProfile.subarray(200)]
    expect(marked(profileSegment(canvasProfile))).toBe(false)
    expect(marked(profileSegment(half, 1, 2), profileSegment(rest, 2, 2))).toBe(false)
    for (const [what, ...segments] of [
      ['text in its place', profileSegment(joined('%PDF-1.7', 'x'.repeat(200), '<script>alert(1)</script>'))],
      ['text behind it', profileSegment(joined(canvasProfile, '%PDF-1.7'))],
      ['less than it says', profileSegment(canvasProfile.subarray(0, -1))],
      ['another signature', profileSegment(patched(canvasProfile, 36, 0x41))],
      ['a table that is longer than it', profileSegment(patched(canvasProfile, 128, 0xff))],
      ['a place outside of it', profileSegment(patched(canvasProfile, 136, 0xff))],
      ['a part that is longer than it', profileSegment(patched(canvasProfile, 140, 0, 0, 2))],
      ['a table inside a part', profileSegment(patched(canvasProfile, 138, 0, 128))],
      ['a header alone', profileSegment(patched(canvasProfile.subarray(0, 131), 2, 0, 131))],
      ['nothing', profileSegment(new Uint8Array())],
      ['a second one', profileSegment(canvasProfile), profileSegment(canvasProfile)],
      ['the wrong order', profileSegment(half, 2, 2), profileSegment(rest, 1, 2)],
      ['a missing segment', profileSegment(canvasProfile, 1, 2)],
      ['too much', ...tooLong()],
    ] as [string, ...Uint8Array[]][])
      expect(marked(...segments), what).toBe(true)
  })

  test('has one frame of a kind everybody can show', () => {
    for (const kind of [0xc0, 0xc1, 0xc2]) expect(reason(patched(realJpeg, frameAt + 1, kind))).toBe(null)
    for (const kind of [0xc3, 0xc5, 0xc7, 0xc8, 0xc9, 0xca, 0xcc, 0xcf]) {
      expect(reason(patched(realJpeg, frameAt + 1, kind))).toBe('type')
    }
    expect(reason(patched(realJpeg, frameAt + 4, 12))).toBe('type')
    expect(reason(beforeScan, frame, scan, [0xff, 0xd9])).toBe('damaged')
    expect(reason(tinyJpeg({ width: 0 }))).toBe('damaged')
    expect(reason(tinyJpeg({ height: 0 }))).toBe('damaged')
    expect(reason(patched(realJpeg, frameAt + 9, 3))).toBe('damaged')
    const coloured = (components: number) => {
      const fields = [8, 0, 8, 0, 8, components, ...Array<number>(3 * components).fill(1)]
      return reason([0xff, 0xd8, 0xff, 0xc0, 0, fields.length + 2], fields, scan, [0xff, 0xd9])
    }
    expect([0, 1, 2, 3, 4, 5].filter((components) => coloured(components) === null)).toEqual([1, 3, 4])
  })

  test('has a scan, behind its frame, and not more than it could need', () => {
    expect(reason(beforeScan, [0xff, 0xd9])).toBe('damaged')
    expect(reason([0xff, 0xd8], scan, frame, [0xff, 0xd9])).toBe('damaged')
    const scans = (count: number) =>
      reason(beforeScan, ...Array.from({ length: count }, () => scan), [0xff, 0xd9])
    expect(scans(100)).toBe(null)
    expect(scans(101)).toBe('damaged')
    const scanOf = (components: number, longer = 0) => {
      const fields = [components, ...Array<number>(2 * components + 3 + longer).fill(0)]
      return reason(beforeScan, [0xff, 0xda, 0, fields.length + 2], fields, [0xff, 0xd9])
    }
    expect([0, 1, 2, 3, 4, 5].filter((components) => scanOf(components) === null)).toEqual([1, 2, 3, 4])
    expect(scanOf(1, 1)).toBe('damaged')
  })

  test('is made of well-formed segments only', () => {
    const withMarker = (...bytes: number[]) => reason([0xff, 0xd8], [0xff, ...bytes], realJpeg.subarray(2))
    // Filling before a marker is allowed, here and in a scan.
    expect(withMarker()).toBe(null)
    expect(reason(beforeScan, scan, [0xff, 0xff, 0xd9])).toBe(null)
    for (const marker of [0x00, 0x01, 0x02, 0xd0, 0xd8, 0xdc, 0xde, 0xf0]) {
      expect(withMarker(marker, 0, 2)).toBe('damaged')
    }
    for (const length of [0, 1]) expect(withMarker(0xfe, 0, length)).toBe('damaged')
    expect(withMarker(0xfe, 0, 2, 0x41)).toBe('damaged')
    expect(withMarker(0xfe, 0, 2, 0xfe, 0xfe, 0, 2)).toBe('damaged')
    expect(withMarker(0xfe, 0xff, 0xff)).toBe('truncated')
    expect(reason([0xff, 0xd8, 0xff, 0xd9])).toBe('damaged')
  })
})

describe('a PNG', () => {
  const [data, end] = [pngChunk('IDAT', 'x'), pngChunk('IEND')]
  const start = joined(pngMagic, pngHeader(3, 2))

  test('carries metadata in all but its plain chunks', () => {
    const isMarked = (name: string, body = 'body') =>
      readPhotoBytes(tinyPng({ chunks: [pngChunk(name, body)] })).hasMetadata
    for (const name of ['PLTE', 'tRNS', 'gAMA', 'pHYs']) expect(isMarked(name)).toBe(false)
    for (const name of ['iCCP', 'eXIf', 'tEXt', 'zTXt', 'iTXt', 'tIME', 'prVt'])
      expect(isMarked(name)).toBe(true)
    expect(readPhotoBytes(joined(start, data, pngChunk('tEXt', 'a'), end)).hasMetadata).toBe(true)
  })

  test('has sound chunks in their order', () => {
    const png = tinyPng()
    const flipped = Array.from(png, (byte, at) => reason(patched(png, at, byte ^ 1)))
    expect(flipped).not.toContain(null)
    expect(reason(patched(png, png.length - 1, 0))).toBe('damaged')
    expect(reason(start, data, data, end)).toBe(null)
    expect(reason(start, data, pngChunk('pHYs'), data, end)).toBe('damaged')
    expect(reason(start, pngHeader(3, 2), data, end)).toBe('damaged')
    expect(reason(start, end)).toBe('damaged')
    expect(reason(start, data, pngChunk('IEND', 'x'))).toBe('damaged')
    expect(reason(pngMagic, data, pngHeader(3, 2), end)).toBe('damaged')
    expect(reason(start, pngChunk('ABCD'), data, end)).toBe('damaged')
    expect(reason(start, pngChunk('a1cd'), data, end)).toBe('damaged')
    const header = pngHeader(3, 2).subarray(8, 21)
    const headed = (name: string, ...body: (Uint8Array | string)[]) =>
      reason(pngMagic, pngChunk(name, joined(...body)), data, end)
    expect([headed('IHDR', header), headed('IHDR', patched(header, 12, 1))]).toEqual([null, null])
    expect([headed('IHDR', header, '\0'), headed('iHDR', header)]).toEqual(['damaged', 'damaged'])
    for (const at of [10, 11, 12]) expect(headed('IHDR', patched(header, at, 2))).toBe('damaged')
    expect(reason(pngMagic, pngHeader(0, 2), data, end)).toBe('damaged')
    expect(reason(pngMagic, pngHeader(3, 2, 4, 2), data, end)).toBe('damaged')
    expect(reason(pngMagic, pngHeader(3, 2, 8, 5), data, end)).toBe('damaged')
  })

  test('does not move', () => {
    for (const name of ['acTL', 'fcTL', 'fdAT', 'CgBI']) {
      expect(reason(tinyPng({ chunks: [pngChunk(name)] }))).toBe('type')
    }
  })
})

describe('a WebP', () => {
  test('carries metadata in all but its plain chunks', () => {
    const hasMore = (...chunks: Uint8Array[]) => readPhotoBytes(webpOf(...chunks)).hasMetadata
    const alpha = 0x10
    const isMarked = (name: string) => hasMore(webpCanvas(3, 2, alpha), webpChunk(name, 'odd'), webpPicture)
    expect(isMarked('ALPH')).toBe(false)
    for (const name of ['ICCP', 'EXIF', 'XMP ', 'what']) expect(isMarked(name), name).toBe(true)
    const profile = webpChunk('ICCP', canvasProfile)
    expect(hasMore(webpCanvas(3, 2), profile, webpPicture)).toBe(false)
    expect(hasMore(webpCanvas(3, 2), profile, profile, webpPicture)).toBe(true)
    // Transparency where there is none, twice, and behind the picture.
    const transparency = webpChunk('ALPH', 'odd')
    expect(hasMore(webpCanvas(3, 2), transparency, webpPicture)).toBe(true)
    expect(hasMore(webpCanvas(3, 2, alpha), transparency, transparency, webpPicture)).toBe(true)
    expect(hasMore(webpCanvas(3, 2, alpha), webpPicture, transparency)).toBe(true)
  })

  test('has one picture, as large as it says', () => {
    expect(reason(webpOf(webpCanvas(3, 3), webpPicture))).toBe('damaged')
    const lossless = realLosslessWebp.subarray(12)
    for (const second of [webpPicture, lossless]) {
      expect(reason(webpOf(webpPicture, second))).toBe('damaged')
    }
    const canvas = webpCanvas(3, 2).subarray(8)
    expect(reason(webpOf(webpChunk('VP8X', joined(canvas, '\0\0')), webpPicture))).toBe('damaged')
    // What is missing is not read out of the next chunk.
    expect(reason(webpOf(webpChunk('VP8 ', webpPicture.subarray(8, 16)), webpChunk('what', '')))).toBe(
      'damaged',
    )
    expect(reason(webpOf(webpChunk('VP8L', lossless.subarray(8, 12)), webpChunk('\x01hat', '')))).toBe(
      'damaged',
    )
    expect(reason(webpOf(webpCanvas(3, 2)))).toBe('damaged')
    expect(reason(webpOf(webpPicture, webpCanvas(3, 2)))).toBe('damaged')
    expect(reason(webpOf(webpPicture, joined('what')))).toBe('truncated')
    expect(reason(patched(realWebp, 26, 0, 0))).toBe('damaged')
    expect(reason(patched(realWebp, 23, 0))).toBe('damaged')
    expect(reason(patched(realWebp, 20, 0x71))).toBe('damaged')
    expect(reason(patched(realLosslessWebp, 20, 0x2e))).toBe('damaged')
    expect(reason(patched(realLosslessWebp, 24, 0x20))).toBe('damaged')
    expect(reason(patched(realWebp, 16, 0x20))).toBe('damaged')
    expect(reason(patched(realWebp, 4, 0x2c))).toBe('truncated')
    expect(reason(patched(realWebp, 4, 0x28))).toBe('damaged')
  })

  test('does not move', () => {
    expect(reason(webpOf(webpCanvas(3, 2, 0x02), webpPicture))).toBe('type')
    expect(reason(webpOf(webpCanvas(3, 2), webpChunk('ANIM', 'ABCDEF'), webpPicture))).toBe('type')
  })
})

test('how it is turned, when and where it was taken is read from each kind', () => {
  const block = exifBlock(exif)
  for (const picture of [
    withExif(realJpeg, exif),
    tinyPng({ chunks: [pngChunk('eXIf', block)] }),
    webpOf(webpCanvas(3, 2, 8), webpPicture, webpChunk('EXIF', block)),
    webpOf(webpCanvas(3, 2, 8), webpPicture, webpChunk('EXIF', joined('Exif\0\0', block))),
  ]) {
    expect(readPhotoBytes(picture)).toMatchObject({ hasMetadata: true, orientation: 6 })
    const { takenAt, latitude, longitude } = readTaken(picture)
    expect(takenAt).toBe('2026-03-02T09:30:00')
    expect([latitude, longitude]).toEqual([expect.closeTo(50.8501, 6), expect.closeTo(4.3517, 6)])
  }
  expect(readTaken(realJpeg)).toEqual({ takenAt: null, latitude: null, longitude: null })
  expect(refusal(() => readTaken(joined('text')))).toBe('type')
  const turned = (marker: number, body: Uint8Array | string) =>
    readPhotoBytes(withSegment(withExif(realJpeg, { orientation: 3 }), marker, body)).orientation
  expect(turned(0xe1, 'http://ns.adobe.com/xap/1.0/\0')).toBe(3)
  expect(turned(0xe3, joined('Exif\0\0', block))).toBe(3)
  // Of two blocks the first one counts.
  expect(readPhotoBytes(withExif(withExif(realJpeg, { orientation: 3 }), exif)).orientation).toBe(6)
})

describe('whatever the bytes', () => {
  /** Reads them; only a PhotoError may come out of it. */
  const reads = (bytes: Uint8Array) => {
    for (const read of [readPhotoBytes, readTaken]) refusal(() => read(bytes))
  }
  const sample = fc.constantFrom(...samples)
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }))

  test('noise is read or refused', () => {
    const magic = fc.constantFrom('\xff\xd8\xff', '\x89PNG\r\n\x1a\n', 'RIFF\xff\0\0\0WEBPVP8X', '')
    fc.assert(
      fc.property(magic, fc.uint8Array({ maxLength: 300 }), (start, rest) => reads(joined(start, rest))),
    )
  })

  test('pictures with bytes changed, taken out or put in are read or refused', () => {
    fc.assert(
      fc.property(
        sample,
        fc.array(change, { maxLength: 8 }),
        fc.nat(),
        fc.nat(),
        (bytes, changes, cut, to) => {
          const copy = Uint8Array.from(bytes)
          for (const [at, value] of changes) copy[at % copy.length] = value
          const from = cut % copy.length
          reads(copy)
          reads(joined(copy.subarray(0, from), copy.subarray(to % copy.length)))
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('what a camera wrote', () => {
  test.each([
    ['another picture', realJpeg],
    ['a film', joined(new Uint8Array([0, 0, 0, 24]), new TextEncoder().encode('ftypmp42 and so on'))],
    ['nothing', new Uint8Array()],
  ])('is taken without %s behind it', (_, extra) => {
    expect(withoutExtras(joined(realJpeg, extra))).toEqual(realJpeg)
  })

  test.each(['<html>', 'PK\u0003\u0004', '%PDF'])('is refused with %s behind it', (extra) => {
    const file = joined(realJpeg, new TextEncoder().encode(extra))
    expect(() => withoutExtras(file)).toThrow(expect.objectContaining({ reason: 'trailing' }))
  })
})
