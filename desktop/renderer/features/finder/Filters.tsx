import type { RefObject } from 'react'
import { clearFilters, type FilterName, setFilter, useFinder } from '../../app/finder.ts'
import { useLookups } from '../../app/lookups.ts'
import { FiltersPopover } from '../../ui/FiltersPopover.tsx'
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
  const lookups = useLookups(siteId)
  return (
    <FiltersPopover
      {...useMenu('filters')}
      trigger={ref}
      label={<BarLabel>Filters</BarLabel>}
      count={count}
      onClear={clearFilters}
      align="end"
      className="w-[min(34rem,calc(100vw-1rem))]"
    >
      {order.map((name) => (
        <FilterField key={name} name={name} lookups={lookups} />
      ))}
    </FiltersPopover>
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
