import type { ImportOptions } from '#common/contract/imports'

/** How tables were meant the last time, by the names of their columns; what a preference holds. */

interface Remembered {
  key: string
  options: ImportOptions
}

/** Further back nobody looks, and a preference has its limit. */
const mostKept = 12

/** A table is known again by its columns, in their order; two that share a key also share their number. */
export function keyOf(headers: readonly string[]): string {
  let hash = 0x811c9dc5
  for (const letter of headers.join('\u001f')) {
    hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193) >>> 0
  }
  return `${headers.length}-${hash.toString(36)}`
}

const listOf = (kept: unknown): Remembered[] => (Array.isArray(kept) ? (kept as Remembered[]) : [])

/** The options of the last table with these columns; null for a table that was not there before. */
export function remembered(kept: unknown, headers: readonly string[]): ImportOptions | null {
  const found = listOf(kept).find(({ key }) => key === keyOf(headers))
  return found && found.options.columns.length === headers.length ? found.options : null
}

/** What is kept after a table with these columns was meant like this. */
export function remembering(kept: unknown, headers: readonly string[], options: ImportOptions): Remembered[] {
  const key = keyOf(headers)
  return [{ key, options }, ...listOf(kept).filter((each) => each.key !== key)].slice(0, mostKept)
}
