/**
 * What a photo's EXIF block says of how it is turned, when and where it was taken. Every pointer in it is a stranger's
 * word: what points outside, is of another kind than it should be, or makes no sense, is taken as absent. Nothing here
 * throws, and a block is read no deeper than its three lists.
 */
export interface Taken {
  /** Local wall time, `2026-03-02T09:30:00`, with `+01:00` behind it when the camera knew. */
  takenAt: string | null
  /** Both or neither. */
  latitude: number | null
  longitude: number | null
}

/** 1 (upright) to 8; 1 when nothing is said. */
export function orientationOf(exif: Uint8Array): number {
  const block = blockOf(exif)
  const orientation = block?.short(block.top, 0x0112) ?? 1
  return orientation >= 1 && orientation <= 8 ? orientation : 1
}

export function takenOf(exif: Uint8Array): Taken {
  const block = blockOf(exif)
  const details = block?.list(block.top, 0x8769) ?? null
  const gps = block?.list(block.top, 0x8825) ?? null
  const latitude = block ? degrees(block.text(gps, 1), 'NS', block.rationals(gps, 2), 90) : null
  const longitude = block ? degrees(block.text(gps, 3), 'EW', block.rationals(gps, 4), 180) : null
  const isPlace = latitude !== null && longitude !== null
  return {
    takenAt: wallTime(block?.text(details, 0x9003) ?? '', block?.text(details, 0x9011) ?? ''),
    latitude: isPlace ? latitude : null,
    longitude: isPlace ? longitude : null,
  }
}

function wallTime(written: string, offset: string): string | null {
  const parts = /^(?!0000)(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(written)
  if (!parts) return null
  const local = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}`
  const moment = new Date(`${local}Z`)
  // 31 February comes back as a day of March.
  if (Number.isNaN(moment.getTime()) || moment.toISOString() !== `${local}.000Z`) return null
  return /^[+-](0\d|1[0-4]):[0-5]\d$/.test(offset) ? local + offset : local
}

function degrees(side: string, sides: string, parts: number[] | null, most: number): number | null {
  if (!parts || side.length !== 1 || !sides.includes(side)) return null
  const [whole, minutes, seconds] = parts as [number, number, number]
  const angle = whole + minutes / 60 + seconds / 3600
  // Some cameras round up to a sixtieth minute or second.
  if (minutes > 60 || seconds > 60 || angle > most) return null
  return side === sides[0] || angle === 0 ? angle : -angle
}

const sizes = { text: 1, short: 2, long: 4, rational: 8 }
const kinds = { text: 2, short: 3, long: 4, rational: 5 }

/** The lists (IFDs) of a block and what is in them; null when it is none. */
function blockOf(exif: Uint8Array) {
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength)
  if (exif.length < 8) return null
  const order = view.getUint16(0)
  if (order !== 0x4949 && order !== 0x4d4d) return null
  const isLittle = order === 0x4949
  const u16 = (at: number) => view.getUint16(at, isLittle)
  const u32 = (at: number) => view.getUint32(at, isLittle)
  if (u16(2) !== 42) return null

  /** Where the values of an entry are, and how many; null unless all are of this kind and inside the block. */
  const find = (list: number | null, tag: number, kind: keyof typeof kinds) => {
    if (list === null || list + 2 > exif.length) return null
    const last = Math.min(list + 2 + 12 * u16(list), exif.length) - 12
    for (let entry = list + 2; entry <= last; entry += 12) {
      if (u16(entry) !== tag) continue
      const count = u32(entry + 4)
      const length = count * sizes[kind]
      const at = length <= 4 ? entry + 8 : u32(entry + 8)
      return u16(entry + 2) === kinds[kind] && at + length <= exif.length ? { at, count } : null
    }
    return null
  }
  const one = (list: number | null, tag: number, kind: 'short' | 'long') => {
    const found = find(list, tag, kind)
    if (found?.count !== 1) return null
    return kind === 'short' ? u16(found.at) : u32(found.at)
  }
  return {
    top: u32(4),
    short: (list: number | null, tag: number) => one(list, tag, 'short'),
    list: (list: number | null, tag: number) => one(list, tag, 'long'),
    /** Up to its first NUL; empty when absent or longer than anything asked for here. */
    text: (list: number | null, tag: number) => {
      const found = find(list, tag, 'text')
      if (!found || found.count > 32) return ''
      const [text] = String.fromCharCode(...exif.subarray(found.at, found.at + found.count)).split('\0')
      return text!.trim()
    },
    /** Three of them; null when one is divided by 0. */
    rationals: (list: number | null, tag: number) => {
      const found = find(list, tag, 'rational')
      if (found?.count !== 3) return null
      const values = [0, 8, 16].map((offset) => u32(found.at + offset) / u32(found.at + offset + 4))
      return values.every(Number.isFinite) ? values : null
    },
  }
}
