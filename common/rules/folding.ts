/**
 * Folding makes text comparable: no case, no accents, single spaces. Server and device store what it returns beside
 * the record, and search and sort by it byte by byte, so that both give the same answer. Changing it means refolding
 * every stored record on both sides.
 */

/** Letters that carry a stroke or are joined, which Unicode does not take apart. */
const letters: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
  ς: 'σ',
}

const lettersPattern = new RegExp(`[${Object.keys(letters).join('')}]`, 'g')

const isPlain = /^[\x20-\x7e]*$/

/** Lower case, without accents, zero-width characters and doubled spaces. */
export function fold(text: string): string {
  // Most texts are, and come out the same, in half the time.
  if (isPlain.test(text)) return text.toLowerCase().replace(/ {2,}/g, ' ').trim()
  return text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\p{Mn}\p{Cf}]/gu, '')
    .replace(lettersPattern, (letter) => letters[letter] ?? letter)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

/** Longest sort key, in code points: 2,400 bytes at most, which an index entry holds. */
const keyLength = 600

/** What a text column is sorted by; an empty text sorts first. */
export function sortKey(text: string | null): string {
  const folded = fold(text ?? '')
  return folded.length <= keyLength ? folded : [...folded].slice(0, keyLength).join('')
}

/** Stands between the fields of a search text; folding never leaves one inside a field. */
export const fieldSeparator = '\u001f'

/** The text fields a search looks into, in the order they have in the search text. */
export const searchedFields = ['title', 'type', 'lead', 'location', 'description', 'notes'] as const
export type SearchedField = (typeof searchedFields)[number]

/** The folded text of all searched fields, each at its place. */
export function searchText(record: Record<SearchedField, string | null>): string {
  return searchedFields.map((field) => fold(record[field] ?? '')).join(fieldSeparator)
}

/** The words of a search, folded; each must occur somewhere. */
export function searchTerms(search: string): string[] {
  return [...new Set(fold(search).split(' ').filter(Boolean))]
}
