import type { ExportFormat } from '../contract/exports.ts'

/** What a file is called unless somebody says otherwise: `Fieldbook Brussels 2026-11-21.csv`. */
export const exportFileName = (siteName: string, day: string, format: ExportFormat): string =>
  plainFileName('Fieldbook', siteName, `${day}.${format}`)

/** A name of these words that every system takes; `given` may hold anything. */
export function plainFileName(first: string, given: string, last: string): string {
  const name = given
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029<>:"/\\|?*]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const words = [...name]
    .slice(0, 80)
    .join('')
    .replace(/[. ]+$/, '')
  return [first, words, last].filter((part) => part !== '').join(' ')
}
