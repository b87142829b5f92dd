import { ask } from '../../app/bridge.ts'
import { openVisits } from '../../app/workspace.ts'
import { countWords } from '../../ui/date-words.ts'
import type { Days } from '../../ui/periods.ts'
import { queryOf, soughtOf, unitOf, useFilters } from './analytics-filters.ts'
import { namesAxis, tooltip, valuesAxis } from './Chart.tsx'
import { ChartCard } from './ChartCard.tsx'
import { countCell, percentCell } from './figure-table.ts'
import { axisWords, percentWords, pointsOf, stepWords, unitWords } from './figure-words.ts'
import { useFigures } from './use-figures.ts'

/** More bars, or lines, than that are only in the table. */
const mostBars = 10
const mostLines = 6

/** How much of the shelf each brand has, and how that went over time. */
export function ShelfShareCards({ days }: { days: Days }) {
  const filters = useFilters()
  const { brand } = filters
  const unit = unitOf(days)
  const query = { ...queryOf(filters, days), ...(brand && { brandId: brand.id }), unit }
  const figures = useFigures(query, () => ask('analytics.shelfShare', query))
  const sought = { ...soughtOf(filters, days), status: 'completed' as const }
  return (
    <>
      <ChartCard
        title="Shelf share by brand"
        figures={figures}
        empty="No shelf was marked on a photo of these visits."
        isEmpty={({ photos, brands }) => photos === 0 || brands.length === 0}
        show={({ photos, brands, before }) => {
          const shown = brands.slice(0, mostBars)
          const list = ({ brandId: id, name }: (typeof brands)[number], { from, to }: Days = days) =>
            openVisits({ ...sought, from, until: to, brand: { id, name } })
          return {
            table: {
              head: ['Brand', 'Share', 'Before', 'Change'],
              rows: brands.map((each) => {
                const change = pointsOf(each.share, each.before)
                return {
                  key: each.brandId,
                  cells: [
                    each.name,
                    percentCell(each.share, () => list(each)),
                    percentCell(each.before, () => list(each, before)),
                    change ? `${change.way === 1 ? '+' : change.way === -1 ? '−' : ''}${change.words}` : '–',
                  ],
                }
              }),
            },
            note: `${countWords(photos, 'photo')} with marks${brands.length > mostBars ? ` · ${brands.length - mostBars} brands more in the table` : ''}`,
            chart: {
              label: `Shelf share: ${shown.map(({ name, share }) => `${name} ${percentWords(share)}`).join(', ')}`,
              height: Math.max(72, shown.length * 28 + 8),
              onPick: (index) => {
                const each = shown[index]
                if (each) list(each)
              },
              draw: (colours) => ({
                grid: { left: 4, right: 56, top: 4, bottom: 4, containLabel: true },
                xAxis: { type: 'value', min: 0, show: false },
                yAxis: {
                  ...namesAxis(
                    colours,
                    shown.map(({ name }) => name),
                  ),
                  inverse: true,
                  axisLabel: { color: colours.text, width: 110, overflow: 'truncate', fontSize: 12 },
                },
                tooltip: {
                  ...tooltip(colours),
                  trigger: 'item',
                  formatter: (item) => {
                    const each = shown[[item].flat()[0]!.dataIndex]!
                    return `${each.name}: ${percentWords(each.share)}\nbefore: ${percentWords(each.before)}`
                  },
                },
                series: [
                  {
                    type: 'bar',
                    barMaxWidth: 14,
                    showBackground: true,
                    backgroundStyle: { color: colours['surface-2'], borderRadius: 3 },
                    data: shown.map(({ share, colour }) => ({
                      value: share ?? 0,
                      itemStyle: { color: colour, borderRadius: 3 },
                    })),
                    label: {
                      show: true,
                      position: 'right',
                      color: colours.text,
                      fontSize: 12,
                      formatter: ({ dataIndex }) => percentWords(shown[dataIndex]?.share ?? null),
                    },
                  },
                ],
              }),
            },
          }
        }}
      />
      <ChartCard
        title={`Shelf share ${unitWords[unit]}`}
        figures={figures}
        empty="No shelf was marked on a photo of these visits."
        isEmpty={({ photos, brands }) => photos === 0 || brands.length === 0}
        show={({ points, brands }) => {
          const lines = brands.slice(0, mostLines)
          const shareOf = (point: (typeof points)[number], brandId: string) =>
            point.photos === 0 ? null : (point.shares.find((each) => each.brandId === brandId)?.share ?? 0)
          return {
            table: {
              head: ['Days', 'Photos', ...brands.slice(0, mostBars).map(({ name }) => name)],
              rows: points.map((point) => ({
                key: point.from,
                cells: [
                  stepWords(point),
                  countCell(point.photos, () =>
                    openVisits({ ...sought, from: point.from, until: point.to, marked: true }),
                  ),
                  ...brands.slice(0, mostBars).map(({ brandId, name }) =>
                    percentCell(shareOf(point, brandId), () =>
                      openVisits({
                        ...sought,
                        from: point.from,
                        until: point.to,
                        brand: { id: brandId, name },
                      }),
                    ),
                  ),
                ],
              })),
            },
            note: (
              <span aria-hidden className="flex flex-wrap gap-x-4 gap-y-1">
                {lines.map(({ brandId, name, colour }) => (
                  <span key={brandId} className="flex items-center gap-1.5">
                    <span className="size-2.5 rounded-full" style={{ background: colour }} /> {name}
                  </span>
                ))}
              </span>
            ),
            chart: {
              label: `Shelf share over time of ${lines.map(({ name }) => name).join(', ')}`,
              height: 220,
              onPick: (index, series) => {
                const [point, each] = [points[index], lines[series]]
                if (point && each)
                  openVisits({
                    ...sought,
                    from: point.from,
                    until: point.to,
                    brand: { id: each.brandId, name: each.name },
                  })
              },
              draw: (colours) => ({
                grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
                xAxis: {
                  ...namesAxis(
                    colours,
                    points.map((point) => axisWords(point, unit)),
                  ),
                  boundaryGap: points.length === 1,
                },
                yAxis: { ...valuesAxis(colours, { percent: true }), min: 0 },
                tooltip: {
                  ...tooltip(colours),
                  trigger: 'axis',
                  axisPointer: { lineStyle: { color: colours['line-strong'] } },
                  formatter: (items) => {
                    const point = points[[items].flat()[0]?.dataIndex ?? 0]
                    if (!point) return ''
                    return [
                      stepWords(point),
                      ...lines.map(
                        ({ brandId, name }) => `${name}: ${percentWords(shareOf(point, brandId))}`,
                      ),
                    ].join('\n')
                  },
                },
                series: lines.map(({ brandId, colour }) => ({
                  type: 'line' as const,
                  data: points.map((point) => shareOf(point, brandId)),
                  color: colour,
                  lineStyle: { width: 2 },
                  // Days without a photo say nothing; the line goes over them.
                  connectNulls: true,
                  symbol: 'circle',
                  showSymbol: points.length <= 45,
                  symbolSize: points.length === 1 ? 9 : 5,
                })),
              }),
            },
          }
        }}
      />
    </>
  )
}
