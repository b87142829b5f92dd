import { Search } from 'lucide-react'
import { useState } from 'react'
import { usePause } from './pause.ts'

/** Searches as one types, after a pause; Enter asks at once. */
export function SearchBox({
  label,
  onSearch,
  className = 'w-64',
}: {
  label: string
  onSearch: (search: string) => void
  className?: string
}) {
  const [typed, setTyped] = useState('')
  const { after, flush } = usePause(500)
  return (
    <search className={`relative block ${className}`}>
      <Search
        aria-hidden
        size={14}
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-muted"
      />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        className="control pl-8"
        value={typed}
        onChange={(event) => {
          const search = event.target.value
          setTyped(search)
          after(() => onSearch(search))
        }}
        onKeyDown={(event) => event.key === 'Enter' && flush()}
      />
    </search>
  )
}
