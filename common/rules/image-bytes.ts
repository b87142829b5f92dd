import { maxPictureBytes, maxPictureSide, type PictureType } from '../contract/pictures.ts'
import { orientationOf, type Taken, takenOf } from './exif.ts'

/**
 * What the bytes of a photo are, read from their container alone: no decoder may touch what was not looked at here.
 * What is allowed is listed, and everything else is refused or counts as metadata, so that a file cannot bring along
 * what nobody knows of.
 */

/** Width times height. */
export const maxPhotoPixels = 100_000_000

export interface PhotoBytes {
  type: PictureType
  /** As stored, before it is turned as `orientation` says. */
  width: number
  height: number
  /** Whether it holds more than the picture and its colours: where and when it was taken, a thumbnail, a comment. */
  hasMetadata: boolean
  /** 1 (upright) to 8, as in EXIF. */
  orientation: number
}

const messages = {
  type: 'This is not a picture that can be kept. Choose a JPEG, PNG or WebP picture',
  empty: 'This file is empty. Copy it once more, or choose another',
  truncated: 'The end of this picture is missing. Copy it once more, or choose another',
  trailing: 'This file holds more than a picture. Save the picture on its own, or choose another',
  size: `This picture has more than ${maxPictureBytes / 1024 / 1024} MB. Choose or make a smaller one`,
  pixels: 'This picture has too many pixels. Choose or make a smaller one',
  damaged: 'This picture is damaged. Copy it once more, or choose another',
  metadata: 'This picture says more than it shows, as where it was taken. Save it without its details',
}

/** Why a picture is refused, in words for whoever chose it. */
export class PhotoError extends Error {
  readonly reason: keyof typeof messages

  constructor(reason: keyof typeof messages) {
    super(messages[reason])
    this.name = 'PhotoError'
    this.reason = reason
  }
}

/**
 * Throws PhotoError, and nothing else, for what is not one whole picture from the first byte to the last. Too many
 * pixels are told from the header, before the rest is read.
 */
export function readPhotoBytes(bytes: Uint8Array): PhotoBytes {
  const { type, width, height, hasMetadata, exif } = walk(bytes)
  return { type, width, height, hasMetadata, orientation: exif ? orientationOf(exif) : 1 }
}

/** Throws PhotoError for a photo that holds more than its picture. */
export function assertClean(photo: PhotoBytes): void {
  if (photo.hasMetadata) throw new PhotoError('metadata')
}

/** When and where a photo was taken, by its own account; throws as `readPhotoBytes` does. */
export function readTaken(bytes: Uint8Array): Taken {
  const { exif } = walk(bytes)
  return exif ? takenOf(exif) : { takenAt: null, latitude: null, longitude: null }
}

/**
 * The picture alone of a file that a camera wrote: some put another picture or a short film behind it. Throws as
 * `readPhotoBytes` does, also for anything else that stands there.
 */
export function withoutExtras(bytes: Uint8Array): Uint8Array {
  const { end } = walkTo(bytes)
  const { says } = readerOf(bytes)
  if (end < bytes.length && !says('\xff\xd8\xff', end) && !says('ftyp', end + 4))
    throw new PhotoError('trailing')
  return bytes.subarray(0, end)
}

/** `end`: where it ends. */
type Container = Omit<PhotoBytes, 'orientation'> & { exif: Uint8Array | null; end: number }

function walk(bytes: Uint8Array): Container {
  const walked = walkTo(bytes)
  if (walked.end < bytes.length) throw new PhotoError('trailing')
  return walked
}

function walkTo(bytes: Uint8Array): Container {
  if (bytes.length === 0) throw new PhotoError('empty')
  const reader = readerOf(bytes)
  const walkIt = reader.says('\xff\xd8\xff', 0)
    ? walkJpeg
    : reader.says('\x89PNG\r\n\x1a\n', 0)
      ? walkPng
      : reader.says('RIFF', 0) && reader.says('WEBPVP8', 8)
        ? walkWebp
        : null
  if (!walkIt) throw new PhotoError('type')
  if (bytes.length > maxPictureBytes) throw new PhotoError('size')
  return walkIt(reader)
}

type Reader = ReturnType<typeof readerOf>

/** Segments or chunks: far more than any program writes, and soon looked at. */
const maxParts = 50_000

/** Numbers out of bytes; reading behind the last says that the picture is truncated. */
function readerOf(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let parts = 0
  const within = (at: number, length: number) => {
    if (at + length > bytes.length) throw new PhotoError('truncated')
    return at
  }
  return {
    bytes,
    within,
    /** Called once for each part, so that nobody can keep a reader busy with empty ones. */
    countPart: () => must(++parts <= maxParts),
    u8: (at: number) => view.getUint8(within(at, 1)),
    u16: (at: number) => view.getUint16(within(at, 2)),
    u32: (at: number) => view.getUint32(within(at, 4)),
    u16le: (at: number) => view.getUint16(within(at, 2), true),
    u24le: (at: number) => view.getUint16(within(at, 3), true) | (view.getUint8(at + 2) << 16),
    u32le: (at: number) => view.getUint32(within(at, 4), true),
    tag: (at: number) => String.fromCharCode(...bytes.subarray(within(at, 4), at + 4)),
    says: (text: string, at: number) => [...text].every((char, i) => bytes[at + i] === char.charCodeAt(0)),
  }
}

function must(sound: boolean): asserts sound {
  if (!sound) throw new PhotoError('damaged')
}

function sized(width: number, height: number) {
  must(width > 0 && height > 0)
  if (width > maxPictureSide || height > maxPictureSide || width * height > maxPhotoPixels) {
    throw new PhotoError('pixels')
  }
  return { width, height }
}

/** No camera or program writes more; each scan may cost a decoder the whole picture once more. */
const maxScans = 100

function walkJpeg(reader: Reader): Container {
  const { bytes, u8, u16 } = reader
  let size: ReturnType<typeof sized> | null = null
  let scans = 0
  let hasMetadata = false
  let exif: Uint8Array | null = null
  const profile: Uint8Array[] = []

  for (let at = 2; ;) {
    reader.countPart()
    must(u8(at) === 0xff)
    while (u8(at) === 0xff) at++
    const marker = u8(at++)
    if (marker === 0xd9) {
      must(scans > 0)
      hasMetadata ||= profile.length > 0 && !isProfileInParts(profile)
      return { type: 'image/jpeg', ...size!, hasMetadata, exif, end: at }
    }
    const length = u16(at)
    const body = at + 2
    const end = at + length
    reader.within(at, length)

    if (marker === 0xc0 || marker === 0xc1 || marker === 0xc2) {
      must(size === null)
      // Of more than 8 bits a colour, no browser shows anything.
      if (u8(body) !== 8) throw new PhotoError('type')
      size = sized(u16(body + 3), u16(body + 1))
      const components = u8(body + 5)
      must([1, 3, 4].includes(components) && length === 8 + 3 * components)
    } else if (marker === 0xda) {
      must(size !== null && ++scans <= maxScans)
      const components = u8(body)
      must(components >= 1 && components <= 4 && length === 6 + 2 * components)
      at = endOfScan(bytes, end)
      continue
    } else if (marker === 0xe2 && reader.says(profileName, body)) {
      profile.push(bytes.subarray(body + profileName.length, end))
    } else if (marker >= 0xe0 && marker <= 0xef) {
      hasMetadata ||= !isPlainSegment(reader, marker, body, length)
      if (marker === 0xe1 && reader.says('Exif\0', body)) exif ??= bytes.subarray(body + 6, end)
    } else if (marker === 0xfe) {
      hasMetadata = true
    } else if (marker > 0xc2 && marker < 0xd0 && marker !== 0xc4) {
      // Lossless, hierarchical or arithmetic: JPEG by name only.
      throw new PhotoError('type')
    } else {
      // Tables for the decoder. A marker without a segment has no place between segments.
      must(marker === 0xc4 || marker === 0xdb || marker === 0xdd)
    }
    at = end
  }
}

/** Where the marker stands that ends the entropy-coded data beginning at `at`. */
function endOfScan(bytes: Uint8Array, at: number): number {
  for (; at < bytes.length; at++) {
    if (bytes[at] !== 0xff) continue
    const marker = at
    while (bytes[at + 1] === 0xff) at++
    const code = bytes[at + 1]
    if (code === undefined) break
    const isRestart = code >= 0xd0 && code <= 0xd7
    if (code !== 0x00 && !isRestart) return marker
  }
  throw new PhotoError('truncated')
}

/** JFIF without thumbnail and Adobe's kind of colours: beside a colour profile all that a decoder needs of APPn. */
function isPlainSegment({ says, bytes }: Reader, marker: number, body: number, length: number): boolean {
  if (marker === 0xe0) return says('JFIF\0', body) && length === 16 && !bytes[body + 12] && !bytes[body + 13]
  return marker === 0xee && says('Adobe', body) && length === 14
}

const profileName = 'ICC_PROFILE\0'
/** Those of cameras and screens have a few hundred bytes, those of printers some hundred thousand. */
const maxProfileBytes = 512 * 1024

/** Whether each segment says which it is, of how many, and all of them are one profile. */
function isProfileInParts(parts: readonly Uint8Array[]): boolean {
  if (!parts.every(([part, count], index) => part === index + 1 && count === parts.length)) return false
  const size = parts.reduce((sum, part) => sum + part.length - 2, 0)
  if (size > maxProfileBytes) return false
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part.subarray(2), at)
    at += part.length - 2
  }
  return isProfile(whole)
}

/** Whether this is a colour profile (ICC.1) by its size, its signature and a table of what is in it. */
function isProfile(bytes: Uint8Array): boolean {
  const header = 128
  const entry = 12
  const tags = header + 4
  if (bytes.length < tags || bytes.length > maxProfileBytes) return false
  const { u32, says } = readerOf(bytes)
  const count = u32(header)
  if (u32(0) !== bytes.length || !says('acsp', 36) || tags + count * entry > bytes.length) return false
  return Array.from({ length: count }, (_, index) => tags + index * entry).every(
    (at) => u32(at + 4) >= tags + count * entry && u32(at + 4) + u32(at + 8) <= bytes.length,
  )
}

/** No iCCP: its profile is deflated, so that what is in it cannot be told from here. */
const pngPlain = new Set(
  'IHDR PLTE IDAT IEND tRNS cHRM gAMA sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs'.split(' '),
)
/** Bits a sample may have, by type of colour. */
const pngDepths: Record<number, number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
}

function walkPng(reader: Reader): Container {
  const { bytes, u8, u32, tag } = reader
  const header = 16
  must(u32(8) === 13 && tag(12) === 'IHDR')
  const size = sized(u32(header), u32(header + 4))
  must(pngDepths[u8(header + 9)]?.includes(u8(header + 8)) ?? false)
  must(u8(header + 10) === 0 && u8(header + 11) === 0 && u8(header + 12) <= 1)

  let hasMetadata = false
  let exif: Uint8Array | null = null
  let last = ''
  let hasData = false
  for (let at = 8; ;) {
    reader.countPart()
    const length = u32(at)
    const name = tag(at + 4)
    must(/^[A-Za-z]{4}$/.test(name))
    const body = at + 8
    const end = body + length
    must(u32(end) === crc32(bytes.subarray(at + 4, end)))
    at = end + 4

    // Moving pictures, and those only one maker's devices read.
    if (name === 'acTL' || name === 'fcTL' || name === 'fdAT' || name === 'CgBI') throw new PhotoError('type')
    if (name === 'IHDR') must(last === '')
    else if (name === 'IDAT') must(!hasData || last === 'IDAT')
    else if (!pngPlain.has(name)) {
      // A capital says that nobody can show the picture who does not know the chunk.
      must(/^[a-z]/.test(name))
      hasMetadata = true
      if (name === 'eXIf') exif ??= bytes.subarray(body, end)
    }
    hasData ||= name === 'IDAT'
    last = name
    if (name === 'IEND') {
      must(hasData && length === 0)
      return { type: 'image/png', ...size, hasMetadata, exif, end: at }
    }
  }
}

const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1
  return byte
})

function crc32(bytes: Uint8Array): number {
  let crc = -1
  for (let at = 0; at < bytes.length; at++) crc = crcTable[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

function walkWebp(reader: Reader): Container {
  const { u8, u16le, u24le, u32le, tag } = reader
  const whole = 8 + u32le(4)
  let canvas: ReturnType<typeof sized> | null = null
  let picture: ReturnType<typeof sized> | null = null
  let hasProfile = false
  let mayHaveAlpha = false
  let hasMetadata = false
  let exif: Uint8Array | null = null

  for (let at = 12; at < whole;) {
    reader.countPart()
    const name = tag(at)
    const length = u32le(at + 4)
    const body = at + 8
    const end = body + length
    must(end + (length & 1) <= whole)
    reader.within(body, Math.min(length, 10))
    if (name === 'VP8X') {
      must(at === 12 && length === 10)
      canvas = sized(u24le(body + 4) + 1, u24le(body + 7) + 1)
      if (u8(body) & 0x02) throw new PhotoError('type')
      mayHaveAlpha = (u8(body) & 0x10) !== 0
    } else if (name === 'VP8 ') {
      must(picture === null && length >= 10 && (u8(body) & 1) === 0 && reader.says('\x9d\x01\x2a', body + 3))
      picture = sized(u16le(body + 6) & 0x3fff, u16le(body + 8) & 0x3fff)
    } else if (name === 'VP8L') {
      must(picture === null && length >= 5 && u8(body) === 0x2f)
      const bits = u32le(body + 1)
      must(bits >>> 29 === 0)
      picture = sized((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1)
    } else if (name === 'ANIM' || name === 'ANMF') {
      throw new PhotoError('type')
    } else if (name === 'ICCP') {
      reader.within(body, length)
      hasMetadata ||= hasProfile || !isProfile(reader.bytes.subarray(body, end))
      hasProfile = true
    } else if (name === 'ALPH' && mayHaveAlpha && picture === null) {
      mayHaveAlpha = false
    } else {
      hasMetadata = true
      if (name === 'EXIF') {
        const prefix = reader.says('Exif\0', body) ? 6 : 0
        exif ??= reader.bytes.subarray(body + prefix, end)
      }
    }
    reader.within(body, length + (length & 1))
    at = end + (length & 1)
  }
  must(picture !== null)
  must(canvas === null || (canvas.width === picture.width && canvas.height === picture.height))
  return { type: 'image/webp', ...picture, hasMetadata, exif, end: whole }
}
