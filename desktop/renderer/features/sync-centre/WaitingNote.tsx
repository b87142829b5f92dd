import { countWords } from '../../ui/date-words.ts'
import { useObstacleWords } from './use-obstacle.ts'
import type { AnyItem } from './use-queue.ts'

/** What is under way beside the edits of the list. */
export const photosWords = (photos: number) =>
  `${countWords(photos, 'photo')} ${photos === 1 ? 'is' : 'are'} still to be sent; ${photos === 1 ? 'its visit says' : 'their visits say'} how far.`

/** Why nothing in the list has been sent yet, said once for all of it. */
export function WaitingNote({ waiting, photos }: { waiting: readonly AnyItem[]; photos: number }) {
  return (
    <p role="status" className="border-b border-line bg-warn-soft px-3.5 py-2 text-warn">
      {useObstacleWords(waiting)}
      {photos > 0 && ` ${photosWords(photos)}`}
    </p>
  )
}
