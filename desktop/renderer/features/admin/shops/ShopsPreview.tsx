import { CircleAlert } from 'lucide-react'
import { readShopRow } from '#common/rules/shop-rows'
import { type Columns, rowsOf, type Table, targetWords, type ShopTarget } from './shop-columns.ts'
import { coordinatesWords } from './shop-values.ts'

const mostShown = 8

/** The first rows as the shops they would be, with what is wrong in its place. */
export function ShopsPreview({ table: { headers, rows }, columns }: { table: Table; columns: Columns }) {
  const shown = rowsOf({ headers, rows: rows.slice(0, mostShown) }, columns)
  return (
    <section aria-labelledby="shops-preview" className="rounded-lg border border-line">
      <h3 id="shops-preview" className="border-b border-line px-3.5 py-2 font-semibold">
        The first shops would be
      </h3>
      <ol>
        {shown.map((row) => {
          const { shop, problems } = readShopRow(row)
          const place = coordinatesWords(shop)
          return (
            <li key={row.row} className="border-b border-line px-3.5 py-2 last:border-0">
              <div className="flex items-baseline gap-3">
                <span className="min-w-0 flex-1 truncate font-[550]">
                  {shop.name || <span className="font-normal text-muted">No name</span>}
                </span>
                {shop.reference && (
                  <span className="shrink-0 truncate text-sm text-muted">{shop.reference}</span>
                )}
              </div>
              <div className="flex items-baseline gap-3 text-muted">
                <span className="min-w-0 flex-1 truncate" title={shop.address}>
                  {shop.address || 'No address'}
                </span>
                {place && <span className="shrink-0 text-sm tabular-nums">{place}</span>}
              </div>
              {problems.length > 0 && (
                <p className="mt-0.5 flex items-start gap-1.5 text-sm text-bad">
                  <CircleAlert aria-hidden size={13} className="mt-0.5 shrink-0" />
                  {problems
                    .map(({ field, message }) => `${targetWords[field as ShopTarget]}: ${message}`)
                    .join(' · ')}
                </p>
              )}
            </li>
          )
        })}
      </ol>
    </section>
  )
}
