import type { CustomHeaderProps } from 'ag-grid-react'
import { ArrowDown, ArrowUp, ListFilter } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useEffect, useState } from 'react'
import { create } from 'zustand'
import { type FilterName, useFinder } from '../../app/finder.ts'
import { useLookups } from '../../app/lookups.ts'
import { FilterField } from './FilterField.tsx'
import { filtersInForce } from './filters.ts'
import { tickPage, useTicked } from './ticks.ts'

export interface ColumnHeaderParams {
  filter?: FilterName
  siteId: string
}

/** The column whose filter is open. */
const useOpenFilter = create<{ column: string | null }>(() => ({ column: null }))

export const openColumnFilter = (column: string | null) => useOpenFilter.setState({ column })

/** A column's name: a click sorts by it, with Shift after the others; the funnel, or Alt+Down, filters by it. */
export function ColumnHeader({
  column,
  displayName,
  api,
  progressSort,
  filter,
  siteId,
}: CustomHeaderProps & ColumnHeaderParams) {
  const id = column.getColId()
  const open = useOpenFilter((filters) => filters.column === id)
  const [sort, setSort] = useState(() => sortOf(column, api))
  useEffect(() => {
    const follow = () => setSort(sortOf(column, api))
    api.addEventListener('sortChanged', follow)
    return () => {
      if (!api.isDestroyed()) api.removeEventListener('sortChanged', follow)
    }
  }, [api, column])

  const Arrow = sort.direction === 'asc' ? ArrowUp : ArrowDown
  return (
    <div className="group flex h-full w-full min-w-0 items-center gap-1">
      {/* The header cell is what the keyboard focuses and what Enter sorts by. */}
      <div
        className="flex h-full min-w-0 flex-1 cursor-pointer items-center gap-1"
        onClick={(event) => column.isSortable() && progressSort(event.shiftKey)}
      >
        <span className="truncate">{displayName}</span>
        {sort.direction && <Arrow aria-hidden size={13} className="shrink-0 text-accent" />}
        {sort.place && (
          <span className="text-xs text-accent">
            <span aria-hidden>{sort.place}</span>
            <span className="sr-only">
              , sorted {sort.place} of {sort.of}
            </span>
          </span>
        )}
      </div>
      {filter && (
        <HeaderFilter
          name={filter}
          siteId={siteId}
          label={displayName}
          open={open}
          onOpenChange={(next) => openColumnFilter(next ? id : null)}
        />
      )}
    </div>
  )
}

function HeaderFilter({
  name,
  siteId,
  label,
  open,
  onOpenChange,
}: {
  name: FilterName
  siteId: string
  label: string
  open: boolean
  onOpenChange: (open: boolean) => void
}) {
  const active = useFinder(({ filters }) => filtersInForce(filters).includes(name))
  const seen = active || open ? '' : 'opacity-0 group-hover:opacity-100 focus-visible:opacity-100'
  return (
    <Popover.Root open={open} onOpenChange={onOpenChange}>
      <Popover.Trigger
        tabIndex={-1}
        aria-label={`Filter by ${label}`}
        className={`-mr-1.5 grid size-5 shrink-0 place-items-center rounded-sm hover:bg-line ${active ? 'text-accent' : ''} ${seen}`}
      >
        <ListFilter aria-hidden size={13} strokeWidth={active ? 2.75 : 2} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={`Filter by ${label}`}
          align="start"
          sideOffset={6}
          collisionPadding={8}
          className="floating z-30 w-72 p-3"
          onKeyDown={(event) => event.key === 'Enter' && onOpenChange(false)}
        >
          <HeaderFilterField name={name} siteId={siteId} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function HeaderFilterField({ name, siteId }: { name: FilterName; siteId: string }) {
  return <FilterField name={name} lookups={useLookups(siteId)} />
}

function sortOf(column: CustomHeaderProps['column'], api: CustomHeaderProps['api']) {
  const sorted = api.getColumnState().filter((state) => state.sort)
  const place = sorted.length > 1 && column.getSort() ? (column.getSortIndex() ?? 0) + 1 : null
  return { direction: column.getSort() ?? null, place, of: sorted.length }
}

/** Ticks the whole page, or all of an endless list. */
export function ChosenHeader() {
  const ticked = useTicked()
  return (
    <label className="grid h-full w-full place-items-center">
      <input
        type="checkbox"
        tabIndex={-1}
        aria-label="Choose the page"
        className="size-[15px] accent-accent"
        checked={ticked === 'all'}
        ref={(input) => {
          if (input) input.indeterminate = ticked === 'some'
        }}
        onChange={() => void tickPage()}
      />
    </label>
  )
}
