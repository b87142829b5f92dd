import { useState } from 'react'
import { countWords } from '../../ui/date-words.ts'
import { Pages } from '../../ui/Pages.tsx'
import type { Days } from '../../ui/periods.ts'
import { queryOf, soughtOf, useFilters } from './analytics-filters.ts'
import { ChartCard } from './ChartCard.tsx'
import { readAllShops, readShops, shopTable } from './shop-figures.ts'
import { useFigures } from './use-figures.ts'

const pageSize = 8

/** The shops that were visited or, of a brand, where it has least of the shelf. */
export function ShopsCard({ days }: { days: Days }) {
  const filters = useFilters()
  const { brand } = filters
  const query = queryOf(filters, days)
  const asked = JSON.stringify([query, brand])
  const [at, setAt] = useState({ asked, page: 1 })
  // Something else that is asked for begins at its first page.
  const page = at.asked === asked ? at.page : 1
  const figures = useFigures([query, brand, page], () =>
    readShops(query, brand?.id ?? null, { page, pageSize }),
  )
  const sought = soughtOf(filters, days)
  return (
    <ChartCard
      title={brand ? `Shops by shelf share of ${brand.name}` : 'Shops by visits'}
      about={brand ? 'the least first' : 'the most first'}
      figures={figures}
      empty={brand ? 'No shelf was marked on a photo of these visits.' : 'No shop was visited in these days.'}
      isEmpty={({ total }) => total === 0}
      allRows={async () => shopTable(await readAllShops(query, brand?.id ?? null), sought, brand !== null)}
      show={({ shops, total }) => ({
        table: shopTable(shops, sought, brand !== null),
        chart: null,
        note: (
          <div className="flex items-center justify-between [&_nav]:mt-0">
            <span>{countWords(total, 'shop')}</span>
            <Pages
              label="Pages of shops"
              page={page}
              pageSize={pageSize}
              total={total}
              onPage={(next) => setAt({ asked, page: next })}
            />
          </div>
        ),
      })}
    />
  )
}
