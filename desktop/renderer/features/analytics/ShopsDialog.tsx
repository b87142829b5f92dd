import { useState } from 'react'
import { FormDialog } from '../../ui/FormDialog.tsx'
import { countWords, dayRangeWords } from '../../ui/date-words.ts'
import { Pages } from '../../ui/Pages.tsx'
import type { Days } from '../../ui/periods.ts'
import { queryOf, soughtOf, useFilters } from './analytics-filters.ts'
import { CardProblem } from './ChartCard.tsx'
import { FiguresTable } from './FiguresTable.tsx'
import { readShops, shopTable } from './shop-figures.ts'
import { useFigures } from './use-figures.ts'

/** The shops behind a figure, those visited most first. */
export function ShopsDialog({ days, onClose }: { days: Days; onClose: () => void }) {
  const filters = useFilters()
  const query = queryOf(filters, days)
  const [page, setPage] = useState(1)
  const figures = useFigures([query, page], () => readShops(query, null, { page, pageSize: 25 }))
  const { value, problem, reload } = figures
  return (
    <FormDialog
      title="Shops visited"
      intro={<p>{dayRangeWords(days.from, days.to)}. A number opens the visits to its shop.</p>}
      isWide
      send={null}
      busy={false}
      onSend={onClose}
      onClose={onClose}
    >
      {problem && <CardProblem problem={problem} onRetry={() => void reload()} />}
      {!value && !problem && <div role="status" aria-label="Counting" className="skeleton mt-4 h-40" />}
      {value && (
        <div className="mt-3">
          <FiguresTable
            caption="Shops visited"
            table={shopTable(value.shops, soughtOf(filters, days), false)}
          />
          <p className="mt-2 text-muted">{countWords(value.total, 'shop')}</p>
          <Pages {...value} page={page} onPage={setPage} />
        </div>
      )}
    </FormDialog>
  )
}
