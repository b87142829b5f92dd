import { ListFilter } from 'lucide-react'
import { Popover } from 'radix-ui'
import type { RefObject } from 'react'
import { clearFilters, type FilterName, setFilter, useFinder } from '../../app/finder.ts'
import { useLookups } from '../../app/lookups.ts'
import { Button } from '../../ui/Button.tsx'
import { Tags } from '../../ui/Tags.tsx'
import { FilterField } from './FilterField.tsx'
import { BarLabel } from './BarLabel.tsx'
import { useMenu } from './menus.ts'
import { filtersInForce, filterTags } from './filters.ts'

const order: FilterName[] = [
  'title',
  'lead',
  'type',
  'status',
  'start',
  'end',
  'location',
  'timezone',
  'description',
  'notes',
  'created',
  'updated',
  'createdBy',
  'updatedBy',
]

/** All filters in one place, for the keyboard and for several at once. */
export function FiltersButton({ siteId, ref }: { siteId: string; ref: RefObject<HTMLButtonElement | null> }) {
  const count = useFinder(({ filters }) => filtersInForce(filters).length)
  return (
    <Popover.Root {...useMenu('filters')}>
      <Popover.Trigger asChild>
        <Button ref={ref} title="Filters">
          <ListFilter aria-hidden size={14} /> <BarLabel>Filters</BarLabel>
          {count > 0 && (
            <span className="rounded-full bg-accent-soft px-1.5 text-sm text-accent">{count}</span>
          )}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label="Filters"
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className="floating z-30 flex max-h-[var(--radix-popover-content-available-height)] w-[min(34rem,calc(100vw-1rem))] flex-col"
        >
          <AllFilters siteId={siteId} />
          <div className="flex justify-between border-t border-line px-4 py-2.5">
            <Button look="quiet" className="-ml-3" onClick={clearFilters} disabled={count === 0}>
              Clear all
            </Button>
            <Popover.Close asChild>
              <Button look="primary">Done</Button>
            </Popover.Close>
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function AllFilters({ siteId }: { siteId: string }) {
  const lookups = useLookups(siteId)
  return (
    <div className="grid gap-x-5 gap-y-3.5 overflow-y-auto p-4 sm:grid-cols-2">
      {order.map((name) => (
        <FilterField key={name} name={name} lookups={lookups} />
      ))}
    </div>
  )
}

/** The filters in force, each of which can be taken away. */
export function FilterTags({
  siteId,
  chosenAt,
}: {
  siteId: string
  chosenAt: RefObject<HTMLElement | null>
}) {
  const { people } = useLookups(siteId)
  const tags = filterTags(
    useFinder((finder) => finder.filters),
    people,
  )
  return (
    <Tags
      tags={tags.map(({ name, words }) => ({
        key: name,
        words,
        onRemove: () => setFilter(name, undefined),
      }))}
      onClear={clearFilters}
      chosenAt={chosenAt}
      className="border-b border-line bg-surface px-3.5 py-1.5"
    />
  )
}
