import { crc32, deflateSync } from 'node:zlib'

/** Small pictures, made by hand or by a camera's rules, for whoever needs one to send, keep or refuse. */

const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))
const latin = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))

/** These behind one another; of a text each character is a byte. */
export function joined(...parts: (Uint8Array | string | number[])[]): Uint8Array<ArrayBuffer> {
  const all = parts.map((part) =>
    typeof part === 'string' ? latin(part) : Array.isArray(part) ? Uint8Array.from(part) : part,
  )
  return new Uint8Array(Buffer.concat(all))
}

/** 8 × 8 shades of grey, baseline; any decoder shows it. */
export const realJpeg = fromBase64(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H////6/+b9//j/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABf/EABcQAAMBAAAAAAAAAAAAAAAAAAACA2H/2gAIAQEAAD8APSOH/9k=',
)
/** 8 × 8 in six scans. */
export const realProgressiveJpeg = fromBase64(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////////////////////////////////wgALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAf/aAAgBAQAAAAE//8QAFRABAQAAAAAAAAAAAAAAAAAAAAL/2gAIAQEAAQUCl//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEABj8Cf//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAT8hf//aAAgBAQAAABB//8QAFRABAQAAAAAAAAAAAAAAAAAAAEH/2gAIAQEAAT8Qh//Z',
)
/** 24 × 8 with restart markers. */
export const realRestartingJpeg = fromBase64(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////////////////////////////////wAALCAAIABgBAREA/8QAFgAAAwAAAAAAAAAAAAAAAAAAAgME/8QAFRABAQAAAAAAAAAAAAAAAAAAAAL/3QAEAAH/2gAIAQEAAD8Alh//0Bh//9F0P//Z',
)
/** 3 × 2, lossy. */
export const realWebp = fromBase64('UklGRioAAABXRUJQVlA4IB4AAABwAQCdASoDAAIABABoJYwCdAFAAAD+8UzeD7mEAAA=')
/** 3 × 2, lossless. */
export const realLosslessWebp = fromBase64(
  'UklGRjYAAABXRUJQVlA4TCoAAAAvAkAAAC8gEEgy2B9zm3kgkLRx79/58x8YzE4yUMg2Ahy6F+QMLqL/8aw=',
)

/** The colour profile (sRGB) that Chromium puts into what a canvas gives as JPEG or WebP. */
export const canvasProfile = fromBase64(
  'AAAByAAAAAAEMAAAbW50clJHQiBYWVogB+AAAQABAAAAAAAAYWNzcAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAPbWAAEAAAAA0y0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAJZGVzYwAAAPAAAAAkclhZWgAAARQAAAAUZ1hZWgAAASgAAAAUYlhZWgAAATwAAAAUd3RwdAAAAVAAAAAUclRSQwAAAWQAAAAoZ1RSQwAAAWQAAAAoYlRSQwAAAWQAAAAoY3BydAAAAYwAAAA8bWx1YwAAAAAAAAABAAAADGVuVVMAAAAIAAAAHABzAFIARwBCWFlaIAAAAAAAAG+iAAA49QAAA5BYWVogAAAAAAAAYpkAALeFAAAY2lhZWiAAAAAAAAAkoAAAD4QAALbPWFlaIAAAAAAAAPbWAAEAAAAA0y1wYXJhAAAAAAAEAAAAAmZmAADypwAADVkAABPQAAAKWwAAAAAAAAAAbWx1YwAAAAAAAAABAAAADGVuVVMAAAAgAAAAHABHAG8AbwBnAGwAZQAgAEkAbgBjAC4AIAAyADAAMQA2',
)

const endOfImage = [0xff, 0xd9]

export interface JpegWish {
  width?: number
  height?: number
  /** In bytes, exactly. */
  size?: number
  /** Which of the many of this size. */
  seed?: number
}

/** Structurally a JPEG; what it shows is noise, and a decoder may complain of it. */
export function tinyJpeg({
  width = 8,
  height = 8,
  size = 200,
  seed = 0,
}: JpegWish = {}): Uint8Array<ArrayBuffer> {
  const afterHead = Buffer.from(realJpeg).indexOf('ffda', 'hex') + 10
  const bytes = new Uint8Array(size)
  if (size < afterHead + endOfImage.length) throw new Error(`No JPEG is as small as ${size} bytes`)
  bytes.set(realJpeg.subarray(0, afterHead))
  const frame = Buffer.from(realJpeg).indexOf('ffc0', 'hex')
  bytes.set([height >> 8, height, width >> 8, width], frame + 5)
  let noise = Math.imul(seed + 1, 0x9e3779b1)
  for (let at = afterHead; at < size - 2; at++) {
    noise = (Math.imul(noise, 1664525) + 1013904223) | 0
    // Never 0xff, with which markers begin.
    bytes[at] = (noise >>> 24) & 0x7f
  }
  bytes.set(endOfImage, size - endOfImage.length)
  return bytes
}

export const jpegOfSize = (size: number, seed = 0) => tinyJpeg({ size, seed })

/** A JPEG with this segment right behind its start. */
export function withSegment(jpeg: Uint8Array, marker: number, body: Uint8Array | string) {
  const length = body.length + 2
  return joined(jpeg.subarray(0, 2), [0xff, marker, length >> 8, length & 0xff], body, jpeg.subarray(2))
}

export interface ExifWish {
  orientation?: number
  /** As EXIF writes it: `2026:03:02 09:30:00`. */
  takenAt?: string
  /** Such as `+01:00`. */
  offset?: string
  latitude?: number
  longitude?: number
  order?: 'II' | 'MM'
}

export const withExif = (jpeg: Uint8Array, wish: ExifWish) =>
  withSegment(jpeg, 0xe1, joined('Exif\0\0', exifBlock(wish)))

export function exifBlock({
  orientation,
  takenAt,
  offset,
  latitude,
  longitude,
  order,
}: ExifWish): Uint8Array {
  const side = (angle: number, sides: string) => sides[angle < 0 ? 1 : 0]!
  return tiffBlock(
    {
      top: orientation === undefined ? [] : [[0x0112, 'short', [orientation]]],
      details: [
        ...(takenAt === undefined ? [] : [[0x9003, 'text', takenAt] satisfies Entry]),
        ...(offset === undefined ? [] : [[0x9011, 'text', offset] satisfies Entry]),
      ],
      gps: [
        ...placed(1, latitude, latitude === undefined ? '' : side(latitude, 'NS')),
        ...placed(3, longitude, longitude === undefined ? '' : side(longitude, 'EW')),
      ],
    },
    order,
  )
}

function placed(tag: number, angle: number | undefined, side: string): Entry[] {
  if (angle === undefined) return []
  const tenThousandths = Math.round(Math.abs(angle) * 3600 * 10_000)
  const minutes = Math.floor(tenThousandths / 600_000)
  const parts = [Math.floor(minutes / 60), 1, minutes % 60, 1, tenThousandths % 600_000, 10_000]
  return [
    [tag, 'text', side],
    [tag + 1, 'rational', parts],
  ]
}

/** Of rationals, dividends and divisors in turn. */
export type Entry =
  | [tag: number, kind: 'text', value: string]
  | [tag: number, kind: 'short' | 'long' | 'rational', value: number[]]

const kinds = {
  text: { code: 2, size: 1 },
  short: { code: 3, size: 2 },
  long: { code: 4, size: 4 },
  rational: { code: 5, size: 4 },
}

/** An EXIF block of these lists, right or wrong. */
export function tiffBlock(
  { top, details = [], gps = [] }: { top: Entry[]; details?: Entry[]; gps?: Entry[] },
  order: 'II' | 'MM' = 'MM',
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2000)
  const view = new DataView(bytes.buffer)
  const isLittle = order === 'II'
  const u16 = (at: number, value: number) => view.setUint16(at, value, isLittle)
  const u32 = (at: number, value: number) => view.setUint32(at, value, isLittle)
  const detailsAt = 500
  const gpsAt = 1000
  bytes.set(latin(order))
  u16(2, 42)
  u32(4, 8)
  const write = (list: Entry[], start: number) => {
    u16(start, list.length)
    let spare = start + 2 + 12 * list.length + 4
    for (const [index, [tag, kind, value]] of list.entries()) {
      const entry = start + 2 + 12 * index
      const values = typeof value === 'string' ? [...latin(`${value}\0`)] : value
      const { code, size } = kinds[kind]
      u16(entry, tag)
      u16(entry + 2, code)
      u32(entry + 4, kind === 'rational' ? values.length / 2 : values.length)
      let at = entry + 8
      if (values.length * size > 4) {
        u32(at, spare)
        at = spare
        spare += values.length * size
      }
      const put = { 1: (to: number, one: number) => view.setUint8(to, one), 2: u16, 4: u32 }[size]!
      values.forEach((one, place) => put(at + place * size, one))
    }
  }
  write([...top, [0x8769, 'long', [detailsAt]], [0x8825, 'long', [gpsAt]]], 8)
  write(details, detailsAt)
  write(gps, gpsAt)
  return bytes
}

export function pngChunk(name: string, body: Uint8Array | string = ''): Uint8Array<ArrayBuffer> {
  const named = Buffer.from(joined(name, body))
  const chunk = Buffer.alloc(named.length + 8)
  chunk.writeUInt32BE(body.length)
  chunk.set(named, 4)
  chunk.writeUInt32BE(crc32(named), named.length + 4)
  return Uint8Array.from(chunk)
}

export const pngMagic = latin('\x89PNG\r\n\x1a\n')

export function pngHeader(width: number, height: number, depth = 8, colour = 2): Uint8Array<ArrayBuffer> {
  const body = Buffer.alloc(13)
  body.writeUInt32BE(width)
  body.writeUInt32BE(height, 4)
  body.set([depth, colour], 8)
  return pngChunk('IHDR', body)
}

/** A black picture any decoder shows, with these chunks between header and data. */
export function tinyPng({
  width = 3,
  height = 2,
  chunks = [] as Uint8Array[],
} = {}): Uint8Array<ArrayBuffer> {
  const data = pngChunk('IDAT', deflateSync(Buffer.alloc(height * (1 + 3 * width))))
  return joined(pngMagic, pngHeader(width, height), ...chunks, data, pngChunk('IEND'))
}

export function webpChunk(name: string, body: Uint8Array | number[] | string): Uint8Array<ArrayBuffer> {
  const { length } = body
  return joined(name, [length, length >> 8, length >> 16, length >> 24], body, length & 1 ? [0] : [])
}

export function webpOf(...chunks: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const inside = joined('WEBP', ...chunks)
  return webpChunk('RIFF', inside)
}

/** The header that says what else is in a WebP file. */
export function webpCanvas(width: number, height: number, flags = 0): Uint8Array<ArrayBuffer> {
  const [w, h] = [width - 1, height - 1]
  return webpChunk('VP8X', [flags, 0, 0, 0, w, w >> 8, w >> 16, h, h >> 8, h >> 16])
}

/** What is in `realWebp`: its one chunk. */
export const webpPicture = realWebp.slice(12)
