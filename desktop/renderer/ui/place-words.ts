import type { Position } from '#common/contract/visits'
import { numberWords } from './date-words.ts'

/** Places and distances as people read and write them. */

/** 40 m, 1.2 km, 23 km */
export function distanceWords(metres: number): string {
  const rounded = metres < 100 ? Math.round(metres) : Math.round(metres / 10) * 10
  if (rounded < 1000) return `${rounded} m`
  const km = metres / 1000
  return `${numberWords(km < 9.95 ? Math.round(km * 10) / 10 : Math.round(km))} km`
}

/** Where a visit began, seen from its shop. */
export function fromShopWords(distance: { metres: number; isFar: boolean } | null): string | null {
  return distance && `${distanceWords(distance.metres)} from the shop`
}

const sources: Record<Position['source'], string> = {
  device: 'measured by this device',
  entered: 'entered by hand',
  shop: 'the place of the shop',
}

/** 52.52190, 13.41320 · within 12 m · measured by this device */
export function positionWords({ latitude, longitude, accuracy, source }: Position): string {
  const within = accuracy === null ? [] : [`within ${distanceWords(accuracy)}`]
  return [`${latitude.toFixed(5)}, ${longitude.toFixed(5)}`, ...within, sources[source]].join(' · ')
}

/**
 * Coordinates as they are copied from maps: degrees with decimals, a comma, blank or semicolon between them. With
 * decimal commas the two stand apart by a blank or semicolon.
 */
export function readCoordinates(text: string): { latitude: number; longitude: number } | null {
  const decimal = '[-+]?\\d{1,3}(?:[.,]\\d+)?'
  const found = new RegExp(`^(${decimal})°?(?:\\s*;\\s*|,?\\s+|,)(${decimal})°?$`).exec(text.trim())
  if (!found) return null
  const [latitude, longitude] = found.slice(1).map((part) => Number(part.replace(',', '.')))
  const isPlace = Math.abs(latitude!) <= 90 && Math.abs(longitude!) <= 180
  return isPlace ? { latitude: latitude!, longitude: longitude! } : null
}
