import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactNode } from 'react'
import { head } from '../../ui/table.ts'

/** The head of a column by which a list can be sorted: pressed once one way, again the other. */
export function SortedHead<By extends string>({
  by,
  sort,
  onSort,
  latestFirst = false,
  className = '',
  children,
}: {
  by: By
  sort: string
  onSort: (sort: By | `-${By}`) => void
  latestFirst?: boolean
  className?: string
  children: ReactNode
}) {
  const up = sort === by
  const down = sort === `-${by}`
  const Arrow = up ? ArrowUp : ArrowDown
  return (
    <th
      scope="col"
      aria-sort={up ? 'ascending' : down ? 'descending' : undefined}
      className={`${head} sticky top-0 bg-surface ${className}`}
    >
      <button
        type="button"
        className="flex items-center gap-1 rounded-sm hover:text-text"
        onClick={() => onSort(up || (!down && latestFirst) ? `-${by}` : by)}
      >
        {children}
        {(up || down) && <Arrow aria-hidden size={13} className="text-accent" />}
      </button>
    </th>
  )
}
