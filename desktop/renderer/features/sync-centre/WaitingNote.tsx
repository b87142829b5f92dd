import { countWords } from '../../ui/date-words.ts'
import { useObstacleWords } from './use-obstacle.ts'
import type { AnyItem } from './use-queue.ts'

const photosWords = (photos: number) =>
  `${countWords(photos, 'photo')} ${photos === 1 ? 'is' : 'are'} still to be sent; ${photos === 1 ? 'its visit says' : 'their visits say'} how far.`

const reasonsWords = (reasons: number) =>
  `${countWords(reasons, 'reason for a missed visit', 'reasons for missed visits')} ${reasons === 1 ? 'is' : 'are'} still to be sent.`

/** What is under way beside the edits of the list; empty where nothing is. */
export const besideWords = (photos: number, reasons: number) =>
  [photos > 0 && photosWords(photos), reasons > 0 && reasonsWords(reasons)].filter(Boolean).join(' ')

/** Why nothing in the list has been sent yet, said once for all of it. */
export function WaitingNote({ waiting, beside }: { waiting: readonly AnyItem[]; beside: string }) {
  return (
    <p role="status" className="border-b border-line bg-warn-soft px-3.5 py-2 text-warn">
      {useObstacleWords(waiting)}
      {beside && ` ${beside}`}
    </p>
  )
}
