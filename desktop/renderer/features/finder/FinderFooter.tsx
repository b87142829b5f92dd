import { ChevronLeft, ChevronRight } from 'lucide-react'
import { goToPage, pageSizes, type Paging, setPaging, useFinder, usePaging } from '../../app/finder.ts'
import { useSync } from '../../app/sync.ts'
import { showSyncCentre } from '../../app/workspace.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { countWords, numberWords } from '../../ui/date-words.ts'
import { FirstSyncNote } from './FinderStates.tsx'

/** What the dots on rows mean, how many rows a page has, and which page this is. */
export function FinderFooter() {
  return (
    <footer className="flex min-h-[47px] flex-wrap items-center gap-x-4 gap-y-1 border-t border-line bg-surface px-3.5 py-1.5 text-muted">
      <Legend />
      <Pager />
    </footer>
  )
}

function Legend() {
  const { online, waiting, needsAttention, firstSync } = useSync()
  return (
    <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-0.5">
      {needsAttention > 0 && (
        <span className="flex items-center gap-2 text-bad">
          <span aria-hidden className="size-2 shrink-0 rounded-full bg-bad" />
          <TextButton look="inherit" onClick={() => showSyncCentre()}>
            {countWords(needsAttention, 'edit needs', 'edits need')} your attention
          </TextButton>
        </span>
      )}
      {waiting > 0 && (
        <span className="flex items-center gap-2">
          <span aria-hidden className="size-2 shrink-0 rounded-full bg-warn" />
          {countWords(waiting, 'edit')} not sent yet
          {!online && `; ${waiting === 1 ? 'it goes' : 'they go'} once you are online`}
        </span>
      )}
      <FirstSyncNote />
      {!online && !firstSync && waiting === 0 && (
        <span>Offline: search, add and edit as usual; edits are sent later.</span>
      )}
    </div>
  )
}

function Pager() {
  const found = useFinder((finder) => finder.found)
  const isAnswered = useFinder(({ total }) => total !== null)
  const page = useFinder((finder) => finder.page)
  const paging = usePaging()
  if (!isAnswered) return null
  const sizes = [...new Set([...pageSizes, ...(paging === 'endless' ? [] : [paging])])].toSorted(
    (a, b) => a - b,
  )
  const choose = (value: string): Paging => (value === 'endless' ? value : Number(value))
  return (
    <div className="ml-auto flex items-center gap-2">
      <label className="flex items-center gap-2 whitespace-nowrap">
        <span className="sr-only">Rows per page</span>
        <select
          className="control w-auto border-transparent bg-transparent"
          value={paging}
          onChange={(event) => setPaging(choose(event.target.value))}
        >
          {sizes.map((size) => (
            <option key={size} value={size}>
              {size} per page
            </option>
          ))}
          <option value="endless">All in one list</option>
        </select>
      </label>
      {paging !== 'endless' && (
        <Pages page={page} pages={found === null ? null : Math.max(1, Math.ceil(found / paging))} />
      )}
    </div>
  )
}

/** `pages` is null until they are counted. */
function Pages({ page, pages }: { page: number; pages: number | null }) {
  return (
    <nav aria-label="Pages" className="flex items-center gap-2">
      <Button
        look="icon-plain"
        aria-label="Previous page"
        disabled={page === 0}
        onClick={() => goToPage(page - 1)}
      >
        <ChevronLeft aria-hidden size={15} />
      </Button>
      <span className="whitespace-nowrap text-text">
        {numberWords(page + 1)} of {pages === null ? '…' : numberWords(pages)}
      </span>
      <Button
        look="icon-plain"
        aria-label="Next page"
        disabled={pages !== null && page >= pages - 1}
        onClick={() => goToPage(page + 1)}
      >
        <ChevronRight aria-hidden size={15} />
      </Button>
    </nav>
  )
}
