import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useEffect, useEffectEvent } from 'react'
import { Button } from './Button.tsx'
import { numberWords } from './date-words.ts'

/** Turns the pages of a list, back to the last one where others are gone by now; nothing where there is only one. */
export function Pages({
  page,
  pageSize,
  total,
  label = 'Pages',
  onPage,
}: {
  page: number
  pageSize: number
  total: number
  /** Says what they are of, where the screen has others. */
  label?: string
  onPage: (page: number) => void
}) {
  const pages = Math.max(1, Math.ceil(total / pageSize))
  const turnBack = useEffectEvent(() => onPage(pages))
  useEffect(() => {
    if (page > pages) turnBack()
  }, [page, pages])
  if (pages === 1) return null
  return (
    <nav aria-label={label} className="mt-3 flex items-center justify-end gap-2 text-muted">
      <Button
        look="icon-plain"
        aria-label="Previous page"
        disabled={page === 1}
        onClick={() => onPage(page - 1)}
      >
        <ChevronLeft aria-hidden size={15} />
      </Button>
      <span>
        {numberWords(page)} of {numberWords(pages)}
      </span>
      <Button
        look="icon-plain"
        aria-label="Next page"
        disabled={page >= pages}
        onClick={() => onPage(page + 1)}
      >
        <ChevronRight aria-hidden size={15} />
      </Button>
    </nav>
  )
}
