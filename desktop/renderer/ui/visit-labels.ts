import type { PhotoPurpose } from '#common/contract/photos'
import type { VisitStatus } from '#common/contract/visits'
import type { Tone } from './Pill.tsx'

/** What visits and their photos are called wherever they are shown. */

export const statusWords: Record<VisitStatus, { words: string; tone: Tone }> = {
  in_progress: { words: 'In progress', tone: 'accent' },
  completed: { words: 'Completed', tone: 'green' },
  cancelled: { words: 'Cancelled', tone: 'plain' },
}

export const purposeWords: Record<PhotoPurpose, string> = {
  shelf: 'Shelf',
  outside: 'Outside',
  display: 'Display',
  question: 'Question',
  other: 'Other',
}

/** 1.4 MB, 380 kB */
export function sizeWords(bytes: number): string {
  if (bytes >= 999_500) return `${(bytes / 1e6).toFixed(1)} MB`
  return `${Math.max(1, Math.round(bytes / 1000))} kB`
}
