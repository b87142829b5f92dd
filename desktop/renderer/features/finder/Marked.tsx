import { useMemo } from 'react'
import { searchedFields, type SearchedField, fold, searchTerms } from '#common/rules/folding'
import { excerptOf, piecesOf } from '#common/rules/marks'
import { type Filters, useFinder } from '../../app/finder.ts'

const isSearched = (field: string): field is SearchedField => searchedFields.some((name) => name === field)

/** What is looked for in a column, folded: the words of the search, and the filter of the column itself. */
export function termsIn(field: string, search: string, filters: Filters): string[] {
  if (!isSearched(field)) return []
  const filter = field === 'type' ? undefined : filters[field]
  return [...searchTerms(search), ...(filter ? [fold(filter)] : [])].filter(Boolean)
}

/** A text in which what was searched for is marked; of a long one the part where it occurs. */
export function Marked({ text, field, long = false }: { text: string; field: string; long?: boolean }) {
  const marked = useFinder((finder) => finder.marked)
  const pieces = useMemo(() => {
    const terms = termsIn(field, marked.search, marked.filters)
    return long ? excerptOf(text, terms) : piecesOf(text, terms)
  }, [text, field, long, marked])
  if (pieces.length === 1 && !pieces[0]!.marked) return pieces[0]!.text
  return pieces.map((piece, index) =>
    piece.marked ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>,
  )
}
