import { Search, X } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { afterDrawing } from '../ui/after-drawing.ts'
import { numberWords } from '../ui/date-words.ts'
import { Kbd } from '../ui/Kbd.tsx'
import { usePause } from '../ui/pause.ts'
import { searchFor, useFinder } from './finder.ts'
import { searchFieldId } from './shortcuts.ts'
import { showFinder, useWorkspace } from './workspace.ts'

/** Searches every text field of the site's records, as one types; Enter and arrow down go on to what was found. */
export function SearchField() {
  const search = useFinder((finder) => finder.search)
  const found = useFinder((finder) => finder.found)
  const [typed, setTyped] = useState(search)
  const [seen, setSeen] = useState(search)
  if (seen !== search) {
    setSeen(search)
    setTyped(search)
  }
  const { after, flush } = usePause(500)

  const change = (text: string) => {
    setTyped(text)
    showFinder()
    after(() => searchFor(text))
  }
  const clear = () => {
    change('')
    flush()
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Escape') {
      event.preventDefault()
      if (typed) clear()
      else event.currentTarget.blur()
    } else if (event.key === 'Enter' || event.key === 'ArrowDown') {
      event.preventDefault()
      flush()
      showFinder()
      // The search is on its way by then.
      afterDrawing(() => useWorkspace.getState().focusList?.())
    }
  }

  const settled = search.trim() !== '' && typed === search
  return (
    <search className="relative min-w-0 max-[56rem]:flex-1">
      <Search
        aria-hidden
        size={14}
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-muted"
      />
      <input
        id={searchFieldId}
        type="search"
        aria-label="Search every field"
        placeholder="Search every field"
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        className="control min-h-[30px] border-transparent bg-surface-2 pr-44 pl-8 focus:border-focus focus:bg-surface max-[56rem]:pr-8 [&::-webkit-search-cancel-button]:hidden"
        value={typed}
        onChange={(event) => change(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <span className="pointer-events-none absolute inset-y-0 right-2 flex items-center gap-1.5 text-muted">
        <span role="status" className="whitespace-nowrap max-[56rem]:sr-only">
          {settled && found !== null && `${numberWords(found)} found on this device`}
        </span>
        {typed ? (
          <button
            type="button"
            aria-label="Clear search"
            className="pointer-events-auto grid size-5 place-items-center rounded-sm hover:bg-surface-2 hover:text-text"
            onClick={() => {
              clear()
              document.getElementById(searchFieldId)?.focus()
            }}
          >
            <X aria-hidden size={13} />
          </button>
        ) : (
          <Kbd keys="/" />
        )}
      </span>
    </search>
  )
}
