import type { Photo, PhotoPurpose } from '#common/contract/photos'
import type { LocalPhoto } from '#desktop/bridge/field'
import { momentWords } from '../../ui/date-words.ts'

export const purposeWords: Record<PhotoPurpose, string> = {
  shelf: 'Shelf',
  outside: 'Outside',
  display: 'Display',
  question: 'Question',
  other: 'Other',
}

/** Purposes that are chosen; photos for questions are added at their question. */
export const chosenPurposes = ['shelf', 'outside', 'display', 'other'] as const

export const photoAddress = (id: string) => `app://fieldbook/photo/${id}`
export const thumbnailAddress = (id: string) => `${photoAddress(id)}/thumbnail`

/** What a photo is called: Photo 3, shelf */
export const photoName = ({ purpose }: Pick<Photo, 'purpose'>, index: number): string =>
  `Photo ${index + 1}, ${purposeWords[purpose].toLowerCase()}`

/** How far a photo is on its way to the server. */
export function stateWords({ state, problem }: Pick<LocalPhoto, 'state' | 'problem'>, part: number | null) {
  switch (state) {
    case 'waiting':
      return 'Waiting to be sent'
    case 'sending':
      return part === null ? 'Sending' : `Sending ${Math.floor(part * 100)} %`
    case 'sent':
      return 'Sent'
    case 'stopped':
      return problem ? `Stopped: ${problem}` : 'Stopped'
    case 'missing':
      return problem ?? 'Missing on this device and on the server'
  }
}

/** 1.4 MB, 380 kB */
export function sizeWords(bytes: number): string {
  if (bytes >= 999_500) return `${(bytes / 1e6).toFixed(1)} MB`
  return `${Math.max(1, Math.round(bytes / 1000))} kB`
}

/** What there is to know about a photo beside what it shows. */
export function photoFacts(photo: LocalPhoto, zone: string): string[] {
  const { takenAt, latitude, longitude, width, height, size } = photo
  return [
    ...(takenAt ? [`Taken ${momentWords(takenAt, zone)}`] : []),
    ...(latitude !== null && longitude !== null ? [`${latitude.toFixed(5)}, ${longitude.toFixed(5)}`] : []),
    `${width} × ${height}`,
    sizeWords(size),
  ]
}
