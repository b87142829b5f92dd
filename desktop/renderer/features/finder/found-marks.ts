import { fold, searchedFields, type SearchedField, searchTerms } from '#common/rules/folding'
import { rangesOf } from '#common/rules/marks'
import { useFinder } from '../../app/finder.ts'

/** What is looked for in a field, folded: the words of the search, and the filter of the field itself. */
export function termsIn(field: SearchedField): string[] {
  const { search, filters } = useFinder.getState().marked
  const filter = field === 'type' ? undefined : filters[field]
  return [...searchTerms(search), ...(filter ? [fold(filter)] : [])].filter(Boolean)
}

/**
 * Marks what was searched for wherever it stands in the rows under `grid`, as `::highlight(found)`, and follows what
 * is drawn there. The browser paints such marks without elements of their own, which every search would have to make
 * anew. Answers how to stop.
 */
export function markFound(grid: HTMLElement): () => void {
  const found = new Highlight()
  CSS.highlights.set('found', found)
  let frame = 0
  function mark() {
    frame = 0
    found.clear()
    for (const field of searchedFields) {
      const terms = termsIn(field)
      if (terms.length === 0) continue
      for (const cell of grid.querySelectorAll(`.ag-cell[col-id=${field}]`)) {
        const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
        while (texts.nextNode()) markIn(texts.currentNode as Text, terms)
      }
    }
  }
  function markIn(text: Text, terms: string[]) {
    if (text.parentElement?.dataset.unmarked !== undefined) return
    for (const { from, to } of rangesOf(text.data, terms)) {
      found.add(
        new StaticRange({ startContainer: text, startOffset: from, endContainer: text, endOffset: to }),
      )
    }
  }
  /** With the frame that what was drawn is shown in. */
  const soon = () => {
    frame ||= requestAnimationFrame(mark)
  }
  const drawing = new MutationObserver(soon)
  drawing.observe(grid, { childList: true, characterData: true, subtree: true })
  const stopListening = useFinder.subscribe((now, before) => now.marked !== before.marked && soon())
  return () => {
    drawing.disconnect()
    stopListening()
    cancelAnimationFrame(frame)
    CSS.highlights.delete('found')
  }
}
