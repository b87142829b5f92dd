import { ListFilter } from 'lucide-react'
import { Popover } from 'radix-ui'
import { clearFilters, type FilterName, setFilter, useFinder } from '../../app/finder.ts'
import { useLookups } from '../../app/lookups.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { Tag } from '../../ui/Tag.tsx'
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
export function FiltersButton({ siteId }: { siteId: string }) {
  const count = useFinder(({ filters }) => filtersInForce(filters).length)
  return (
    <Popover.Root {...useMenu('filters')}>
      <Popover.Trigger asChild>
        <Button title="Filters">
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
export function FilterTags({ siteId }: { siteId: string }) {
  const { people } = useLookups(siteId)
  const tags = filterTags(
    useFinder((finder) => finder.filters),
    people,
  )
  if (tags.length === 0) return null
  return (
    <div
      role="group"
      aria-label="Filters in force"
      className="flex flex-wrap items-center gap-1.5 border-b border-line bg-surface px-3.5 py-1.5"
    >
      {tags.map(({ name, words }) => (
        <Tag key={name} onRemove={() => setFilter(name, undefined)}>
          {words}
        </Tag>
      ))}
      <TextButton look="faint" className="ml-1 text-sm" onClick={clearFilters}>
        Clear all
      </TextButton>
    </div>
  )
}
