import type { Survey } from '#common/contract/surveys'
import type { Tone } from '../../../ui/Pill.tsx'

type State = Pick<Survey, 'publishedNumber' | 'hasChanges'>

/** Where a survey stands between being written and being asked. */
export function stateWords({ publishedNumber, hasChanges }: State): { words: string; tone: Tone } {
  if (publishedNumber === null) return { words: 'Draft', tone: 'plain' }
  return hasChanges
    ? { words: `Version ${publishedNumber}, changed since`, tone: 'orange' }
    : { words: `Version ${publishedNumber}`, tone: 'green' }
}

/** What becomes of visits when the next version is published. */
export const publishWords = (publishedNumber: number | null): string =>
  publishedNumber === null
    ? 'New visits can begin with it as soon as devices have heard from the server.'
    : `New visits begin with version ${publishedNumber + 1}. Visits in progress stay with version ${publishedNumber} until their agent goes on to the new one.`
