import { readerZone } from './date-words.ts'

/** Every time zone to choose from, the reader's own first. */
export const timeZones: readonly string[] = [
  ...new Set([readerZone(), ...Intl.supportedValuesOf('timeZone'), 'UTC']),
]
