import type { Photo } from '#common/contract/photos'
import type { LocalPhoto } from '#desktop/bridge/field'
import { momentWords } from '../../ui/date-words.ts'
import { purposeWords, sizeWords } from '../../ui/visit-labels.ts'

/** Purposes that are chosen; photos for questions are added at their question. */
export const chosenPurposes = ['shelf', 'outside', 'display', 'other'] as const

export const photoAddress = (id: string) => `app://fieldbook/photo/${id}`
const thumbnailAddress = (id: string) => `${photoAddress(id)}/thumbnail`

/** Where a photo is to be had in small, the best first: as itself only where nobody sent a small version of it. */
export const smallAddresses = ({
  id,
  storedAt,
  hasThumbnail,
}: Pick<Photo, 'id' | 'storedAt' | 'hasThumbnail'>) =>
  storedAt !== null && !hasThumbnail ? [thumbnailAddress(id), photoAddress(id)] : [thumbnailAddress(id)]

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
