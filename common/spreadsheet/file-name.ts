import type { ExportFormat } from '../contract/exports.ts'

/** What a file is called unless somebody says otherwise: `Fieldbook Brussels 2026-11-21.csv`. */
export function exportFileName(siteName: string, day: string, format: ExportFormat): string {
  const name = siteName
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029<>:"/\\|?*]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return [
    'Fieldbook',
    [...name]
      .slice(0, 80)
      .join('')
      .replace(/[. ]+$/, ''),
    `${day}.${format}`,
  ]
    .filter((part) => part !== '')
    .join(' ')
}
