import { type Import, type ImportCounts, importUndoableDays } from '#common/contract/imports'
import type { FileEncoding } from '#desktop/bridge/channels'
import { countWords, numberWords } from '../../ui/date-words.ts'

/** What an import comes to, in words. */

export const encodingWords: Record<FileEncoding, string> = {
  'utf-8': 'UTF-8',
  'utf-16': 'UTF-16',
  'windows-1252': 'Windows-1252',
}

const day = 86_400_000

const changed = (counts: ImportCounts | null) => (counts ? counts.created + counts.updated : 0)

/** Whether what a run did can be taken back now, or the rest of it. */
export const isUndoable = ({ state, result, endedAt }: Import, now: Date): boolean =>
  (state === 'done' || state === 'stopped' || state === 'failed') &&
  changed(result) > 0 &&
  endedAt !== null &&
  now.getTime() - Date.parse(endedAt) < importUndoableDays * day

/** Records that a run would make or change. */
export const importable = ({ checked }: Import): number => changed(checked)

export const isWorking = ({ state }: Import): boolean =>
  state === 'checking' || state === 'running' || state === 'undoing'

function countsWords({ created, updated, same, bad }: ImportCounts): string {
  const parts = [
    created > 0 && `${numberWords(created)} new`,
    updated > 0 && `${numberWords(updated)} changed`,
    same > 0 && `${numberWords(same)} the same`,
    bad > 0 && `${numberWords(bad)} left out`,
  ].filter(Boolean)
  return parts.length > 0 ? parts.join(' · ') : 'Nothing to do'
}

/** What all of the work comes to of which `progress` is done: rows, or the records that are put back. */
export const workOf = ({ state, rows, result }: Import): number =>
  state === 'undoing' ? changed(result) : rows

const percent = (found: Import) => `${Math.floor((100 * found.progress) / Math.max(workOf(found), 1))}%`

/** What became of an import, in a line. */
export function outcomeWords(found: Import): string {
  const { state, result, checked, undone, received, rows } = found
  switch (state) {
    case 'receiving':
      return `Not all sent: ${numberWords(received)} of ${countWords(rows, 'row')}`
    case 'checking':
      return `Being checked, ${percent(found)}`
    case 'checked':
      return checked ? `Checked, not imported: ${countsWords(checked)}` : 'Checked, not imported'
    case 'running':
      return `Being imported, ${percent(found)}`
    case 'stopped':
      return undone
        ? `Undoing was stopped: ${numberWords(undone.done)} put back`
        : `Stopped${result ? `: ${countsWords(result)}` : ''}`
    case 'done':
      return result ? countsWords(result) : 'Imported'
    case 'undoing':
      return `Being undone, ${percent(found)}`
    case 'undone':
      return undone ? undoneWords(undone) : 'Undone'
    case 'failed':
      return 'Failed'
  }
}

/** “Undone: 120 put back, 3 spared.” */
export const undoneWords = ({ done, spared }: { done: number; spared: number }): string =>
  `Undone: ${numberWords(done)} put back${spared > 0 ? `, ${numberWords(spared)} spared` : ''}`
