import { countWords, numberWords } from '../../ui/date-words.ts'
import type { BulkKind, BulkOutcome } from './bulk.ts'

const records = (count: number) => countWords(count, 'record')

const done: Record<BulkKind, string> = { update: 'changed', archive: 'archived', delete: 'deleted' }

/** What a dry run found. */
export function planWords(kind: BulkKind, ready: number, refused: number): string {
  if (ready === 0) return `Nothing will be ${done[kind]}.`
  const will = `${numberWords(ready)} will be ${done[kind]}`
  return refused === 0 ? `${will}.` : `${will}, ${numberWords(refused)} will not.`
}

/** What happened. */
export function outcomeWords({ bulkId, kind, done: count, refused }: BulkOutcome): string {
  if (bulkId !== null) {
    const left =
      refused.length > 0
        ? ` ${records(refused.length)} stayed as ${refused.length === 1 ? 'it was' : 'they were'}.`
        : ''
    return `${records(count)} ${done[kind]}.${left}`
  }
  if (refused.length === 0) return `Taken back: ${records(count)} as before.`
  const spared = `${records(refused.length)} spared.`
  return count === 0
    ? `Nothing could be taken back. ${spared}`
    : `Taken back: ${records(count)} as before. ${spared}`
}
